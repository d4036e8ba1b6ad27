"""All that the page of a function says, as of a publication: who can invoke it, what it can reach, what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from posture.models import Account, Resource, Scan
from posture.queries import access, estates, visible
from posture.queries.clouds import CLOUDS, Cloud
from posture.queries.finding_pages import DEFAULT, ordered
from posture.queries.finding_question import Question, narrow
from posture.queries.finding_rows import Found, read
from posture.queries.function_asked import COMERS, SHOWN, AskedPage, asked_page, refs
from posture.queries.function_settings import Setting, reasons
from posture.queries.visible import Seer
from posture.store import evidence
from scanners.access.aws.usage import Usage
from scanners.access.explorer import Answer, Sized, Way
from scanners.catalog.runtimes import END_OF_SUPPORT
from scanners.graph import access_points, endpoints, reach
from scanners.graph import fronts as in_front
from scanners.graph.aws_answers import inside
from scanners.graph.aws_explorer import AwsExplorer
from scanners.graph.blast import Blast, blast
from scanners.graph.invokers import Table, truth_table
from scanners.graph.paths import comers
from scanners.graph.right_sized import used
from scanners.graph.standing import Standing
from scanners.model import Node, Provider, Unread
from scanners.model import Resource as Seen
from scanners.model.estate import Estate

FUNCTION, ROLE, GROUP = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup"
TOGETHER = tuple(
    dict.fromkeys(
        (
            FUNCTION,
            GROUP,
            *reach.KINDS,
            *in_front.KINDS,
            *endpoints.KINDS,
            *access_points.KINDS,
            "AWS::S3::AccountPublicAccessBlock",
        )
    )
)
FINDINGS = 100
MANY = 1_500  # principals: from here on paths are worked out when somebody asks, for it takes seconds
MANY_ASKED = 300  # the same where rules are put to the engine one by one


@dataclass(slots=True)
class FunctionPage:
    """`role` None: there is no standing of it here, because `role_unknown`."""

    resource: Resource
    scan: Scan
    seen: Seen
    table: Table
    fronts: list[in_front.Front]
    settings: list[Setting]
    role_arn: str = ""
    role: Standing | None = None
    role_unknown: str = ""
    reach: reach.Reach = field(default_factory=reach.Reach)
    usage: Usage | None = None
    usage_unknown: str = ""
    proposal: Sized | None = None
    many: int = 0  # principals, where paths were not worked out for their number
    way: Way | None = None
    caveats: tuple[str, ...] = ()
    blast: Blast | None = None
    comers: tuple[Way, ...] = ()  # who can come to act as its role, or change its code
    more: int = 0
    fronts_unread: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    accounts_label: str = "Any AWS account"
    cloud: Cloud = CLOUDS[Provider.AWS]
    ids: dict[str, int] = field(default_factory=dict)  # ref → id of the resource, for links

    @property
    def names(self) -> dict[int, str]:
        """Of the columns."""
        return {number: one.name for number, one in enumerate(self.table.qualifiers)}

    @property
    def use(self) -> dict[str, str]:
        """By kind of thing, when the role last used its service; "" where the report says that it did not."""
        services = {kind: next(iter(verbs.values()))[0][0].partition(":")[0] for kind, verbs in reach.KINDS.items()}
        known = self.usage.services if self.usage else {}
        return {kind: str(known[service].last or "") for kind, service in services.items() if service in known}

    @property
    def anyone(self) -> Answer:
        return self.table.of("anyone")[0].worst

    @property
    def accounts(self) -> Answer:
        return self.table.of("accounts")[0].worst

    @property
    def open_fronts(self) -> list[in_front.Front]:
        return [one for one in self.fronts if one.open and not one.off and one.what != "Function URL"]


def page(
    seer: Seer, resource: Resource, at: datetime | None, *, paths: bool = False
) -> FunctionPage | AskedPage | None:
    """None: the function was not there then.  `paths`: worked out however long it takes.  Raises NotScanned."""
    account = resource.account
    scan = estates.published(seer, account, at)
    estate, explorer = estates.stood(scan, account)
    if isinstance(explorer, AwsExplorer):
        _read_together(estate, account, scan)
    try:
        seen = estate.find(resource.kind, resource.ref)
    except Unread:
        return None
    if seen is None:
        return None
    if not isinstance(explorer, AwsExplorer):
        asked = asked_page(explorer, estate, resource, scan, seen, most=None if paths else MANY_ASKED)
        asked.ids = _known(seer, account, refs(asked))
        return asked
    view = explorer.view
    found, unread = in_front.fronts(view.estate, seen)
    table = truth_table(view, seen)
    made = FunctionPage(resource, scan, seen, table, found, _settings(view.estate, seen), fronts_unread=unread)
    _of_role(made, explorer, paths=paths)
    made.gaps = list(dict.fromkeys([*view.gaps, *table.unread, *unread, *made.reach.unread]))
    made.ids = _ids(seer, account, made)
    return made


def _read_together(estate: Estate, account: Account, scan: Scan) -> None:
    """One query for all that the page asks about."""
    at = scan.finished_at or scan.asked_at
    estate.hold(TOGETHER, lambda kinds: evidence.as_of(account.pk, kinds, at))


def _of_role(made: FunctionPage, explorer: AwsExplorer, *, paths: bool) -> None:
    view = explorer.view
    try:
        made.role_arn = made.seen["ListFunctions"].need("Role").text()
    except Unread as gaps:
        made.role_unknown = reasons(gaps)
        return
    made.role = view.standings.get(made.role_arn)
    if made.role is None:
        unread = view.account.unread.get("iam:role")
        made.role_unknown = unread or "no such role was seen in the account"
        return
    made.reach = reach.reach_of(view, made.role, leave_out=made.seen.ref, runs=_runs(made.seen, view.estate))
    made.usage, made.usage_unknown = used(view.estate, made.role)
    who = inside(made.role)
    made.proposal = explorer.right_size(who)
    made.many = 0 if paths or "graph" in vars(view) or len(view.standings) <= MANY else len(view.standings)
    if not made.many and made.role_arn in view.graph.scene.place:
        told = explorer.ways(who)
        made.way, made.caveats = told.ways[0], told.caveats
        made.blast = blast(view.graph, made.role_arn)
        found = comers(view.graph, made.role_arn)
        made.more = max(0, len(found) - COMERS)
        first = (inside(view.standings[one]) for one in found[:COMERS] if one in view.standings)
        made.comers = tuple(way for one in first for way in explorer.ways(one, who).ways)


def _runs(seen: Seen, estate: Estate) -> endpoints.Network | None:
    """None where its settings were not understood: that the page says beside them."""
    try:
        return endpoints.Network.of(seen, estate)
    except Unread:
        return None


def _ids(seer: Seer, account: Account, made: FunctionPage) -> dict[str, int]:
    """Of everything the page links to; one query."""
    wanted = {made.role_arn, *(one.ref for one in made.fronts), *(one.ref for one in made.reach.things[:SHOWN])}
    wanted |= {member for row in made.table.rows for member in row.members[:50]}
    wanted |= {b.ref for row in made.table.rows for cell in row.cells for b in cell.because}
    wanted |= {arn for hop in (made.blast.hops if made.blast else ()) for arn in (hop.origin, hop.target)}
    return _known(seer, account, wanted)


def _known(seer: Seer, account: Account, refs: set[str]) -> dict[str, int]:
    rows = visible.resources(seer).filter(account=account, ref__in=refs - {""})
    return dict(rows.exclude(kind="AWS::Account").values_list("ref", "id"))


def findings_of_role(seer: Seer, made: FunctionPage | AskedPage, at: datetime | None) -> list[Found]:
    """Open findings of something beside the function: its role, or the identities that it acts as."""
    account = made.resource.account
    if isinstance(made, FunctionPage):
        found = [made.role_arn]
    else:
        whom = [one.who for one in made.identities]
        found = list(access.resources_of(seer, account, whom).values_list("ref", flat=True)) if whom else []
    if not any(found):
        return []
    question = Question(account=(account.pk,), ref=tuple(found), as_of=at)
    return list(read(ordered(narrow(seer, question), question, DEFAULT)[:FINDINGS], question))


# settings


def _settings(estate: Estate, seen: Seen) -> list[Setting]:
    made: list[Setting] = []
    for name, tell in _TOLD:
        try:
            made.append(tell(estate, seen))
        except Unread as gaps:
            made.append(Setting(name, "Not known", reasons(gaps), unread=True))
    return made


def _runtime(estate: Estate, seen: Seen) -> Setting:
    said = seen["ListFunctions"]
    if said["PackageType"].value == "Image":
        return Setting("Runtime", "Container image", "brings its own runtime")
    runtime = said.need("Runtime").text()
    end = END_OF_SUPPORT.get(runtime)
    if end is None:
        return Setting("Runtime", runtime, "its end of support is not known here", unread=True)
    ended = end <= estate.now.date()
    return Setting("Runtime", runtime, f"support {'ended' if ended else 'ends'} on {_day(end)}", bad=ended)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _network(estate: Estate, seen: Seen) -> Setting:
    vpc = seen["ListFunctions"]["VpcConfig"]
    subnets, groups = list(vpc["SubnetIds"]), list(vpc["SecurityGroupIds"])
    if not subnets:
        return Setting("Network", "Outside your networks", "it reaches the internet and AWS, and nothing private")
    names = ", ".join(str(one.value) for one in groups)
    return Setting("Network", str(vpc["VpcId"].value or "in a network"), f"{len(subnets)} subnets, {names}")


def _logs(estate: Estate, seen: Seen) -> Setting:
    said = seen["ListFunctions"]
    name = str(said["LoggingConfig"]["LogGroup"].value or f"/aws/lambda/{said.need('FunctionName').text()}")
    try:
        groups = {group.name: group for group in estate.all(GROUP) if group.region == seen.region}
        whole = True
    except Unread as gaps:
        if all(gap.region != seen.region for gap in gaps.gaps):
            whole = True
        else:
            raise
        groups = {}
    group = groups.get(name)
    if group is None and whole:
        return Setting("Logs", name, "the group is not there yet: nothing was logged", bad=True)
    days = _kept(group)
    return Setting("Logs", name, f"kept {days} days" if days else "kept for ever", bad=not days)


def _kept(group: Seen | None) -> Any:
    return group["DescribeLogGroups"]["retentionInDays"].value if group else None


def _cap(estate: Estate, seen: Seen) -> Setting:
    if not seen.asked("GetFunctionConcurrency"):
        return Setting("Concurrency", "not looked at", "a cap counts where strangers may call, and none may")
    cap: Node = seen["GetFunctionConcurrency"]["ReservedConcurrentExecutions"]
    return Setting("Concurrency", f"at most {cap.value}" if cap.present else "not capped")


def _key(estate: Estate, seen: Seen) -> Setting:
    key = seen["ListFunctions"]["KMSKeyArn"].value
    return Setting("Variables", "encrypted with a key of the account" if key else "encrypted with a key of AWS")


def _layers(estate: Estate, seen: Seen) -> Setting:
    layers = [str(layer["Arn"].value) for layer in seen["ListFunctions"]["Layers"]]
    return Setting("Layers", ", ".join(layers) or "none")


_TOLD = (
    ("Runtime", _runtime),
    ("Network", _network),
    ("Logs", _logs),
    ("Concurrency", _cap),
    ("Variables", _key),
    ("Layers", _layers),
)
