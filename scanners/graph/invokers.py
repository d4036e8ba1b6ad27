"""Who can invoke a function, as a truth table: callers down, qualifiers across, the deciding statements in every cell.

A call names the function itself ($LATEST), an alias or a version; each has a policy of its own, and the policy of one
says nothing of the others.  The Invoke API takes signed requests only; a function URL asks its own two questions
(lambda:InvokeFunctionUrl, and for URLs made since October 2025 lambda:InvokeFunction too), and one without
authentication asks nobody who they are.
Sources: "Using resource-based policies for Lambda", "Control access to Lambda function URLs" (AWS Lambda developer
guide), read 2026-11.
Limits: versions without a policy of their own are decided for the newest of them; when a URL was made is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.access.aws import ANONYMOUS, Principal
from scanners.access.aws.context import UNKNOWN, Known
from scanners.access.aws.policies import compile_policy
from scanners.access.aws.words import in_words
from scanners.access.explorer import Answer
from scanners.graph.deciding import Deciding, deciding
from scanners.graph.judging import ANYBODY, Judged, outsiders
from scanners.graph.standing import Standing, View
from scanners.graph.supposing import Supposing
from scanners.graph.targets import LATEST, target
from scanners.model import Gap, Node, Resource, Unread

INVOKE, INVOKE_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"
SIGNED_ONLY = "the Invoke API takes signed requests only"
ORDER = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN, Answer.DENIED)


@dataclass(frozen=True, slots=True)
class Qualifier:
    """`name` is $LATEST, an alias or a number; `others` the versions that are decided alike."""

    name: str
    note: str = ""
    url: str | None = None  # how its URL asks callers who they are: NONE, AWS_IAM; None: it has no URL
    policy: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    answer: Answer
    because: tuple[Deciding, ...] = ()
    condition: str = ""  # what must hold, in words
    why: str = ""  # where no statement decides, or something beside the statements counts
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """`kind`: anyone, accounts, organisation, named, service, own or rest; `members` ARNs of an own group."""

    kind: str
    label: str
    cells: tuple[Cell, ...]  # in the order of the qualifiers
    note: str = ""
    members: tuple[str, ...] = ()

    @property
    def worst(self) -> Answer:
        return min((cell.answer for cell in self.cells), key=ORDER.index)


@dataclass(frozen=True, slots=True)
class Table:
    qualifiers: tuple[Qualifier, ...]
    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()

    def of(self, kind: str) -> list[Row]:
        return [row for row in self.rows if row.kind == kind]


def truth_table(view: View, function: Resource) -> Table:
    """Never raises: what was not read makes cells unknown and stands in `unread`."""
    unread: list[str] = []
    qualifiers = tuple(_qualifiers(function, unread))
    doors = tuple(_Doors(view, function.ref, one) for one in qualifiers)
    rows = [
        Row("anyone", "Anyone", tuple(door.anonymous for door in doors), "without signing in to AWS"),
        Row("accounts", "Any AWS account", tuple(door.outsider(ANYBODY) for door in doors), "whoever owns one"),
        *_organisations(view, doors),
        *_named(doors),
        *_own(view, doors),
    ]
    return Table(qualifiers, tuple(rows), tuple(dict.fromkeys(unread)))


# columns


def _qualifiers(function: Resource, unread: list[str]) -> Iterator[Qualifier]:
    urls = {name: node["AuthType"].value for name, node in _each(function, "GetFunctionUrlConfig", unread)}
    policies = {name for name, node in _each(function, "GetPolicy", unread) if node.present}
    yield Qualifier(LATEST, "", urls.get(LATEST), LATEST in policies)
    for alias in _list(function, "ListAliases", unread):
        name = alias.need("Name").text()
        yield Qualifier(name, f"alias of {alias['FunctionVersion'].value}", urls.get(name), name in policies)
    versions = [one.need("Version").text() for one in _list(function, "Versions", unread)]
    versions.sort(key=lambda name: (len(name), name), reverse=True)
    plain = [name for name in versions if name not in policies]
    yield from (Qualifier(name, "version", None, True) for name in versions if name in policies)
    if plain:
        yield Qualifier(plain[0], "version", None, False, tuple(plain[1:]))


def _each(function: Resource, section: str, unread: list[str]) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = []
    try:
        found.extend(function.each(section))
    except Unread as gaps:
        unread.extend(map(_said, gaps.gaps))
    return found


def _list(function: Resource, section: str, unread: list[str]) -> list[Node]:
    try:
        return list(function[section])
    except Unread as gaps:
        unread.extend(map(_said, gaps.gaps))
        return []


def _said(gap: Gap) -> str:
    return f"{gap.call} was not read ({gap.code})"


# cells


class _Doors:
    """The ways to call one qualifier."""

    def __init__(self, view: View, ref: str, qualifier: Qualifier) -> None:
        self.view, self.qualifier = view, qualifier
        self.target = target(view.estate, ref if qualifier.name == LATEST else f"{ref}:{qualifier.name}")
        self.api = self.asking(INVOKE)
        by_url: dict[str, Known] = {"lambda:functionurlauthtype": qualifier.url or UNKNOWN}
        through: dict[str, Known] = {"lambda:invokedviafunctionurl": "true"}
        self.url = self.asking(INVOKE_URL, by_url) if qualifier.url else None
        self.url_too = self.asking(INVOKE, {**by_url, **through}) if qualifier.url else None
        self.anonymous = self._anonymous()

    def asking(self, action: str, facts: Mapping[str, Known] | None = None) -> Supposing:
        usual: dict[str, Known] = {"lambda:invokedviafunctionurl": "false"}
        return Supposing(self.view, action, self.target, usual | dict(facts or {}))

    def strangers(self) -> Iterator[Principal]:
        if self.target.policy is not None:
            for action in (INVOKE, INVOKE_URL) if self.url else (INVOKE,):
                yield from outsiders(self.view, self.target.policy.document, action)

    def outsider(self, who: Principal, facts: Mapping[str, Known] | None = None) -> Cell:
        api = self.asking(INVOKE, facts) if facts else self.api
        url = self.asking(INVOKE_URL, {**self.url.facts, **facts}) if facts and self.url else self.url
        return self.cell(api.outsider(who), url.outsider(who) if url else None)

    def own(self, standing: Standing) -> tuple[Judged, Judged | None]:
        return self.api.of(standing), self.url.of(standing) if self.url else None

    def cell(self, by_api: Judged, by_url: Judged | None) -> Cell:
        """The better of the ways; a URL that asks nobody is one for everybody."""
        ways = [_cell(by_api)]
        if by_url is not None and self.qualifier.url == "AWS_IAM":
            ways.append(_cell(by_url, "through its URL"))
        if self.anonymous.answer is not Answer.DENIED:
            ways.append(self.anonymous)
        return min(ways, key=lambda cell: ORDER.index(cell.answer))

    def _anonymous(self) -> Cell:
        if self.url is None or self.url_too is None:
            return Cell(Answer.DENIED, why=SIGNED_ONLY)
        if self.qualifier.url != "NONE":
            return Cell(Answer.DENIED, why="its URL takes signed requests only")
        asked = self.url.outsider(ANONYMOUS)
        found = _cell(asked, "through its URL, which asks nobody who they are")
        if found.answer is Answer.DENIED:
            return Cell(Answer.DENIED, found.because, why="its URL asks nobody, and its policy lets nobody through it")
        if self.url_too.outsider(ANONYMOUS).answer is Answer.DENIED:
            late = f"{found.why}; a URL made since October 2025 would need lambda:InvokeFunction as well"
            return Cell(found.answer, found.because, found.condition, late, found.doubts)
        return found


def _cell(judged: Judged, way: str = "") -> Cell:
    doubts = tuple(dict.fromkeys(doubt.because for doubt in judged.doubts))
    because = tuple(deciding(judged))
    if judged.standing is not None and judged.standing.kind == "root" and judged.answer is not Answer.DENIED:
        way = "; ".join(filter(None, (way, "the root user may do whatever no Deny and no organisation forbids")))
    condition = in_words(judged.residual) if judged.answer is Answer.IF else ""
    why = way
    if judged.answer is Answer.DENIED and not because:
        why = _nobody_allows(judged)
    return Cell(judged.answer, because, condition, why, doubts)


def _nobody_allows(judged: Judged) -> str:
    layer = judged.decision.blocked_by
    if layer in (None, "resource") or judged.standing is None:
        return "no statement of its policy lets them in" if judged.target.policy else "it has no policy"
    return f"no {LAYERS.get(layer, layer)} allows it"


LAYERS = {"identity": "identity policy", "boundary": "permissions boundary", "scp": "policy of the organisation",
          "rcp": "resource control policy", "session": "session policy", "vpce": "endpoint policy"}  # fmt: skip


# rows


def _organisations(view: View, doors: Iterable[_Doors]) -> Iterator[Row]:
    """The account's own, and those that a policy names."""
    doors = tuple(doors)
    mine = view.rails.organisation
    named = dict.fromkeys(one for door in doors for one in _named_organisations(door))
    for one in dict.fromkeys([*([mine] if mine else []), *named]):
        facts: dict[str, Known] = {"aws:principalorgid": one}
        if one == mine and view.rails.path:
            facts["aws:principalorgpaths"] = UNKNOWN
        note = "an account of the organisation" if one == mine else "another organisation"
        yield Row("organisation", one, tuple(door.outsider(ANYBODY, facts) for door in doors), note)


def _named_organisations(door: _Doors) -> Iterator[str]:
    document = door.target.policy.document if door.target.policy else None
    for rule in compile_policy(document).used_as("resource") if document is not None else ():
        for atom in rule.condition.atoms if rule.allows else ():
            if atom.key == "aws:principalorgid":
                yield from (value for value in atom.values if not set(value) & set("*?$"))


def _named(doors: tuple[_Doors, ...]) -> Iterator[Row]:
    found = {(who.kind, who.value): who for door in doors for who in door.strangers()}
    for who in found.values():
        if who in (ANONYMOUS, ANYBODY):
            continue
        cells = tuple(door.outsider(who) for door in doors)
        kind = "service" if who.kind == "service" else "named"
        label = f"Account {who.account}" if who.is_root else str(who.value)
        yield Row(kind, label, cells, _NOTES.get("account" if who.is_root else who.kind, ""))


_NOTES = {"account": "whoever that account lets", "federated": "signed in elsewhere", "service": "a service of AWS",
          "canonical": "a canonical user", "aws": "outside this account"}  # fmt: skip


@dataclass(slots=True)
class _Alike:
    """Principals with the same policies around them and the same answers."""

    judged: list[tuple[Judged, Judged | None]]
    members: list[Standing] = field(default_factory=list)


def _own(view: View, doors: tuple[_Doors, ...]) -> Iterator[Row]:
    """Grouped by what decides: principals with the same answers by the same statements are one row."""
    alike: dict[Any, _Alike] = {}
    rest: list[Standing] = []
    for standing in view.standings.values():
        if not _may(standing, doors):
            rest.append(standing)
            continue
        judged = [door.own(standing) for door in doors]
        answers = tuple((api.answer, url.answer if url else None) for api, url in judged)
        layers = standing.layers
        key = (layers.identity, layers.boundary, answers, standing.kind == "root")
        alike.setdefault(key, _Alike(judged)).members.append(standing)
    rows: dict[Any, tuple[tuple[Cell, ...], list[Standing]]] = {}
    for group in alike.values():
        cells = tuple(door.cell(api, url) for door, (api, url) in zip(doors, group.judged, strict=True))
        if all(cell.answer is Answer.DENIED and not cell.because for cell in cells):
            rest.extend(group.members)
            continue
        alone = group.members[0].kind == "root"
        likeness = alone, *((c.answer, c.condition, c.doubts, *sorted(b.likeness for b in c.because)) for c in cells)
        rows.setdefault(likeness, (cells, []))[1].extend(group.members)
    told = [_row(cells, members) for cells, members in rows.values()]
    yield from sorted(told, key=lambda row: (ORDER.index(row.worst), -len(row.members), row.label))
    if rest:
        open_url = [door.anonymous for door in doors]
        cells = tuple(
            one if one.answer is not Answer.DENIED else Cell(Answer.DENIED, why="no policy of theirs allows it")
            for one in open_url
        )
        yield Row("rest", _counted(rest, "other"), cells, "of this account", tuple(sorted(one.arn for one in rest)))


def _may(standing: Standing, doors: tuple[_Doors, ...]) -> bool:
    """Whether anything speaks for a principal; of others a denial is certain."""
    if standing.doubts or standing.kind == "root":
        return True
    actions = (INVOKE, INVOKE_URL) if any(door.url for door in doors) else (INVOKE,)
    if any(standing.layers.identity.candidates(action.lower())[0] for action in actions):
        return True
    return any(door.api.names(standing.who) or (door.url and door.url.names(standing.who)) for door in doors)


def _row(cells: tuple[Cell, ...], members: list[Standing]) -> Row:
    listed = tuple(sorted(one.arn for one in members))
    if len(members) == 1:
        one = members[0]
        label = "The root user" if one.kind == "root" else one.name
        return Row("own", label, cells, f"{one.kind} of this account", listed)
    return Row("own", _counted(members), cells, "of this account, by the same statements", listed)


def _counted(members: list[Standing], *word: str) -> str:
    counts = {kind: sum(one.kind == kind for one in members) for kind in ("role", "user")}
    parts = [" ".join((str(n), *word, kind + "s"[: n != 1])) for kind, n in counts.items() if n]
    return " and ".join(parts) or "The root user"
