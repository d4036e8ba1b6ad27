"""What records of CloudTrail add to IAM's report of use: what was used, and what their silence says was not.

An action counts as unused by the trail only where all of this holds: the table below knows by which events its use is
recorded; the files have events of that kind, read or write; they have events of every region in which the principal
acts; and IAM's own report does not know of a use that the files lack.  Everything else stays as IAM tells it.
Actions that were asked for and always refused count as neither.

Sources of `RECORDED`, read 2026-11: "Logging data events" (AWS CloudTrail User Guide); "Logging … API calls using AWS
CloudTrail" in the guides of Amazon S3, AWS Lambda, Amazon DynamoDB, Amazon SQS, Amazon SNS, Amazon Kinesis Data
Streams, AWS KMS, AWS Secrets Manager, AWS Systems Manager, AWS Step Functions and AWS STS.  Left out on purpose: what a
call may need without an event of its own (ACLs, tags and versions of objects, iam:PassRole), s3:ListBucket (without it
"not there" turns into "refused"), and actions of which CloudTrail records nothing (logs:PutLogEvents).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from scanners.access.aws.actions import spelling
from scanners.access.aws.trail import Activity, Trail
from scanners.access.aws.usage import Usage, Used

LONG = 90  # days: what happens once a quarter is seen
SHOWN = 6
_NOISY = frozenset({"kms", "rds-data"})  # the sources that a trail can leave out


@dataclass(frozen=True, slots=True)
class Kind:
    """Of events: data events of a type of resource, or management events (`type` empty).

    `ways`: whether its events are reads; all of them must be among the files, so that none is known to be left out.
    """

    type: str
    ways: frozenset[bool]


_BOTH = frozenset({True, False})
_TABLE = (
    ("s3", Kind("AWS::S3::Object", _BOTH), "GetObject GetObjectAcl GetObjectAttributes ListMultipartUploadParts"
     " PutObject DeleteObject AbortMultipartUpload RestoreObject"),
    ("lambda", Kind("AWS::Lambda::Function", frozenset({False})), "InvokeFunction"),
    ("dynamodb", Kind("AWS::DynamoDB::Table", _BOTH), "BatchGetItem GetItem Query Scan"
     " BatchWriteItem DeleteItem PutItem UpdateItem"),
    ("sqs", Kind("AWS::SQS::Queue", _BOTH), "SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility"),
    ("kinesis", Kind("AWS::Kinesis::Stream", _BOTH), "GetRecords GetShardIterator PutRecord PutRecords"),
    ("kms", Kind("", _BOTH), "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateMac Sign Verify"
     " VerifyMac"),
    ("secretsmanager", Kind("", _BOTH), "GetSecretValue DescribeSecret ListSecrets PutSecretValue UpdateSecret"
     " DeleteSecret"),
    ("ssm", Kind("", _BOTH), "GetParameter GetParameters GetParametersByPath GetParameterHistory PutParameter"
     " DeleteParameter DeleteParameters SendCommand"),
    ("states", Kind("", _BOTH), "DescribeExecution StartExecution StopExecution"),
    ("sts", Kind("", _BOTH), "AssumeRole"),
)  # fmt: skip
RECORDED: Mapping[str, Kind] = {
    f"{service}:{name}".lower(): kind for service, kind, names in _TABLE for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Recording:
    """Which data events the account's running trails record, by their selectors: all events of these types.

    `every`: what every one of them does; `some`: what one of them does; None: nobody knows, `because`.
    """

    every: frozenset[str] | None = None
    some: frozenset[str] | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the records tell of one principal.  `weak`: why nobody should lean on that alone.

    `complete`: actions whose every use the files would have; those of them without one are `unused`.  In lower case.
    `said`: sentences without their full stop, about what was read and what the records cannot tell.
    """

    activity: Activity
    complete: frozenset[str]
    said: tuple[str, ...] = ()
    weak: str = ""
    blind: tuple[tuple[str, str], ...] = ()  # (service, events of it that the files cannot be expected to have)

    @property
    def unused(self) -> frozenset[str]:
        return self.complete - self.activity.uses.keys()

    @property
    def used(self) -> dict[str, str]:
        """By action the time of its last use."""
        return {name: use.last for name, use in self.activity.uses.items() if use.sure and not use.only_refused}


def told(
    trail: Trail,
    arn: str,
    usage: Usage | None,
    recording: Recording,
    runs_in: Iterable[str] = (),
    in_use: Iterable[str] = (),
) -> Told:
    """`runs_in`: regions in which something runs as the principal; `in_use`: in which something of the account does."""
    activity = trail.of(arn)
    regions = activity.regions | set(runs_in)
    missed = _missed(trail, activity, usage)
    complete, blind = set[str](), set[tuple[str, str]]()
    if regions and regions <= trail.regions:
        for action, kind in RECORDED.items():
            service = action.partition(":")[0]
            if service in missed:
                continue
            if _seen(trail, recording, service, kind):
                complete.add(action)
            else:
                blind.add((service, f"data events of {kind.type}" if kind.type else f"events of {service}"))
    said = (*_about(trail, activity, arn), *_doubts(missed, regions - trail.regions, regions))
    return Told(activity, frozenset(complete), said, _weak(trail, recording, in_use), tuple(sorted(blind)))


def by_history(activity: Activity, arn: str, usage: Usage | None, since: str, *, because: str = "") -> Told:
    """By CloudTrail's event history of one region, which has all management events of 90 days; `since` in ISO 8601.

    Silence counts for services of which IAM, too, knows no use since then: a call to another region stands in the
    history of that one.  `because`: why the history does not have all that the principal did; then no silence counts.
    """
    services = usage.services if usage else {}
    quiet = {name for name, one in services.items() if (one.last or "")[:10] < since}
    kinds = {action: action.partition(":")[0] for action, kind in RECORDED.items() if not kind.type}
    complete = frozenset(action for action, service in kinds.items() if service in quiet and not because)
    said = [f"kinds of events of {arn} in CloudTrail's event history since {since}: {activity.count:,}"]
    if because:
        said.append(f"the history does not show all that it did: {because}")
    elif lately := sorted((services.keys() - quiet) & set(kinds.values())):
        said.append(
            f"IAM knows of a use of {listed(lately)} since then, in whatever region: silence says nothing of it"
        )
    if activity.unmapped:
        said.append(f"events that name no action that is known: {listed(sorted(activity.unmapped))}")
    return Told(activity, complete, tuple(said))


def merged(usage: Usage | None, found: Told, starred: Iterable[str] = ()) -> Usage:
    """Both together.  Without IAM's report, what a star over all services gives (`starred`) stays."""
    base = usage or Usage(whole=False)
    unused = found.unused - set(starred) if usage is None else found.unused
    by_service: dict[str, dict[str, str | None]] = {}
    for action, at in found.used.items():
        by_service.setdefault(action.partition(":")[0], {})[action.partition(":")[2]] = at
    for action in unused:
        service, _, name = action.partition(":")
        known = base.services.get(service)
        if known is None and base.whole and service not in by_service:
            continue  # the report says of a service that it does not name as much
        if known is None or (known.ever and name not in (known.actions or {})) or service in by_service:
            by_service.setdefault(service, {}).setdefault(name, None)
    services = dict(base.services)
    for service, actions in by_service.items():
        services[service] = _both(service, base.services.get(service), actions)
    return replace(base, services=services)


def _both(service: str, one: Used | None, actions: Mapping[str, str | None]) -> Used:
    if one is None:
        return Used(service, _newest(None, *actions.values()), actions, partly=True)
    if not one.ever and not any(actions.values()):
        return one
    both = dict(one.actions or {})
    for name, at in actions.items():
        both[name] = _newest(both.get(name), at)
    return Used(service, _newest(one.last, *actions.values()), both, partly=True)


def _newest(*times: str | None) -> str | None:
    return max((at for at in times if at), default=None)


def _seen(trail: Trail, recording: Recording, service: str, kind: Kind) -> bool:
    """Whether the files would have such an event."""
    if not kind.type:
        return kind.ways <= trail.ways and (service not in _NOISY or service in trail.sources)
    if recording.every is not None and kind.type in recording.every and trail.delivered:
        return True
    there = all((kind.type, way) in trail.types for way in kind.ways)
    return there and (recording.some is None or kind.type in recording.some)


def _missed(trail: Trail, activity: Activity, usage: Usage | None) -> dict[str, str]:
    """Services of which IAM knows a later use than the files have, with that day: something was not recorded there."""
    found = {}
    for name, one in usage.services.items() if usage else ():
        if not one.last or not trail.first:
            continue
        day = one.last[:10]
        if day >= trail.first[:10] and day > activity.services.get(name, "")[:10]:
            found[name] = day
    return found


def _weak(trail: Trail, recording: Recording, in_use: Iterable[str]) -> str:
    if elsewhere := sorted(set(in_use) - trail.regions):
        return f"the files have nothing from {listed(elsewhere)}, where functions of the account run"
    if len(trail.days) < LONG:
        return f"the files have records of {len(trail.days)} days, and what is done once a quarter needs {LONG}"
    if recording.some is None:
        return f"which data events are recorded is not known ({recording.because or 'no trail was seen'})"
    return ""


def _about(trail: Trail, activity: Activity, arn: str) -> Iterable[str]:
    if not trail.count:
        yield "the files have no records"
        return
    first, last = trail.first[:10], trail.last[:10]
    where = listed(sorted(trail.regions))
    yield f"the files have {trail.count:,} records from {first} to {last}, of {len(trail.days)} days, in {where}"
    account = arn.split(":")[4] if arn.count(":") > 4 else ""
    others = {name: count for name, count in trail.accounts.items() if name != account}
    if others:
        yield f"{sum(others.values()):,} of them are of other accounts ({listed(sorted(others))})"
    yield f"{activity.count:,} of them are of {arn}"
    if activity.unmapped:
        names = listed(sorted(activity.unmapped))
        yield f"{activity.unmapped.total():,} of its events name no action that is known: {names}"
    if refused := sorted(spelling(name) for name, use in activity.uses.items() if use.only_refused):
        yield f"{listed(refused)} was asked for and always refused: the trail does not count that as use"


def _doubts(missed: Mapping[str, str], unseen: set[str], regions: set[str]) -> Iterable[str]:
    if not regions:
        yield "where it acts is not known, so nothing counts as unused by the trail"
    elif unseen:
        yield f"the files have nothing from {listed(sorted(unseen))}, where it acts: nothing counts as unused by them"
    for service, day in sorted(missed.items()):
        if any(action.startswith(f"{service}:") for action in RECORDED):
            yield f"IAM knows of a use of {service} on {day} that the records lack: they decide nothing of it"


def listed(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
