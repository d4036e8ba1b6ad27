"""The decision: denials first, then the sum of what is assigned, then what could be activated.

What was not read is weighed by what it could change: denials and memberships that might forbid, grants and memberships
that might allow.  A denial that surely holds, without condition, decides whatever else is unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scanners.access.azure.conditions import Facts, Left, both, either, turned, weighed
from scanners.access.azure.places import Place, place
from scanners.access.azure.rights import EVERYONE, MANAGEMENT
from scanners.access.azure.roles import Role
from scanners.access.azure.standing import Assignment, Denial, Standing, unread_role, via, via_denial
from scanners.access.explorer import Answer, Decided, Via
from scanners.access.truth import MAYBE, NO, YES

NONE = Left(YES)
NOTHING_ALLOWS = Decided(Answer.DENIED, Answer.DENIED, blocked_by="assignments")
REMEMBERED = 20_000  # questions: about 20 MB
MANY = 16  # assignments of one principal: from there on an index pays
BEST = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN, Answer.DENIED)


@dataclass(frozen=True, slots=True)
class Given:
    """An assignment that has the action here: on what condition; `group` is the one it came by."""

    by: Assignment
    left: Left
    group: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One action at one place on one plane.  `denials` are those that speak of it, whoever asks.

    `hidden`: groups that hold it and of which nobody knows who is in them, and why.
    """

    action: str
    at: Place
    data: bool
    now: datetime | None
    denials: tuple[tuple[Denial, Left], ...]
    hidden: tuple[tuple[str, str], ...]
    elsewhere: str
    facts: Facts


@dataclass(slots=True)
class Weighed:
    """All that speaks for and against, for one principal."""

    against: list[tuple[Denial, Left]] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    could_allow: list[str] = field(default_factory=list)
    could_activate: list[str] = field(default_factory=list)
    could_deny: list[str] = field(default_factory=list)


def asked(on: Standing, action: str, at: Place, now: datetime | None, *, data: bool) -> Asked:
    """Remembered by the standing: many principals are asked the same."""
    key = (action, at.path, at.any, data)
    found: Asked | None = on.memo.get(key)
    if found is None:
        if len(on.memo) > REMEMBERED:
            on.memo.clear()
        name = action.casefold()
        facts = Facts(action, at.told, now, at.whole)
        denials = tuple(
            (one, weighed(one.condition, facts))
            for one in on.denials
            if one.speaks_of(name, data=data) and _falls_on(one, at)
        )
        denials = tuple(one for one in denials if one[1].holds != NO)
        hidden = tuple(_hidden(on, name, at, data=data))
        found = on.memo[key] = Asked(name, at, data, now, denials, hidden, _elsewhere(on, at), facts)
    return found


def _elsewhere(on: Standing, at: Place) -> str:
    if at.is_beside:
        return "it is not above the subscription, and this scan did not look into it"
    outside = at.within not in ("", on.account)
    return "it stands in another subscription, which this scan did not look into" if outside else ""


def _falls_on(one: Denial, at: Place) -> bool:
    if one.only_here:
        return one.scope == at.path and not at.any
    return at.is_below(one.scope) is not False


def _hidden(on: Standing, action: str, at: Place, *, data: bool) -> Iterator[tuple[str, str]]:
    for group, why in on.closed.items():
        for one in (*on.held.get(group, ()), *on.eligible.get(group, ())):
            role = on.roles.get(one.role)
            if isinstance(role, Role) and not role.gives(action, data=data):
                continue
            if at.is_below(one.scope) is not False or (at.any and one.scope.startswith(f"{at.path}/")):
                yield group, why


def weigh(on: Standing, who: str, question: Asked) -> Weighed:
    """`who` in small letters."""
    names, found = on.of(who), Weighed()
    own = set(names)
    for denial, left in question.denials:
        if not own & denial.spared:
            _set_against(on, own, denial, left, question, found)
    for number, name in enumerate(names):
        for table in (on.held, on.eligible):
            for assignment in _near(on, table, name, question.at):
                _add(on, assignment, question, found, name if number else "")
    found.could_allow.extend(why for group, why in question.hidden if group not in own)
    if question.elsewhere:
        found.could_allow.append(question.elsewhere)
        found.could_deny.append(question.elsewhere)
    found.could_allow.extend(on.unknown.grants)
    found.could_activate.extend(on.unknown.eligible)
    found.could_deny.extend(on.unknown.denials)
    return found


def _set_against(on: Standing, own: set[str], denial: Denial, left: Left, question: Asked, found: Weighed) -> None:
    if EVERYONE in denial.principals or own & denial.principals:
        if open_ := denial.spared & on.closed.keys():
            found.could_deny.extend(on.closed[one] for one in sorted(open_))
        elif question.at.is_below(denial.scope) is None:
            found.could_deny.append(f"whether {denial.written.level} is above was not read")
        else:
            found.against.append((denial, left))
            if left.flaw:
                found.could_deny.append(f"a condition was not understood: {left.flaw}")
    elif closed := denial.principals & on.closed.keys():
        found.could_deny.extend(on.closed[one] for one in sorted(closed))


def _near(on: Standing, table: Mapping[str, tuple[Assignment, ...]], name: str, at: Place) -> Iterable[Assignment]:
    """Those that may hold at a place; of many they are found by their scopes."""
    several = table.get(name, ())
    if len(several) <= MANY:
        return several
    key = (name, table is on.held)
    if key not in on.memo:
        by_scope: dict[str, list[Assignment]] = {}
        for one in several:
            by_scope.setdefault(MANAGEMENT if one.scope.startswith(MANAGEMENT) else one.scope, []).append(one)
        on.memo[key] = by_scope
    index, inside = on.memo[key], set[str]()
    if at.inside:
        inside = {scope for scope in index if scope.startswith(at.inside)}
    return [one for scope in sorted({*at.scopes, *inside, MANAGEMENT}) for one in index.get(scope, ())]


def _add(on: Standing, assignment: Assignment, question: Asked, found: Weighed, group: str) -> None:
    below = question.at.is_below(assignment.scope)
    within = False
    if below is False:
        within = question.at.holds_within(assignment.scope, question.action)
        if not within:
            return
    role = on.roles.get(assignment.role)
    if not isinstance(role, Role):
        found.could_allow.append(unread_role(role, assignment.role))
        return
    for permission in role.gives(question.action, data=question.data):
        if below is None:
            found.could_allow.append(f"whether {assignment.level} is above was not read")
            continue
        left = Left(MAYBE, f"it is about {assignment.level}", {"within": assignment.scope}) if within else NONE
        for condition in (assignment.condition, permission.condition):
            if condition is not None:
                left = both(left, weighed(condition, question.facts))
        if left.holds != NO:
            found.given.append(Given(assignment, left, group))
        if left.flaw:
            found.could_allow.append(f"a condition was not understood: {left.flaw}")


def decided(found: Weighed, on: Standing) -> Decided:
    if sure := [denial for denial, left in found.against if left.holds == YES]:
        vias = tuple(via_denial(one) for one in sure)
        return Decided(Answer.DENIED, Answer.DENIED, vias, blocked_by="deny")
    read, left, doubts = _by_what_was_read(found)
    if read is Answer.DENIED and not doubts and not found.given:
        return NOTHING_ALLOWS
    vias = (*_allowing(found, on, surely=read is Answer.ALLOWED), *_perhaps_denying(found))
    if doubts:
        return Decided(Answer.UNKNOWN, read, vias, left.words, left.json, None, doubts)
    return Decided(read, read, vias, left.words, left.json, "assignments" if read is Answer.DENIED else None)


def _allowing(found: Weighed, on: Standing, *, surely: bool) -> Iterator[Via]:
    for one in found.given:
        if not surely or (one.left.holds == YES and not one.by.eligible):
            yield via(one.by, on.names.get(one.group, one.group), one.left.flaw)


def _perhaps_denying(found: Weighed) -> Iterator[Via]:
    return (via_denial(denial, left.flaw) for denial, left in found.against)


def _by_what_was_read(found: Weighed) -> tuple[Answer, Left, tuple[str, ...]]:
    """(answer, on what condition, what was not read and could change it)"""
    allowed = either(_condition(one) for one in found.given)
    for _, left in found.against:
        allowed = both(allowed, turned(left))
    if allowed.holds == YES:
        return Answer.ALLOWED, allowed, tuple(dict.fromkeys(found.could_deny))
    if allowed.holds == MAYBE:
        return Answer.IF, allowed, tuple(dict.fromkeys((*found.could_allow, *found.could_deny)))
    return Answer.DENIED, allowed, tuple(dict.fromkeys((*found.could_allow, *found.could_activate)))


def _condition(one: Given) -> Left:
    if not one.by.eligible:
        return one.left
    words = f"the eligible role {one.by.written.name} on {one.by.level} is activated"
    activated = Left(MAYBE, words, {"activate": one.by.written.name, "scope": one.by.scope})
    return both(activated, one.left)


def best(answers: Iterable[Decided]) -> Decided:
    """Of several places that are meant, the one where most is allowed."""
    return min(answers, key=lambda one: (BEST.index(one.answer), BEST.index(one.read)))


def decide_at(on: Standing, who: str, action: str, at: Place, now: datetime | None, *, data: bool) -> Decided:
    question = asked(on, action, at, now, data=data)
    if not at.any:
        return decided(weigh(on, who, question), on)
    found = decided(weigh(on, who, question), on)
    for one in places(on, who, question):
        if found.answer is Answer.ALLOWED:
            break
        found = best((found, decided(weigh(on, who, one), on)))
    return found


def places(on: Standing, who: str, question: Asked) -> Iterator[Asked]:
    """The question itself; of one that means anything below, also at each scope there that the principal has."""
    yield question
    if question.at.any:
        scopes = {one.scope for name in on.of(who) for table in (on.held, on.eligible) for one in table.get(name, ())}
        for scope in sorted(one for one in scopes if one.startswith(f"{question.at.path}/")):
            yield asked(on, question.action, place(scope, any=True), question.now, data=question.data)
