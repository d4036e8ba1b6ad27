"""Who may do what: the explorer, ways to administrators, and what changed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponseBase
from django.shortcuts import render

from posture.models import Account
from posture.queries import (
    access,
    access_across,
    access_changes,
    access_held,
    access_paths,
    access_records,
    access_shown,
    estates,
)
from posture.queries.access import Asking
from posture.queries.moments import NoSuchMoment
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, as_of
from scanners.access.explorer import NotFound, Principal

LONGEST = 2048  # of an id
QUESTION = ("principal", "action", "resource")


def page(request: MemberRequest) -> HttpResponseBase:
    """One form; which question it is follows from what is filled in."""
    context = _context(request)
    if asked := context["asked"]:
        try:
            context |= _answered(asked, context["question"])
        except NotFound as wrong:
            context["mistake"] = str(wrong)
        if "answer" not in context and "mistake" not in context:
            context["principals"] = access_shown.principals(asked)
        context["suggested"] = access_shown.suggestions(asked)
        context["actions"] = access_shown.actions(asked, context["question"]["action"])
        context["often"] = next(iter(asked.explorer.often()), "")
    return render(request, "access/page.html", context)


def paths(request: MemberRequest) -> HttpResponseBase:
    context = _context(request)
    if asked := context["asked"]:
        try:
            context |= access_paths.shown(asked, _text(request, "from"), _text(request, "to"))
        except NotFound as wrong:
            context["mistake"] = str(wrong)
        context["suggested"] = access_shown.suggestions(asked)
    return render(
        request, "access/paths.html", context | {"origin": _text(request, "from"), "goal": _text(request, "to")}
    )


def across(request: MemberRequest) -> HttpResponseBase:
    """Over all accounts together, so none is chosen."""
    origin = _text(request, "from")
    context: dict[str, Any] = {"accounts": access.accounts(request.user), "origin": origin}
    try:
        context |= access_across.shown(request.user, as_of(request), origin)
    except NotFound as wrong:
        context["mistake"] = str(wrong)
    except estates.NotScanned:
        pass
    return render(request, "access/across.html", context)


def changes(request: MemberRequest) -> HttpResponseBase:
    context = _accounts(request)
    if account := context["account"]:
        try:
            context |= access_changes.shown(request.user, account, _text(request, "from"), _text(request, "to"))
        except NoSuchMoment:
            raise BadRequest("from and to are times or scans") from None
    return render(request, "access/changes.html", context)


def actions(request: MemberRequest) -> HttpResponseBase:
    """What may be meant by the beginning of an action's name."""
    asked = _asked(request, _accounts(request)["account"])
    found = access_shown.actions(asked, _text(request, "action")) if asked else []
    return render(request, "access/_actions.html", {"actions": found})


def _accounts(request: MemberRequest) -> dict[str, Any]:
    """Those that can be asked about, and the one that is meant."""
    mine = access.accounts(request.user)
    chosen = accounts_chosen(request)
    account = next((one for one in mine if not chosen or one.pk in chosen), None)
    return {"accounts": mine, "account": account}


def _context(request: MemberRequest) -> dict[str, Any]:
    context = _accounts(request)
    question = {name: _text(request, name) for name in QUESTION}
    return context | {"asked": _asked(request, context["account"]), "question": question}


def _asked(request: MemberRequest, account: Account | None) -> Asking | None:
    try:
        return access.asking(request.user, account, as_of(request)) if account else None
    except estates.NotScanned:
        return None


def _answered(asked: Asking, question: dict[str, str]) -> dict[str, Any]:
    """Raises NotFound."""
    who, action, resource = (question[name] for name in QUESTION)
    if not any(question.values()):
        return {}
    if not action and not who:
        such = next(iter(asked.explorer.often()), "one in full")
        raise NotFound(f"Say which action is meant, such as {such}, or which principal.")
    if not action:
        return {"answer": "can", **_can(asked, asked.principal(who))}
    action = asked.explorer.action(action)
    on = asked.target(resource)
    shown = {"action": action, "target": on, "known": asked.explorer.known(action)}
    if not who:
        found = access.can(asked, action, on, access_shown.MOST_ROWS)
        return shown | {"answer": "who_can", **access_shown.who_can(asked, found)}
    explained = asked.explorer.explain(asked.principal(who), action, on)
    record = access_records.explained(asked, explained)
    return shown | {"answer": "explain", "record": record, "layers": access_shown.layers(asked, explained)}


def _can(asked: Asking, who: Principal) -> dict[str, Any]:
    found = {"who": who, "stored": access.resource_of(asked, who)}
    if (kept := access_held.held(asked, who)) is None:
        return found | {"held": None}
    held, since = kept
    return found | {"held": held, "since": since, "table": access_shown.columns(held)}


def _text(request: MemberRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:LONGEST]
