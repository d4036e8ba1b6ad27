"""The roles that a principal needs, by what it used: each of its own assignments is written anew, and then checked.

Of a role stay the reads and the actions on data, of which nobody tells whether they are used, and of the rest what the
activity log has.  The engine is asked again with the proposal in force: what was used is still allowed, what went is
allowed nowhere, and nothing new is.

Limits: as in `usage`.  What Azure checks beside a write (a network joined, an identity given out) leaves no line, so
it stays where the principal writes at all.  Left whole are assignments in management groups, whose other subscriptions
have logs of their own, those with a condition inside the role, eligible ones, and those of groups.  Azure refuses a
role that names an action which no resource provider has; names come from the log and from the role, and are not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scanners.access.azure.actions import Actions, provider
from scanners.access.azure.deciding import decide_at
from scanners.access.azure.places import Place, place
from scanners.access.azure.rights import steps
from scanners.access.azure.roles import Patterns, Permission, Role
from scanners.access.azure.standing import Assignment, Standing
from scanners.access.azure.usage import Usage
from scanners.access.explorer import Answer, Sized, SizedService
from scanners.model.globs import matches

IN_GROUPS = "what it holds through groups is shown, and is the group's to narrow"
ELIGIBLE = "what it may activate stays as it is"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"  # "Azure built-in roles", read 2026-11
READ, BESIDE = "read", ("join/action", "assign/action")  # beside: what Azure checks of things that a write names
LEAST = 30  # days: of a shorter time nothing is concluded


@dataclass(frozen=True, slots=True)
class Part:
    """One assignment, and what is proposed in its place; `kept` None: it stays as it is, because `why`."""

    assignment: Assignment
    used: dict[str, str]  # of what its role gives there, operation → last day
    kept: Role | None = None
    why: str = ""


def sized(on: Standing, usage: Usage, known: Actions, who: str, now: datetime) -> Sized:
    if on.unknown.grants:
        return Sized(None, "none", refused=f"not all of its assignments were read: {on.unknown.grants[0]}")
    shown = [
        _shown(one, on.roles.get(one.role), on.names.get(name, name) if number else "")
        for number, name in enumerate(on.of(who))
        for one in on.held.get(name, ())
    ]
    parts = [_part(one, on, usage, known, who) for one in on.held.get(who, ())]
    unseen = tuple(dict.fromkeys(_unseen(on, usage, who, parts)))
    if not shown:
        return Sized(None, "none", unseen=unseen)
    before = _possible(on, known, who, now)
    if not any(part.kept for part in parts):
        held = {"assignments": shown}
        return Sized(held, "none", unseen=unseen, before=len(before), after=len(before), now=held)
    return _checked(on, usage, known, who, now, parts, before, unseen, {"assignments": shown})


def _part(one: Assignment, on: Standing, usage: Usage, known: Actions, who: str) -> Part:
    role = on.roles.get(one.role)
    used = {name: day.text() for name, day in usage.by(who, one.scope).items()}
    if not isinstance(role, Role):
        return Part(one, used, why=f"the role {one.role} was not read, so it stays")
    used = {name: day for name, day in used.items() if role.gives(name, data=False)}
    if usage.days < LEAST:
        return Part(one, used, why="too little of what it used is known, so nothing is taken away")
    if steps(one.scope)[:1] != ["subscriptions"]:
        return Part(one, used, why=f"{role.name} on {one.level} holds in other subscriptions as well, so it stays")
    if any(part.condition is not None for part in role.permissions):
        return Part(one, used, why=f"the role {role.name} has conditions of its own, so it stays")
    kept = _narrowed(role, used, known)
    return Part(one, used, None if kept == role.permissions else replace(role, permissions=kept, _gives={}))


def _narrowed(role: Role, used: dict[str, str], known: Actions) -> tuple[Permission, ...]:
    """The same permissions with less of the control plane; what is subtracted stays subtracted."""
    kept = []
    for one in role.permissions:
        here = [name for name in used if one.covers(name, data=False)]
        texts = [text for told in one.actions.texts for text in _ending(told, READ)]
        if here:
            found = (text for told in one.actions.texts for verb in BESIDE for text in _ending(told, verb))
            texts += [text for text in found if _is_known(text.casefold(), known)]
        patterns = Patterns.told(texts)
        texts += [known.spelled.get(name, name) for name in here if not patterns.cover(name)]
        patterns = Patterns.told(texts)
        same = (patterns.names, patterns.wild) == (one.actions.names, one.actions.wild)
        kept.append(one if same else replace(one, actions=patterns))
    return tuple(one for one in kept if one.actions.texts or one.data.texts)


def _is_known(text: str, known: Actions) -> bool:
    return any(matches(text, name) for name in known.control)


def _ending(text: str, verb: str) -> Iterator[str]:
    """What of a pattern ends in a verb: as patterns that give nothing else."""
    above, _, last = text.rpartition("/")
    if text.casefold().endswith(f"/{verb}"):
        yield text
    elif text == "*":
        yield f"*/{verb}"
    elif last == "*":
        if "/" in above:
            yield f"{above}/{verb}"
        yield f"{above}/*/{verb}"
    elif last.endswith("*"):
        yield f"{text}/{verb}"
        if matches(last.casefold(), verb):
            yield f"{above}/{verb}"


def _checked(
    on: Standing, usage: Usage, known: Actions, who: str, now: datetime, parts: list[Part], before: frozenset[str],
    unseen: tuple[str, ...], today: dict[str, Any],
) -> Sized:  # fmt: skip
    document, proposed = _proposed(on, parts, who)
    after = _possible(proposed, known, who, now)
    gone = before - after
    asked, sound = len(gone), after <= before
    for part in parts:
        at = place(part.assignment.scope, any=True)
        for name in part.used if part.kept else ():
            asked += 1
            was, becomes = (_control(one, who, name, at, now) for one in (on, proposed))
            sound &= was is becomes
    confidence = "medium" if usage.days and not usage.unread and not usage.nameless else "low"
    return Sized(
        document if sound and document["assignments"] else None,
        confidence,
        tuple(_services(parts, gone)),
        unseen,
        "" if sound else "the engine does not find the proposal sound",
        len(before),
        len(after),
        len(gone),
        (asked, sound),
        today,
    )


def _control(on: Standing, who: str, name: str, at: Place, now: datetime) -> Answer:
    return decide_at(on, who, name, at, now, data=False).read


def _possible(on: Standing, known: Actions, who: str, now: datetime) -> frozenset[str]:
    """Every action that is named somewhere and that it may, surely or perhaps, do in the subscription."""
    roles = {one.role for name in on.of(who) for table in (on.held, on.eligible) for one in table.get(name, ())}
    mine = [role for one in roles if isinstance(role := on.roles.get(one), Role)]
    whole = place(f"/subscriptions/{on.account}", any=True)
    return frozenset(
        known.spelled[name]
        for name, data in known.names()
        if any(role.gives(name, data=data) for role in mine)
        and decide_at(on, who, name, whole, now, data=data).possible
    )


def _proposed(on: Standing, parts: list[Part], who: str) -> tuple[dict[str, Any], Standing]:
    """(the roles and the assignments, the account as it would stand)"""
    roles: dict[str, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    changed = on.without(part.assignment for part in parts if part.kept)
    for number, part in enumerate(parts, start=1):
        if part.kept is None:
            rows.append(_shown(part.assignment, on.roles.get(part.assignment.role), ""))
        elif part.kept.permissions:
            name = "Reader" if _only_reads(part.kept) else f"{part.kept.name} as {who[:8]} uses it {number}"
            if name != "Reader":
                roles[name] = _definition(name, part)
            rows.append({**_shown(part.assignment, None, ""), "role": name})
            id = f"proposed {number}"
            changed = replace(changed, roles={**changed.roles, id: part.kept}, memo={})
            changed = changed.given(replace(part.assignment, role=id))
    return {"assignments": rows, **({"roles": list(roles.values())} if roles else {})}, changed


def _only_reads(role: Role) -> bool:
    """Whether it is what the role Reader is, and nothing is subtracted from it."""
    texts = [(one.actions.texts, one.data.texts) for one in role.permissions]
    less = [text for one in role.permissions for text in one.less.names | set(one.less.wild)]
    return texts == [(("*/read",), ())] and not any(matches(text, "any.provider/kind/read") for text in less)


def _definition(name: str, part: Part) -> dict[str, Any]:
    """A custom role; it may be assigned in a resource group or above, and not on one resource."""
    role = part.kept
    held = [
        {
            "actions": list(one.actions.texts),
            "notActions": list(one.less.texts),
            "dataActions": list(one.data.texts),
            "notDataActions": list(one.less_data.texts),
        }
        for one in (role.permissions if role else ())
    ]
    scope = "/".join(part.assignment.told.split("/")[:5])
    return {"roleName": name, "assignableScopes": [scope], "permissions": held}


def _services(parts: list[Part], gone: frozenset[str]) -> Iterator[SizedService]:
    used: dict[str, dict[str, str]] = {}
    for part in parts:
        for name, day in part.used.items():
            row = used.setdefault(provider(name), {})
            row[name] = max(row.get(name, ""), day)
    lost: dict[str, list[str]] = {}
    for name in gone:
        lost.setdefault(provider(name), []).append(name)
    for name in sorted({*used, *lost}):
        days = used.get(name, {})
        yield SizedService(
            name, max(days.values(), default=None), "action", tuple(sorted(days)), (), tuple(sorted(lost.get(name, ())))
        )


def _unseen(on: Standing, usage: Usage, who: str, parts: list[Part]) -> Iterator[str]:
    if usage.unread:
        yield f"what it used is known for {usage.days} days back: {usage.unread[0]}"
    yield from (part.why for part in parts if part.why)
    if any(part.kept for part in parts):
        yield "what was only read, and what was done to data, leaves no line in the activity log: that stays"
        yield f"what is done less often than every {usage.days} days looks unused"
        if any(part.kept and part.used for part in parts):
            yield "what Azure checks beside a write (join, assign) leaves no line either: it stays where it writes"
    if usage.nameless:
        yield f"{usage.nameless} people in the activity log have no object id there, so what they did counts for nobody"
    if any(on.held.get(name) for name in on.of(who)[1:]):
        yield IN_GROUPS
    if any(on.eligible.get(name) for name in on.of(who)):
        yield ELIGIBLE


def _shown(one: Assignment, role: Role | str | None, group: str) -> dict[str, Any]:
    name = role.name if isinstance(role, Role) else one.role
    condition = {"condition": one.condition} if one.condition else {}
    return {"scope": one.told, "role": name, **condition, **({"through": group} if group else {})}
