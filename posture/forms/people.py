"""Inviting and changing people, and the groups they are given."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from posture.models import Account, AccountGroup, Person


class PersonForm(forms.Form):
    name = forms.CharField(max_length=100, required=False)
    role = forms.ChoiceField(choices=Person.Role.choices, widget=forms.RadioSelect, initial=Person.Role.VIEWER)
    groups = forms.ModelMultipleChoiceField(
        AccountGroup.objects.none(),
        label="Account groups",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They see the accounts of these groups. Admins see all.",
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        if person:
            given = person.account_groups.all()
            kwargs["initial"] = {"name": person.name, "role": person.role, "groups": given}
        super().__init__(*args, **kwargs)
        groups = cast("forms.ModelMultipleChoiceField[AccountGroup]", self.fields["groups"])
        groups.queryset = AccountGroup.objects.order_by("name")


class InviteForm(PersonForm):
    email = forms.EmailField(label="Email address", help_text="They sign in with it.")
    field_order = ["email", "name", "role", "groups"]


class NameForm(forms.Form):
    """The one thing that people change of themselves here."""

    name = forms.CharField(label="Your name", max_length=100, required=False, help_text="How others see you.")


class GroupForm(forms.Form):
    """A group's name; and, of one that is there, who is given it and which accounts move into it."""

    name = forms.CharField(label="Name of the group", max_length=100)
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, help_text="Admins see all accounts."
    )
    accounts = forms.ModelMultipleChoiceField(
        Account.objects.none(),
        label="Move accounts here",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="An account is in exactly one group: it leaves the one that it is in.",
    )

    def __init__(self, *args: Any, group: AccountGroup | None = None, **kwargs: Any) -> None:
        if group:
            kwargs["initial"] = {"name": group.name, "people": group.people.all()}
        super().__init__(*args, **kwargs)
        if group is None:
            del self.fields["people"], self.fields["accounts"]
            return
        people = cast("forms.ModelMultipleChoiceField[Person]", self.fields["people"])
        accounts = cast("forms.ModelMultipleChoiceField[Account]", self.fields["accounts"])
        people.queryset = Person.objects.order_by("email")
        accounts.queryset = Account.objects.exclude(group=group).order_by("name")
