"""Who may sign in, what they may do, and the groups of accounts they are given."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from posture.actions import accounts as account_actions
from posture.actions import people as actions
from posture.forms.people import GroupForm, InviteForm, NameForm, PersonForm
from posture.models import Person
from posture.queries import people
from posture.runtime.mistakes import Mistake
from posture.views.request import MemberRequest


def page(request: MemberRequest) -> HttpResponseBase:
    everybody = list(people.people(request.user))
    active = [person for person in everybody if person.is_active]
    context = {"people": everybody, "groups": people.groups(request.user), "active": len(active)}
    context["admins"] = sum(person.role == Person.Role.ADMIN for person in active)
    return render(request, "people/list.html", context)


def invite(request: MemberRequest) -> HttpResponseBase:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.invite(**form.cleaned_data)
        except Mistake as mistake:
            form.add_error("email", str(mistake))
        else:
            return _let_in(request, person)
    return render(request, "people/invite.html", {"nav": "people", "form": form})


def link(request: MemberRequest, person: int) -> HttpResponseBase:
    """Another link, for somebody who lost theirs or forgot their password."""
    found = get_object_or_404(people.people(request.user), pk=person, is_active=True)
    return _let_in(request, found)


def _let_in(request: MemberRequest, person: Person) -> HttpResponseBase:
    """By letter where there is a mail server; else the link is shown, this once, and stored nowhere."""
    if settings.EMAIL_HOST:
        letter = ResetPasswordForm({"email": person.email})
        if letter.is_valid():
            letter.save(request)
        messages.success(request, f"A letter with a link to set a password is on its way to {person.email}.")
        return redirect("person", person=person.pk)
    uid, key = actions.way_in(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    return render(
        request, "people/link.html", {"nav": "people", "person": person, "link": request.build_absolute_uri(path)}
    )


def detail(request: MemberRequest, person: int) -> HttpResponseBase:
    found = get_object_or_404(people.people(request.user), pk=person)
    form = PersonForm(request.POST or None, person=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(person=found, **form.cleaned_data)
        except Mistake as mistake:
            form.add_error("role", str(mistake))
        else:
            messages.success(request, "Saved.")
            return redirect("people")
    return render(request, "people/detail.html", {"person": found, "form": form})


def deactivate(request: MemberRequest, person: int) -> HttpResponseBase:
    found = get_object_or_404(people.people(request.user), pk=person)
    try:
        actions.deactivate(person=found)
    except Mistake as mistake:
        messages.error(request, str(mistake))
    return redirect("person", person=found.pk)


def reactivate(request: MemberRequest, person: int) -> HttpResponseBase:
    found = get_object_or_404(people.people(request.user), pk=person)
    actions.reactivate(person=found)
    return redirect("person", person=found.pk)


def you(request: MemberRequest) -> HttpResponseBase:
    """What everybody may see and change of themselves."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        actions.rename(person=request.user, name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("you")
    groups = request.user.account_groups.order_by("name")
    return render(request, "people/you.html", {"form": form, "groups": groups})


def group(request: MemberRequest, group: int | None = None) -> HttpResponseBase:
    """A new group, or one that is there: its name, its people, and accounts that move into it."""
    found = get_object_or_404(people.groups(request.user), pk=group) if group else None
    form = GroupForm(request.POST or None, group=found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = account_actions.name_group(name=form.cleaned_data["name"], group=found)
        except Mistake as mistake:
            form.add_error("name", str(mistake))
        else:
            if found:
                given = {name: form.cleaned_data[name] for name in ("accounts", "people")}
                account_actions.fill_group(group=saved, **given)
                messages.success(request, "Saved.")
            return redirect("people") if found else redirect("group", group=saved.pk)
    held = found.accounts.order_by("name") if found else ()
    return render(request, "people/group.html", {"nav": "people", "form": form, "group": found, "accounts": held})
