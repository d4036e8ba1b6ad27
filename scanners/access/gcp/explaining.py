"""Why an answer is what it is: level by level, each statement that speaks of the question, and what would turn it.

What would change an answer is tried: the edit is made, and the engine is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from scanners.access.explorer import Answer, Edit, Explained, LayerSays, Principal, Row, Said, Target, Via, Written
from scanners.access.gcp.boundaries import Bound, Subject
from scanners.access.gcp.deciding import NONE, Change, Deciding
from scanners.access.gcp.kinds import LEVELS, POLICED
from scanners.access.gcp.members import ALL, AUTHENTICATED, Belongs, key_of, member_of
from scanners.access.gcp.roles import Role
from scanners.access.gcp.statements import ALLOW, DENY, Statement
from scanners.access.gcp.targets import ANY, Scene
from scanners.access.gcp.tree import Level
from scanners.access.gcp.weighing import BOUNDARY, Situation, Weighed, weigh
from scanners.access.truth import NO, YES

TITLES = {DENY: "deny policies", ALLOW: "allow policy", BOUNDARY: "principal access boundaries"}
OTHERS = 10  # bindings of others that a level tells of
SMALLEST = 40  # permissions; a role with more is not offered where a custom one would do


@dataclass(frozen=True, slots=True)
class Question:
    deciding: Deciding
    key: str  # the caller's
    permission: str
    asked: Target
    where: Scene

    def answer(self, change: Change = NONE) -> Answer:
        return self.deciding.decide(self.key, self.permission, self.asked, change).answer

    def situation(self, level: Level) -> Situation:
        asked = self.deciding.situation(self.asked, self.permission)
        return self.deciding.situation_at(level, self.asked, self.permission, asked)

    def private(self, level: Level) -> Belongs:
        return self.where.private or self.deciding.private(level)


def explained(deciding: Deciding, who: Principal, permission: str, asked: Target) -> Explained:
    key = key_of(who.ref)
    allows, _, where = deciding.weighed(key, permission, asked)
    found = deciding.decide(key, permission, asked)
    question = Question(deciding, key, permission, asked, where)
    down = tuple(reversed(where.levels))
    layers = (
        *(_denies(question, one) for one in down),
        *_bounds(question, down),
        *(_allows(question, one) for one in down),
        _elsewhere(where),
    )
    told = tuple(one for one in layers if one is not None)
    return Explained(Row(who, found), permission, asked, told, tuple(_turned(question, found.answer, allows)))


def _elsewhere(where: Scene) -> LayerSays | None:
    """What is not known of the levels themselves."""
    own = {why for level in where.levels for why in level.unread}
    rest = tuple(why for why in where.unread if why not in own)
    return LayerSays(ALLOW, "policies that were not seen", "unread", unread=rest) if rest else None


def _denies(question: Question, level: Level) -> LayerSays | None:
    if not level.denies and not level.unread_denies:
        return None
    weighed = question.deciding.denials(question.key, level)
    known = {id(statement): (belongs, spared) for statement, belongs, spared in weighed}
    said = []
    for one in level.denies:
        if one.denies.covers(question.permission):
            belongs, spared = known.get(id(one), (Belongs(NO), ()))
            said.append(_said(question, level, one, belongs, spared))
    return _layer(DENY, level, said, level.unread_denies)


def _allows(question: Question, level: Level) -> LayerSays | None:
    entries = question.deciding.entries(question.key, level, question.private(level))
    known = {id(statement): belongs for statement, belongs in entries}
    mine: list[Said] = []
    others: list[Said] = []
    for one in level.allows:
        belongs = known.get(id(one), Belongs(NO))
        off = one.role is not None and bool(one.role.off) and belongs.truth != NO
        if one.speaks_of(question.permission) or off:
            (mine if belongs.truth else others).append(_said(question, level, one, belongs))
    if question.asked.ref == ANY.ref and level.kind in POLICED and not mine and not level.unread:
        return None
    return _layer(ALLOW, level, [*mine, *others[:OTHERS]], level.unread)


def _bounds(question: Question, down: tuple[Level, ...]) -> Iterator[LayerSays]:
    """Of all levels that bind something, wherever the resource is: a caller brings its boundaries along."""
    bounding = question.deciding.bounding
    place = bounding.place(question.where)
    subjects = {id(one.bound): one for one in bounding.subjects(question.key)}
    taking = {id(one.statement): one for one in bounding.blocks(question.key, question.permission, place)}
    unread = bounding.unread(question.key, question.permission, place)
    told = False
    for level in reversed(question.deciding.tree.chain):
        if level.bounds or level.unread_bounds:
            said = [
                bound_said(one, subjects.get(id(one)), taking.get(id(one.statement)), question.permission)
                for one in level.bounds
            ]
            told = True
            yield _layer(BOUNDARY, level, said, tuple(why for why in level.unread_bounds if why in unread))
    if not told and down:
        yield LayerSays(BOUNDARY, TITLES[BOUNDARY], "silent")


def bound_said(bound: Bound, subject: Subject | None, taking: Weighed | None, permission: str) -> Said:
    via = bound.statement.via
    if taking is None:
        why_not = _not_bounded(subject, permission)
        return Said(via.written, via.place, via.mark, via.effect, "no", via.sid, "", why_not)
    condition = " and ".join((*taking.words, *taking.unread))
    return Said(
        via.written, via.place, via.mark, via.effect, "yes" if taking.truth == YES else "if", via.sid, condition
    )


def _not_bounded(subject: Subject | None, permission: str) -> str:
    if subject is None:
        return "it is bound to others"
    if isinstance(subject.boundary, str):
        return subject.boundary
    version = subject.boundary.version or "latest"
    if subject.boundary.reach.takes(permission) == NO:
        return f"its enforcement version ({version}) cannot block this permission"
    return "the resource is within the principal's boundaries"


def _layer(layer: str, level: Level, said: list[Said], unread: tuple[str, ...]) -> LayerSays:
    policies = tuple({id(one.written): one.written for one in said}.values())
    title = f"{TITLES[layer]} of {level.name}"
    return LayerSays(layer, title, _verdict(layer, said, unread), tuple(said), policies, level.name, unread)


def _verdict(layer: str, said: Iterable[Said], unread: tuple[str, ...]) -> str:
    holds = {one.holds for one in said}
    sure, perhaps = ("denies", "may deny") if layer in (DENY, BOUNDARY) else ("allows", "may allow")
    if "yes" in holds:
        return sure
    if "if" in holds:
        return perhaps
    return "unread" if unread else "silent"


def _said(question: Question, level: Level, one: Statement, belongs: Belongs, spared: tuple[Belongs, ...] = ()) -> Said:
    via, when = one.via, question.situation(level)
    found = None if one.spares.covers(question.permission) else weigh(one, belongs, spared, when)
    if found is None or (one.role is not None and one.role.off):
        why_not = one.role.off if found and one.role else _why_not(question, level, one, belongs, spared)
        return Said(via.written, via.place, via.mark, via.effect, "no", via.sid, "", why_not)
    condition = " and ".join((*found.words, *found.unread, *([found.shaky] if found.shaky else [])))
    if not condition and found.until:
        condition = f"until {found.until:%Y-%m-%dT%H:%M:%SZ}"
    return Said(via.written, via.place, via.mark, via.effect, "yes" if found.least == YES else "if", via.sid, condition)


def _why_not(question: Question, level: Level, one: Statement, belongs: Belongs, spared: tuple[Belongs, ...]) -> str:
    if belongs.truth == NO:
        void = question.private(level).truth == YES and one.layer == ALLOW and {ALL, AUTHENTICATED} & {*one.members}
        return "public access to the bucket is prevented" if void else "it names others"
    if one.spares.covers(question.permission):
        return "it leaves out this permission"
    if any(each.truth == YES for each in spared):
        return "it spares the principal"
    when = question.situation(level).outcome(one.expression)
    title = f" “{one.title}”" if one.title else ""
    if when.begins:
        return f"its condition{title} does not hold before {when.begins:%Y-%m-%dT%H:%M:%SZ}"
    return f"its condition{title} does not hold"


# what would turn the answer round


def _turned(question: Question, answer: Answer, allows: list[Weighed]) -> Iterator[Edit]:
    if answer is Answer.DENIED:
        yield from _to_allow(question)
    elif answer in (Answer.ALLOWED, Answer.IF):
        yield from _to_deny(question, allows)


def _to_deny(question: Question, allows: list[Weighed]) -> Iterator[Edit]:
    """All that gives it is taken away together."""
    gone = [
        (one.statement, member)
        for one in allows
        for member in one.statement.members
        if question.deciding.belongs(question.key, member).truth != NO
    ]
    change = Change(without=frozenset((id(one), member) for one, member in gone))
    if gone and question.answer(change) is Answer.DENIED:
        for one, member in gone:
            role = one.role.name if one.role else one.via.place
            yield Edit(ALLOW, f"take {member_of(member)} out of {one.via.place} ({role}) of {one.level}")


def _to_allow(question: Question) -> Iterator[Edit]:
    """Spared by what denies it, within its boundaries, and bound where nothing gives it: as few of these as do."""
    key, where = question.key, question.where
    situation = question.deciding.situation(question.asked, question.permission)
    blocks = question.deciding.denying(key, question.permission, where, situation)
    spare = Change(spared=frozenset((id(one.statement), key) for one in blocks))
    rules = [(one.statement.via.place, one.statement.written.name) for one in blocks]
    spared = [Edit(DENY, f"except {member_of(key)} from {place} of {name}") for place, name in rules]
    lowest = next((one for one in where.levels if one.resource is not None), None)
    bind = Change(more=(_bound(key, question.permission, lowest),)) if lowest else NONE
    bound = [Edit(ALLOW, _binding_words(question, lowest))] if lowest else []
    widen, widened = _widened(question)
    cures = [one for one in ((spare, spared), (widen, widened), (bind, bound)) if one[1]]
    for count in range(1, len(cures) + 1):
        for some in combinations(cures, count):
            change = Change(
                more=next((one.more for one, _ in some if one.more), ()),
                spared=frozenset[tuple[int, str]]().union(*(one.spared for one, _ in some)),
                widened=frozenset[str]().union(*(one.widened for one, _ in some)),
            )
            if question.answer(change) is Answer.ALLOWED:
                yield from (edit for _, edits in some for edit in edits)
                return


def _widened(question: Question) -> tuple[Change, list[Edit]]:
    """One boundary is enough: who is eligible by one of them is eligible."""
    bounding = question.deciding.bounding
    place = bounding.place(question.where)
    level = next((one.name for one in question.where.levels if one.kind in LEVELS), "")
    taking = {id(one.statement) for one in bounding.blocks(question.key, question.permission, place)}
    for one in bounding.subjects(question.key):
        if id(one.bound.statement) in taking and not isinstance(one.boundary, str) and level:
            edit = Edit(BOUNDARY, f"add {level} to the resources of the boundary {one.boundary.title}")
            return Change(widened=frozenset({one.boundary.name})), [edit]
    return NONE, []


def _bound(key: str, permission: str, level: Level) -> Statement:
    via = Via(ALLOW, "Allow", Written("a new binding", None, level.ref, level=level.name), "a new binding")
    return Statement(ALLOW, level.name, via, (key,), on=frozenset({permission}))


def _binding_words(question: Question, level: Level) -> str:
    role = smallest(question.deciding.roles.predefined(), question.permission)
    named = role.name if role else "a custom role"
    return f"bind {member_of(question.key)} on {level.name} to {named}, which has {question.permission}"


def smallest(roles: Iterable[Role], permission: str) -> Role | None:
    """The role with the fewest permissions that has this one."""
    having = [role for role in roles if permission in role.held and len(role.held) <= SMALLEST]
    return min(having, key=lambda role: (len(role.held), role.name), default=None)
