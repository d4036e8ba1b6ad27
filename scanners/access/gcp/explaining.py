"""Why an answer is what it is: level by level, each statement that speaks of the question, and what would turn it.

What would change an answer is tried: the edit is made, and the engine is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.aws.truth import NO, YES
from scanners.access.explorer import Answer, Edit, Explained, LayerSays, Principal, Row, Said, Target, Via, Written
from scanners.access.gcp.deciding import NONE, Change, Deciding
from scanners.access.gcp.kinds import POLICED
from scanners.access.gcp.members import Belongs, key_of, member_of
from scanners.access.gcp.roles import Role
from scanners.access.gcp.statements import ALLOW, DENY, Statement
from scanners.access.gcp.targets import ANY, Scene
from scanners.access.gcp.tree import Level
from scanners.access.gcp.weighing import Situation, Weighed, weigh

BOUNDARY = "boundary"
TITLES = {DENY: "deny policies", ALLOW: "allow policy", BOUNDARY: "principal access boundaries"}
OTHERS = 10  # bindings of others that a level tells of
SMALLEST = 40  # permissions; a role with more is not offered where a custom one would do


def explained(deciding: Deciding, who: Principal, permission: str, asked: Target) -> Explained:
    key = key_of(who.ref)
    allows, _, where = deciding.weighed(key, permission, asked)
    found = deciding.decide(key, permission, asked)
    situation = deciding.situation(asked, permission)
    layers = (
        *(_denies(deciding, key, permission, one, situation) for one in reversed(where.levels)),
        LayerSays(
            BOUNDARY, TITLES[BOUNDARY], "unread", unread=("they are not read; they could only take access away",)
        ),
        *(_allows(deciding, key, permission, one, situation, asked) for one in reversed(where.levels)),
        _elsewhere(where),
    )
    told = tuple(one for one in layers if one is not None)
    edits = _turned(deciding, key, permission, asked, where, found.answer, allows)
    return Explained(Row(who, found), permission, asked, told, tuple(edits))


def _elsewhere(where: Scene) -> LayerSays | None:
    """What is not known of the levels themselves."""
    own = {why for level in where.levels for why in level.unread}
    rest = tuple(why for why in where.unread if why not in own)
    return LayerSays(ALLOW, "policies that were not seen", "unread", unread=rest) if rest else None


def _denies(deciding: Deciding, key: str, permission: str, level: Level, situation: Situation) -> LayerSays | None:
    if not level.denies and not level.unread_denies:
        return None
    known = {id(statement): (belongs, spared) for statement, belongs, spared in deciding.denials(key, level)}
    said = []
    for one in level.denies:
        if one.denies.covers(permission):
            belongs, spared = known.get(id(one), (Belongs(NO), ()))
            said.append(_said(one, belongs, spared, situation, permission))
    return _layer(DENY, level, said, level.unread_denies)


def _allows(
    deciding: Deciding, key: str, permission: str, level: Level, situation: Situation, asked: Target
) -> LayerSays | None:
    known = {id(statement): belongs for statement, belongs in deciding.entries(key, level, deciding.private(level))}
    mine: list[Said] = []
    others: list[Said] = []
    for one in level.allows:
        belongs = known.get(id(one), Belongs(NO))
        off = one.role is not None and bool(one.role.off) and belongs.truth != NO
        if one.speaks_of(permission) or off:
            (mine if belongs.truth else others).append(_said(one, belongs, (), situation, permission))
    if asked.ref == ANY.ref and level.kind in POLICED and not mine and not level.unread:
        return None
    return _layer(ALLOW, level, [*mine, *others[:OTHERS]], level.unread)


def _layer(layer: str, level: Level, said: list[Said], unread: tuple[str, ...]) -> LayerSays:
    policies = tuple({id(one.written): one.written for one in said}.values())
    title = f"{TITLES[layer]} of {level.name}"
    return LayerSays(layer, title, _verdict(layer, said, unread), tuple(said), policies, level.name, unread)


def _verdict(layer: str, said: Iterable[Said], unread: tuple[str, ...]) -> str:
    holds = {one.holds for one in said}
    sure, perhaps = ("denies", "may deny") if layer == DENY else ("allows", "may allow")
    if "yes" in holds:
        return sure
    if "if" in holds:
        return perhaps
    return "unread" if unread else "silent"


def _said(one: Statement, belongs: Belongs, spared: tuple[Belongs, ...], situation: Situation, permission: str) -> Said:
    via, why_not, condition = one.via, "", ""
    found = None if one.spares.covers(permission) else weigh(one, belongs, spared, situation)
    if found is None:
        why_not = _why_not(one, belongs, spared, situation, permission)
    elif one.role is not None and one.role.off:
        found, why_not = None, one.role.off
    else:
        condition = " and ".join((*found.words, *found.unread))
        if not condition and found.until:
            condition = f"until {found.until:%Y-%m-%dT%H:%M:%SZ}"
    holds = "no" if found is None else "yes" if found.truth == YES else "if"
    return Said(via.written, via.place, via.mark, via.effect, holds, via.sid, condition, why_not)


def _why_not(
    one: Statement, belongs: Belongs, spared: tuple[Belongs, ...], situation: Situation, permission: str
) -> str:
    if belongs.truth == NO:
        return "it names others"
    if one.spares.covers(permission):
        return "it leaves out this permission"
    if any(each.truth == YES for each in spared):
        return "it spares the principal"
    when = situation.outcome(one.expression)
    title = f" “{one.title}”" if one.title else ""
    if when.begins:
        return f"its condition{title} does not hold before {when.begins:%Y-%m-%dT%H:%M:%SZ}"
    return f"its condition{title} does not hold"


# what would turn the answer round


def _turned(
    deciding: Deciding,
    key: str,
    permission: str,
    asked: Target,
    where: Scene,
    answer: Answer,
    allows: list[Weighed],
) -> Iterator[Edit]:
    if answer is Answer.DENIED:
        yield from _to_allow(deciding, key, permission, asked, where)
    elif answer in (Answer.ALLOWED, Answer.IF):
        yield from _to_deny(deciding, key, permission, asked, allows)


def _to_deny(deciding: Deciding, key: str, permission: str, asked: Target, allows: list[Weighed]) -> Iterator[Edit]:
    """All that gives it is taken away together."""
    gone = [
        (one.statement, member)
        for one in allows
        for member in one.statement.members
        if deciding.belongs(key, member).truth != NO
    ]
    change = Change(without=frozenset((id(one), member) for one, member in gone))
    if gone and deciding.decide(key, permission, asked, change).answer is Answer.DENIED:
        for one, member in gone:
            role = one.role.name if one.role else one.via.place
            yield Edit(ALLOW, f"take {member_of(member)} out of {one.via.place} ({role}) of {one.level}")


def _to_allow(deciding: Deciding, key: str, permission: str, asked: Target, where: Scene) -> Iterator[Edit]:
    """Spared by the rules that deny it, and bound where nothing gives it; each alone if that is enough."""
    situation = deciding.situation(asked, permission)
    blocks = deciding.denying(key, permission, where, situation)
    spare = Change(spared=frozenset((id(one.statement), key) for one in blocks))
    lowest = _bindable(where)
    bind = Change(more=(_bound(key, permission, lowest),)) if lowest else NONE
    both = Change(more=bind.more, spared=spare.spared)
    spared = [Edit(DENY, f"except {member_of(key)} from {one.statement.via.place} of {one.statement.written.name}")
              for one in blocks]  # fmt: skip
    bound = [Edit(ALLOW, _binding_words(deciding, key, permission, lowest))] if lowest else []
    for change, edits in ((spare, spared), (bind, bound), (both, [*spared, *bound])):
        if edits and deciding.decide(key, permission, asked, change).answer is Answer.ALLOWED:
            yield from edits
            return


def _bindable(where: Scene) -> Level | None:
    """The nearest level that has a policy of its own."""
    return next((one for one in where.levels if one.resource is not None), None)


def _bound(key: str, permission: str, level: Level) -> Statement:
    via = Via(ALLOW, "Allow", Written("a new binding", None, level.ref, level=level.name), "a new binding")
    return Statement(ALLOW, level.name, via, (key,), on=frozenset({permission}))


def _binding_words(deciding: Deciding, key: str, permission: str, level: Level) -> str:
    role = smallest(deciding.roles.predefined(), permission)
    named = role.name if role else "a custom role"
    return f"bind {member_of(key)} on {level.name} to {named}, which has {permission}"


def smallest(roles: Iterable[Role], permission: str) -> Role | None:
    """The role with the fewest permissions that has this one."""
    having = [role for role in roles if permission in role.held and len(role.held) <= SMALLEST]
    return min(having, key=lambda role: (len(role.held), role.name), default=None)
