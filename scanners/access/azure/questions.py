"""A question about Azure as one line of JSON: an estate is made of what it says, and the engine asked.

The form is described in docs/access.md.  Strictly, what is not given is not there; in discovery it is not known.  A
role that is assigned and not defined is never taken to hold nothing: where it could decide, strictly, that is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from scanners.access.azure.actions import graph_permission, is_of_directory
from scanners.access.azure.comparing import NotComparable, moment
from scanners.access.azure.engine import AzureEngine, Request
from scanners.access.azure.places import LONGEST
from scanners.access.azure.principals import KINDS
from scanners.access.azure.rights import (
    ASSIGNMENT,
    DEFINITION,
    DENIAL,
    ELIGIBLE,
    ELIGIBLE_GROUP,
    GROUP,
    MEMBERS,
    RESOURCE,
    steps,
)
from scanners.access.azure.roles import Role
from scanners.access.explorer import Answer, Decided, NotFound, Principal
from scanners.access.lines import (
    NotUnderstood,
    Question,
    Written,
    is_strict,
    lists_of_texts,
    maybe,
    need,
    objects,
    texts,
    written,
)
from scanners.model import Gap, Resource, State, Unit
from scanners.model.estate import Estate

SILENT = "assignments"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the clock where no time is told: conditions then do not read it
NOW = "environment[utcnow]"
EVERYWHERE = "00000000-0000-0000-0000-000000000000"
Groups = dict[str, set[str]]


def answer(question: Question) -> Written:
    """Without the id.  Raises NotUnderstood."""
    strict = is_strict(question)
    asked = need(question, "request", dict)
    ref = _scope(asked, "resource", "request.")
    context = _context(maybe(asked, "context", dict, at="request.") or {})
    told = context.pop(NOW, None)
    data = maybe(asked, "data", bool, at="request.")
    rows, gaps = _rows(question, strict=strict)
    low = steps(ref)
    account = low[1] if low[:1] == ["subscriptions"] and len(low) > 1 else "none"
    estate = Estate(account, _time(told), lambda kind: [row for row in rows if row.kind == kind], gaps)
    engine = AzureEngine(estate, Request(context, data, told is not None, strict))
    action = need(asked, "action", str, at="request.")
    if is_of_directory(action) or graph_permission(action):
        raise NotUnderstood("request.action is of the directory, whose roles have no place in a question")
    try:
        action, target = engine.action(action), engine.target(ref)
    except NotFound as why:
        raise NotUnderstood(str(why)) from None
    decided = engine.decide(_principal(asked), action, target)
    if strict and decided.answer is Answer.UNKNOWN:
        _roles_are_defined(engine, decided)
    return written(decided, strict=strict, silent=SILENT)


def _principal(asked: Question) -> Principal:
    who = need(asked, "principal", str, at="request.").strip()
    if not who or "/" in who:
        raise NotUnderstood("request.principal is no object id")
    kind = maybe(asked, "principalType", str, at="request.") or ""
    return Principal(who, who, KINDS.get(kind.casefold(), "principal"))


def _scope(told: Question, key: str, at: str) -> str:
    scope = need(told, key, str, at=at)
    if not scope.startswith("/") or len(scope) > LONGEST:
        raise NotUnderstood(f"{at}{key} is no id as /subscriptions/… is")
    return str(scope)


def _context(told: Question) -> dict[str, tuple[str, ...]]:
    """By attribute, as conditions name it: "@Resource[…:name]", with or without the sign; in any case of letters."""
    found = {}
    for key, value in told.items():
        several = value if isinstance(value, list) else [value]
        if not all(isinstance(one, (str, bool, int, float)) for one in several):
            raise NotUnderstood(f"context {key[:80]} is neither a text, a number, true, false nor a list of those")
        found[key.strip().removeprefix("@").casefold()] = tuple(
            str(one).casefold() if isinstance(one, bool) else str(one) for one in several
        )
    return found


def _time(told: tuple[str, ...] | None) -> datetime:
    try:
        return moment(told[0]) if told else LONG_AGO
    except NotComparable as why:
        raise NotUnderstood(f"context Environment[UtcNow]: {why}") from None


def _rows(question: Question, *, strict: bool) -> tuple[list[Resource], dict[str, tuple[Gap, ...]]]:
    """(what the line says, by kind what it leaves open)"""
    groups = {name.casefold(): {one.casefold() for one in members}
              for name, members in (lists_of_texts(question, "groups") or {}).items()}  # fmt: skip
    roles, named = _definitions(question)
    rows = list(roles)
    make: tuple[tuple[str, str, Callable[[Question, str], Question]], ...] = (
        ("assignments", ASSIGNMENT, partial(_assignment, named, groups, strict)),
        ("eligible", ELIGIBLE, partial(_assignment, named, groups, strict)),
        ("denials", DENIAL, partial(_denial, groups, strict)),
    )
    gaps: dict[str, tuple[Gap, ...]] = {}
    for section, kind, one in make:
        if question.get(section) is None and not strict:
            gaps[kind] = (_gap(section),)
        for number, told in enumerate(objects(question, section), 1):
            told = one(told, f"{section} {number}: ")
            rows.append(_row(kind, f"/{section}/{number}", {RESOURCE: {"properties": told}}))
    for name in _mentioned(rows) | groups.keys() if strict else groups:
        members = [{"id": one} for one in sorted(_everybody_in(name, groups))]
        rows.append(_row(GROUP, f"/groups/{name.replace('/', ' ')}", {RESOURCE: {"id": name}, MEMBERS: members}))
    if not strict:
        gaps |= {GROUP: (_gap("groups"),), ELIGIBLE_GROUP: (_gap("groups"),)}
    return rows, gaps


def _definitions(question: Question) -> tuple[list[Resource], dict[str, str]]:
    """(roles, ids by name in small letters)"""
    rows, named = [], {}
    for number, one in enumerate(objects(question, "definitions"), 1):
        at = f"definitions {number}: "
        id_, name = (maybe(one, key, str, at) for key in ("id", "name"))
        if not (id_ or name):
            raise NotUnderstood(f"{at}it has neither id nor name")
        permissions = objects(one, "permissions", at)
        for each in permissions:
            _permission(each, at)
        key = _last(id_) if id_ else _plain(name)
        named[(name or key).casefold()] = key
        told = {"roleName": name or key, "type": "CustomRole", "permissions": permissions}
        rows.append(_row(DEFINITION, f"/providers/{DEFINITION}/{key}", {RESOURCE: {"properties": told}}))
    return rows, named


def _last(id_: str) -> str:
    return id_.rstrip("/").rpartition("/")[2].casefold()


def _plain(name: str) -> str:
    """A name in place of an id."""
    return name.replace("/", " ").casefold()


def _permission(told: Question, at: str) -> None:
    for key in ("actions", "notActions", "dataActions", "notDataActions"):
        texts(told, key, at)
    maybe(told, "condition", str, at)


def _assignment(named: dict[str, str], groups: Groups, strict: bool, told: Question, at: str) -> Question:
    id_, name = (maybe(told, key, str, at) for key in ("roleDefinitionId", "role"))
    if not (id_ or name):
        raise NotUnderstood(f"{at}it has neither roleDefinitionId nor role")
    who = need(told, "principalId", str, at=at)
    return {
        **told,
        "roleDefinitionId": _last(id_) if id_ else named.get(name.casefold(), _plain(name)),
        "principalId": who,
        "scope": _scope(told, "scope", at),
        "principalType": _type(maybe(told, "principalType", str, at), who, groups, strict),
        "condition": maybe(told, "condition", str, at),
    }


def _type(told: str | None, who: str, groups: Groups, strict: bool) -> str | None:
    """Of whom nobody told what it is: a group if it is listed as one, and in discovery perhaps one."""
    if told is None and who != EVERYWHERE and (who.casefold() in groups or not strict):
        return "Group"
    return told


def _denial(groups: Groups, strict: bool, told: Question, at: str) -> Question:
    permissions = told.get("permissions")
    several = {"permissions": [permissions] if isinstance(permissions, dict) else permissions}
    for each in objects(several, "permissions", at):
        _permission(each, at)
    return {
        **told,
        **several,
        "scope": _scope(told, "scope", at),
        "principals": list(_meant(told, "principals", groups, strict, at)),
        "excludePrincipals": list(_meant(told, "excludePrincipals", groups, strict, at)),
        "doNotApplyToChildScopes": maybe(told, "doNotApplyToChildScopes", bool, at),
        "condition": maybe(told, "condition", str, at),
        "denyAssignmentName": maybe(told, "denyAssignmentName", str, at) or maybe(told, "name", str, at),
    }


def _meant(told: Question, key: str, groups: Groups, strict: bool, at: str) -> Iterator[Question]:
    """Object ids, or objects with one."""
    for one in maybe(told, key, list, at) or []:
        row = {"id": one} if isinstance(one, str) else one
        if not isinstance(row, dict):
            raise NotUnderstood(f"{at}{key} is not a list of object ids")
        who = need(row, "id", str, at=f"{at}a principal's ")
        yield {"id": who, "type": _type(maybe(row, "type", str, at), who, groups, strict)}


def _mentioned(rows: list[Resource]) -> set[str]:
    """Groups that hold something, or are denied it."""
    found = set()
    for row in rows:
        told = row.documents[RESOURCE]["properties"]
        if told.get("principalType") == "Group":
            found.add(told["principalId"].casefold())
        for one in (*told.get("principals", ()), *told.get("excludePrincipals", ())):
            if one["type"] == "Group":
                found.add(one["id"].casefold())
    return found


def _everybody_in(name: str, groups: Groups) -> set[str]:
    """Members, and members of groups among them."""
    found, waiting = set[str](), [name]
    while waiting:
        for one in groups.get(waiting.pop(), set()) - found:
            found.add(one)
            waiting.append(one)
    return found


def _roles_are_defined(engine: AzureEngine, decided: Decided) -> None:
    """Those that could turn the answer.  Raises NotUnderstood."""
    for one in engine.standing.assignments():
        missing = not isinstance(engine.standing.roles.get(one.role), Role)
        if missing and f"the role {one.role} was not read" in decided.unknown_because:
            raise NotUnderstood(f"the role {one.role[:120]} is assigned and not listed under definitions")


def _row(kind: str, ref: str, sections: dict[str, Any]) -> Resource:
    return Resource(kind, ref, ref.rpartition("/")[2], "", Unit("", ""), sections, dict.fromkeys(sections, "the line"))


def _gap(section: str) -> Gap:
    return Gap(section, "", State.SKIPPED, "not given", "")
