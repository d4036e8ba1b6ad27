"""Why an answer came out as it did, layer by layer, and which edits turn it round: made, and asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.azure.conditions import Left, both, weighed
from scanners.access.azure.deciding import Asked, decide_at, places, weigh
from scanners.access.azure.rights import EVERYONE, MANAGEMENT, steps
from scanners.access.azure.roles import Role
from scanners.access.azure.standing import POINTER, Assignment, Denial, Standing, named, unread_role, via, via_denial
from scanners.access.explorer import Answer, Edit, LayerSays, Principal, Said, Target, Via, Written
from scanners.access.truth import MAYBE, NO, YES, Truth

TITLES = {
    "deny": "Deny assignments",
    "assignments": "Role assignments",
    "eligible": "Eligible assignments (PIM)",
    "directory": "The directory: roles, application permissions, ownership",
}
WORDS = {YES: "yes", MAYBE: "if", NO: "no"}


def layers(on: Standing, who: str, question: Asked) -> Iterator[LayerSays]:
    """Denials, assignments from the root down, and what could be activated."""
    yield _denials(on, who, question)
    held = [(one, name) for name in on.of(who) for one in on.held.get(name, ())]
    yield from _assignments("assignments", held, on, question, on.unknown.grants)
    eligible = [(one, name) for name in on.of(who) for one in on.eligible.get(name, ())]
    if eligible or on.unknown.eligible:
        yield from _assignments("eligible", eligible, on, question, on.unknown.eligible)


def _denials(on: Standing, who: str, question: Asked) -> LayerSays:
    said = [_denied(one, on, who, question) for one in on.denials if one.speaks_of(question.action, data=question.data)]
    effects = {one.holds for one in said}
    verdict = "denies" if "yes" in effects else "may deny" if "if" in effects else "silent"
    if on.unknown.denials and verdict == "silent":
        verdict = "unread"
    written = tuple(one.written for one in on.denials)
    return LayerSays("deny", TITLES["deny"], verdict, tuple(said), written, "", on.unknown.denials)


def _denied(one: Denial, on: Standing, who: str, question: Asked) -> Said:
    own, told = set(on.of(who)), via_denial(one)
    below = question.at.is_below(one.scope) if not one.only_here else one.scope == question.at.path
    why, holds, left = "", YES, weighed(one.condition, question.facts)
    if below is False:
        why, holds = "it stands over other resources", NO
    elif own & one.spared:
        why, holds = "the principal is spared", NO
    elif not own & one.principals and EVERYONE not in one.principals:
        closed = one.principals & on.closed.keys()
        why, holds = ("", MAYBE) if closed else ("it means other principals", NO)
        left = Left(MAYBE, f"the principal is in the group {min(closed)}") if closed else left
    elif left.holds == NO:
        why, holds = "its condition does not hold", NO
    return _said(told, min(holds, left.holds), left, why)


def _assignments(
    layer: str, held: list[tuple[Assignment, str]], on: Standing, question: Asked, unread: tuple[str, ...]
) -> Iterator[LayerSays]:
    by_level: dict[str, list[tuple[Assignment, str]]] = {}
    for one, name in sorted(held, key=lambda pair: _depth(pair[0].scope, on.above)):
        by_level.setdefault(one.level, []).append((one, name))
    for place, several in by_level.items():
        said = [found for one, name in several if (found := _given(one, name, on, question))]
        effects = {one.holds for one in said}
        verdict = "allows" if "yes" in effects else "may allow" if "if" in effects else "silent"
        written = tuple(one.written for one, _ in several)
        yield LayerSays(layer, TITLES[layer], verdict, tuple(said), written, place, unread)
    if not by_level:
        yield LayerSays(layer, TITLES[layer], "unread" if unread else "silent", unread=unread)


def _depth(scope: str, above: tuple[str, ...]) -> tuple[int, int, str]:
    """From the root over management groups down; of groups the order where it is known."""
    if scope.startswith(MANAGEMENT):
        return 1, -above.index(scope) if scope in above else 0, scope
    return 2 * len(steps(scope)), 0, scope


def _given(one: Assignment, name: str, on: Standing, question: Asked) -> Said | None:
    """Nothing of a role that does not speak of the action."""
    told = via(one, on.names.get(name, name) if name != one.who or name in on.names else "")
    role = on.roles.get(one.role)
    if not isinstance(role, Role):
        return _said(told, MAYBE, Left(MAYBE, unread_role(role, one.role)), "")
    given = role.gives(question.action, data=question.data)
    if not given:
        return _said(told, NO, Left(NO), _subtracted(role, question)) if _subtracted(role, question) else None
    below = question.at.is_below(one.scope)
    within = below is False and question.at.holds_within(one.scope, question.action)
    if below is False and not within and not (question.at.any and one.scope.startswith(f"{question.at.path}/")):
        return _said(told, NO, Left(NO), "it is about other resources")
    left = max((both(weighed(one.condition, question.facts), weighed(part.condition, question.facts))
                for part in given), key=lambda each: each.holds)  # fmt: skip
    if below is None or within:
        left = both(left, Left(MAYBE, f"it is about {one.level}" if within else f"{one.level} stands above it"))
    if one.eligible and left.holds != NO:
        left = both(Left(MAYBE, "it is activated"), left)
    return _said(told, left.holds, left, "its condition does not hold" if left.holds == NO else "")


def _subtracted(role: Role, question: Asked) -> str:
    for one in role.permissions:
        named, less = (one.data, one.less_data) if question.data else (one.actions, one.less)
        if named.cover(question.action) and less.cover(question.action):
            return f"its {'notDataActions' if question.data else 'notActions'} leave the action out"
    return ""


def _said(told: Via, holds: Truth, left: Left, why: str) -> Said:
    condition = left.words if holds == MAYBE else ""
    return Said(told.written, told.place, told.mark, told.effect, WORDS[holds], "", condition, why)


def edits(on: Standing, who: Principal, target: Target, question: Asked, answer: Answer) -> tuple[Edit, ...]:
    """What turns an answer round, each edit made on what stands and the whole asked again; nothing where none does."""
    if answer is Answer.UNKNOWN:
        return ()
    if answer is not Answer.DENIED:
        return _taken(on, who.ref.casefold(), question)
    ref, name = who.ref.casefold(), who.name
    found = weigh(on, ref, question)
    against = [denial for denial, left in found.against if left.holds == YES]
    made = [Edit("deny", f"remove the deny assignment {one.written.name} on {one.written.level}, or except {name}")
            for one in against]  # fmt: skip
    left = on.forbidding(one for one in on.denials if one not in against)
    if _asked_again(left, ref, question) is Answer.ALLOWED:
        return tuple(made)
    where = named(question.at.path if question.at.any else target.ref)
    for role in _smallest(on.roles.values(), question):
        new = Assignment(ref, "", question.at.path, role.id, None, Written(role.name, None, "", POINTER, where))
        if _asked_again(left.given(new), ref, question) is Answer.ALLOWED:
            return (*made, Edit("assignments", f"assign {role.name} on {where} to {name}"))
    return ()


def _taken(on: Standing, who: str, question: Asked) -> tuple[Edit, ...]:
    given = {id(one.by): one for place in places(on, who, question) for one in weigh(on, who, place).given}
    made = []
    for one in given.values():
        word = "the eligibility for" if one.by.eligible else "the assignment of"
        of = f" of the group {on.names.get(one.group, one.group)}, or leave the group" if one.group else ""
        layer = "eligible" if one.by.eligible else "assignments"
        made.append(Edit(layer, f"remove {word} {one.by.written.name} on {one.by.level}{of}"))
    after = _asked_again(on.without(one.by for one in given.values()), who, question)
    return tuple(made) if after is Answer.DENIED else ()


def _asked_again(on: Standing, who: str, question: Asked) -> Answer:
    return decide_at(on, who, question.action, question.at, question.now, data=question.data).read


def _smallest(roles: Iterable[Role | str], question: Asked) -> list[Role]:
    """Roles that have the action, those that give least first: few patterns, few stars."""
    giving = [one for one in roles if isinstance(one, Role) and one.gives(question.action, data=question.data)]
    return sorted(giving, key=_breadth)[:3]


def _breadth(role: Role) -> tuple[int, int, str]:
    stars, names = 0, 0
    for one in role.permissions:
        for part in (one.actions, one.data):
            stars += sum(1_000 // (1 + pattern.count("/")) for pattern in part.wild)
            names += len(part.names)
    return stars + names, names, role.name
