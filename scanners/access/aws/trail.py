"""What principals did, folded from the records of CloudTrail: by principal and action how often, when last, on what.

Of a request nothing is kept but the resources that it names.  Calls by sessions count as their role's, those by
federated users as their user's.  What CloudTrail records of other callers (services, other accounts, whoever signs in
elsewhere) is counted, and no more.
Limits: an event that stands in two files counts once while no more than a million events of principals were seen.
Sources, read 2026-11: "CloudTrail userIdentity element", "CloudTrail record contents" (AWS CloudTrail User Guide);
`NAMED` resources of one action are kept at most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.access.aws.event_names import meant
from scanners.access.aws.event_resources import Named, resources
from scanners.access.aws.trail_files import Identity, NotRecords, Record, records

NAMED = 20
UNMAPPED = 200  # kinds of events of one principal
ONCE = 1_000_000
_REFUSED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|Forbidden", re.IGNORECASE)
_WHO = re.compile(r"arn:(aws[\w-]*):(?:iam|sts)::(\d{12}):(root$|(?:user|role|assumed-role)/.+)", re.DOTALL)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(slots=True)
class Use:
    """Of one action by one principal.  `refused` of the `count` were; times in ISO 8601.

    `sure` is false where events only say that it may have been asked for.  `unnamed`: events that name no resource.
    """

    first: str
    last: str
    count: int = 0
    refused: int = 0
    unnamed: int = 0
    sure: bool = False
    on: set[str] = field(default_factory=set)

    @property
    def only_refused(self) -> bool:
        return self.refused == self.count

    @property
    def named(self) -> bool:
        """Whether `on` is everything that it was used on."""
        return not self.unnamed and 0 < len(self.on) <= NAMED


@dataclass(slots=True)
class Activity:
    """Of one principal.  `services`: by service the time of the newest event, whatever it was."""

    uses: dict[str, Use] = field(default_factory=dict)
    unmapped: Counter[str] = field(default_factory=Counter)  # "source name"
    services: dict[str, str] = field(default_factory=dict)
    regions: set[str] = field(default_factory=set)
    count: int = 0


@dataclass(slots=True)
class Trail:
    """All that was read.  `principals` by "account:role/name", "account:user/name" and "account:root".

    `ways`: whether management events are reads, as seen; `sources`: services that have some; `types`:
    of data events, (type of the resource, whether it was a read).  `delivered`: some came in a file of a trail.
    """

    principals: dict[str, Activity] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)  # in whose trail the records are
    days: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    ways: set[bool] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    types: set[tuple[str, bool]] = field(default_factory=set)
    first: str = ""
    last: str = ""
    count: int = 0
    twice: int = 0
    others: int = 0  # of callers that are no principals of an account
    not_understood: int = 0
    files: int = 0
    flaws: list[str] = field(default_factory=list)
    delivered: bool = False
    _seen: set[int] = field(default_factory=set, repr=False)

    def read(self, name: str, raw: bytes) -> None:
        """A file of that name; what is wrong with it becomes a sentence in `flaws`, and the rest stays."""
        try:
            for record, looked_up in records(raw):
                self._take(record, looked_up)
        except NotRecords as wrong:
            self.flaws.append(f"{name} {wrong}")
        else:
            self.files += 1

    def of(self, arn: str) -> Activity:
        """Of a principal by its ARN; empty where the records have nothing of it."""
        return self.principals.get(key(arn), Activity())

    def _take(self, record: Record | None, looked_up: bool) -> None:
        if record is None or not _TIME.fullmatch(record.event_time) or len(record.event_source) > 100:
            self.not_understood += 1
            return
        if record.event_id:
            number = hash(record.event_id)
            if number in self._seen:
                self.twice += 1
                return
            if len(self._seen) < ONCE:
                self._seen.add(number)
        self.delivered = self.delivered or not looked_up
        self.count += 1
        self.accounts[record.recipient_account_id or record.user_identity.account_id or "?"] += 1
        self._covers(record)
        who = _principal(record.user_identity)
        if not who:
            self.others += 1
            return
        fold(self.principals.setdefault(who, Activity()), record)

    def _covers(self, record: Record) -> None:
        at = record.event_time
        self.first = min(self.first or at, at)
        self.last = max(self.last, at)
        self.days.add(at[:10])
        self.regions.add(record.aws_region)
        if record.is_data:
            self.types.update((kind, record.reads) for kind in _listed(record.resources))
        else:
            self.ways.add(record.reads)
            self.sources.add(meant(record.event_source, record.event_name).service)


def key(arn: str) -> str:
    """Names of roles and users are their own within an account, whatever path they have."""
    found = _WHO.fullmatch(arn)
    if found is None:
        return ""
    kind, _, rest = found[3].partition("/")
    if kind == "root":
        return f"{found[2]}:root"
    name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
    return f"{found[2]}:{'user' if kind == 'user' else 'role'}/{name}"


def _principal(who: Identity) -> str:
    issuer = who.session_context.session_issuer if who.session_context else None
    return key((issuer.arn if issuer else None) or who.arn or "")


def fold(into: Activity, record: Record) -> None:
    """One event more of a principal."""
    event, at = meant(record.event_source, record.event_name), record.event_time
    into.count += 1
    into.regions.add(record.aws_region)
    into.services[event.service] = max(into.services.get(event.service, ""), at)
    if not event.sure and not event.perhaps:
        kind = f"{record.event_source} {record.event_name}"[:200]
        into.unmapped[kind if len(into.unmapped) < UNMAPPED else "others"] += 1
        return
    refused = bool(_REFUSED.search(record.error_code or ""))
    named = _named(record)
    for actions, sure in ((event.sure, True), (event.perhaps, False)):
        for action in actions:
            use = into.uses.setdefault(action, Use(at, at))
            use.first, use.last = min(use.first, at), max(use.last, at)
            use.count += 1
            use.refused += refused
            use.sure = use.sure or sure
            if len(use.on) <= NAMED:
                on = resources(event.service, action, named) if sure else frozenset()
                use.unnamed += not on
                use.on |= on


def _named(record: Record) -> Named:
    arn, asked = record.user_identity.arn or "", record.request_parameters
    account = record.recipient_account_id or record.user_identity.account_id or ""
    partition = arn.split(":", 2)[1] if arn.startswith("arn:") and arn.count(":") > 1 else "aws"
    wanted = asked if isinstance(asked, dict) else {}
    return Named(partition, record.aws_region, account, _listed(record.resources), wanted)


def _listed(rows: Any) -> Mapping[str, tuple[str, ...]]:
    """ARNs by type.  Of many objects only where they begin is told."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("type"), str):
            told = row.get("ARN") or row.get("arn") or row.get("ARNPrefix")
            found[row["type"]] = (*found.get(row["type"], ()), told if isinstance(told, str) else "")
    return found
