"""The roles that a principal needs on the project: what it used, by the smallest roles that hold it; then checked.

Of each of its own bindings on the project stay the permissions that were used and those that are likely to be needed.
They are held by predefined roles where those hold little more, else by a custom role.  The engine is asked again with
the proposal in force: what was used is still allowed, what went is allowed nowhere, and nothing new is.

Limits: use is known of bindings on the project alone; those on single resources, on folders and of groups stay as they
are.  Some permissions cannot stand in custom roles; which is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scanners.access.explorer import Answer, Sized, SizedService, Target, Via, Written
from scanners.access.gcp.deciding import NONE, Change, Deciding
from scanners.access.gcp.holding import given, weighed
from scanners.access.gcp.members import is_set, member_of
from scanners.access.gcp.roles import Role, service_of
from scanners.access.gcp.statements import ALLOW, Statement
from scanners.access.gcp.usage import Usage, Used, usage_of
from scanners.access.truth import YES

MOST_ROLES, SPARE = 3, 2  # how many predefined roles, and how many times as many permissions as were used
Permissions = frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One binding of the principal on the project, and what of it stays."""

    statement: Statement
    role: Role
    used: Used | None
    kept: Permissions

    @property
    def went(self) -> Permissions:
        return self.role.held - self.kept


def sized(deciding: Deciding, key: str) -> Sized:
    own = [one for one in deciding.tree.project.allows if key in one.members]
    if refused := _refused(deciding, key, own):
        return Sized(None, "none", refused=refused)
    if not own:
        return Sized(None, "none", unseen=tuple(_elsewhere(deciding, key)))
    usage = usage_of(deciding.tree.project)
    parts = [_part(one, usage, key, deciding) for one in own]
    now = {"bindings": [_as_written(one, key) for one in own]}
    unseen = (*_unseen(parts, usage), *_elsewhere(deciding, key))
    if all(part.used is None for part in parts):
        count = len(frozenset[str]().union(*(part.role.held for part in parts)))
        return Sized(now, "none", tuple(_services(parts, frozenset())), unseen, before=count, after=count, now=now)
    document, statements = _proposed(deciding, key, parts)
    return _checked(deciding, key, parts, document, statements, unseen, now)


def _refused(deciding: Deciding, key: str, own: list[Statement]) -> str:
    if is_set(key) and not key.startswith("group:"):
        return "it stands for many, and what each of them uses is not known"
    if deciding.tree.project.unread:
        return f"not all of its bindings were read: {deciding.tree.project.unread[0]}"
    unread = next((one.role.unread for one in own if one.role and one.role.unread), "")
    return f"what it holds is not known: {unread}" if unread else ""


def _part(one: Statement, usage: Usage, key: str, deciding: Deciding) -> Part:
    role = one.role or Role("")
    used = usage.of.get((key, role.name))
    if used is None:
        return Part(one, role, None, role.held)
    instead = frozenset[str]().union(*(deciding.roles[name].held for name in used.instead))
    return Part(one, role, used, role.held & (used.exercised | used.inferred | instead))


def _proposed(deciding: Deciding, key: str, parts: list[Part]) -> tuple[dict[str, Any], list[Statement]]:
    """(the bindings and custom roles, the same as statements); bindings of one condition are sized together."""
    rows, customs, statements = list[Any](), list[Any](), list[Statement]()
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(repr(part.statement.expression), []).append(part)
    for group in groups.values():
        whole = [part for part in group if part.used is None]
        needed = frozenset[str]().union(*(part.kept for part in group if part.used))
        allowed = frozenset[str]().union(*(part.role.held for part in group))
        needed -= frozenset[str]().union(*(part.role.held for part in whole))
        chosen = _covering(deciding.roles.predefined(), needed, allowed)
        held = [(part.role.name, part.role.held) for part in whole]
        if chosen is not None:
            held += [(role.name, role.held) for role in chosen]
        else:
            name = f"projects/{deciding.estate.account}/roles/{_custom_name(key)}{len(customs) + 1 if customs else ''}"
            customs.append({"name": name, "includedPermissions": sorted(needed)})
            held.append((name, needed))
        for name, permissions in dict(held).items():
            rows.append(_row(name, key, group[0].statement))
            statements.append(_statement(name, permissions, key, group[0].statement))
    return {"bindings": rows, **({"roles": customs} if customs else {})}, statements


def _covering(roles: Iterable[Role], needed: Permissions, allowed: Permissions) -> list[Role] | None:
    """Few roles that hold all that is needed, nothing that is not allowed, and little more; None: there are none.

    What they hold is less than half of what is allowed, or just what is needed.
    """
    candidates = [role for role in roles if role.held <= allowed and role.held & needed]
    chosen: list[Role] = []
    left = needed
    while left and len(chosen) < MOST_ROLES:
        best = max(candidates, key=lambda role: (len(role.held & left), -len(role.held), role.name), default=None)
        if best is None or not best.held & left:
            return None
        chosen.append(best)
        left -= best.held
    held = frozenset[str]().union(*(role.held for role in chosen))
    small = held == needed or len(allowed) >= 2 * len(held)
    return chosen if not left and small and len(held) <= SPARE * len(needed) else None


def _custom_name(key: str) -> str:
    name = "".join(one if one.isalnum() else "_" for one in key.partition(":")[2].partition("@")[0])
    return f"used_by_{name}"[:60]


def _row(role: str, key: str, like: Statement) -> dict[str, Any]:
    row: dict[str, Any] = {"role": role, "members": [member_of(key)]}
    if like.expression is not None:
        row["condition"] = {"title": like.title, "expression": like.expression}
    return row


def _as_written(one: Statement, key: str) -> dict[str, Any]:
    return _row(one.role.name if one.role else "", key, one)


def _statement(name: str, permissions: Permissions, key: str, like: Statement) -> Statement:
    via = Via(ALLOW, "Allow", Written(name, None, like.written.ref, level=like.level), name)
    return Statement(ALLOW, like.level, via, (key,), expression=like.expression, title=like.title, on=permissions)


def _checked(
    deciding: Deciding,
    key: str,
    parts: list[Part],
    document: dict[str, Any],
    statements: list[Statement],
    unseen: tuple[str, ...],
    now: dict[str, Any],
) -> Sized:
    change = Change(frozenset((id(part.statement), key) for part in parts), tuple(statements))
    _, before, _ = weighed(deciding, key, given(deciding, key, NONE))
    _, after, _ = weighed(deciding, key, given(deciding, key, change))
    asked, sound = 0, after <= before
    home = Target(deciding.tree.project.ref, deciding.tree.project.name, deciding.tree.project.kind)
    for permission in sorted(
        frozenset[str]().union(*(part.used.exercised & part.role.held for part in parts if part.used))
    ):
        asked += 1
        was, becomes = (deciding.decide(key, permission, home, one).read for one in (NONE, change))
        sound &= was is becomes
    removed = before - after
    for permission in sorted(removed):
        asked += 1
        sound &= deciding.decide(key, permission, home, change).read is Answer.DENIED
    return Sized(
        document if sound else None,
        _confidence(parts),
        tuple(_services(parts, removed)),
        unseen,
        "" if sound else "the engine does not find the proposal sound",
        len(before),
        len(after),
        len(removed),
        (asked, sound),
        now,
    )


def _confidence(parts: list[Part]) -> str:
    if any(part.used and part.used.by == "role" for part in parts):
        return "low"
    if any(part.used is None or part.used.inferred & part.role.held for part in parts):
        return "medium"
    return "high"


def _services(parts: list[Part], removed: Permissions) -> Iterator[SizedService]:
    used = frozenset[str]().union(*(part.used.exercised & part.role.held for part in parts if part.used))
    kept = frozenset[str]().union(*(part.kept for part in parts)) - used
    by_role = {service_of(one) for part in parts if part.used and part.used.by == "role" for one in part.role.held}
    told = {service_of(one) for part in parts if part.used and part.used.by == "action" for one in part.role.held}
    for name in sorted({service_of(one) for one in (*used, *kept, *removed)}):
        mine = [tuple(sorted(one for one in some if service_of(one) == name)) for some in (used, kept, removed)]
        seen = "action" if name in told else "role" if name in by_role else ""
        yield SizedService(name, None, seen, mine[0], mine[1], mine[2])


def _unseen(parts: list[Part], usage: Usage) -> Iterator[str]:
    yield from usage.unread
    for part in parts:
        if part.used is None:
            yield f"what it used of {part.role.name} is not known, so that stays whole"
        elif part.used.by == "role":
            yield f"of {part.role.name} it is known only that the recommender would take it away"
        elif part.used.inferred & part.role.held:
            yield f"of {part.role.name} stays what was not used and is likely to be needed"
    if days := max((part.used.days for part in parts if part.used), default=0):
        yield f"what is done less often than every {days} days looks unused"


def _elsewhere(deciding: Deciding, key: str) -> Iterator[str]:
    """What it holds by bindings that are not its own on the project."""
    others = 0
    for level in deciding.levels_of(key):
        for statement, belongs in deciding.entries(key, level, deciding.private(level)):
            if key not in statement.members:
                others += belongs.truth == YES
            elif level is not deciding.tree.project:
                name = statement.role.name if statement.role else statement.via.place
                yield f"what it used of {name} on {level.name} is not known"
    if others:
        yield f"what it holds as one of many ({others} bindings of groups, domains or everybody) stays as it is"
