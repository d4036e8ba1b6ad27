"""What a principal can do to the things of an account: read, write, delete, invoke, and which roles it can come by.

Every thing that was seen is asked for a few actions that stand for a verb; the whole decision is made, the thing's own
policy, grants and access list included.  Limits: an action stands for its kind of verb, others of the same kind are not
asked; access points are not asked; what was not listed is not there to be asked, and stands in `unread`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from scanners.access.aws.context import Known
from scanners.access.aws.policies import compile_policy
from scanners.access.aws.words import in_words
from scanners.access.explorer import Answer
from scanners.graph.deciding import Deciding, deciding
from scanners.graph.endpoints import Network, Passage, unread
from scanners.graph.everybody import judging
from scanners.graph.judging import Judged
from scanners.graph.standing import Standing, View
from scanners.graph.supposing import Leaving, Supposing
from scanners.graph.targets import Target, target
from scanners.model import Resource, Unread

VERBS = ("read", "write", "delete", "invoke", "assume", "pass")
Asked = tuple[tuple[str, str], ...]  # (action, what is put behind the ARN)
# Kind → verb → actions of which one is enough.
KINDS: Mapping[str, Mapping[str, Asked]] = {
    "AWS::S3::Bucket": {
        "read": (("s3:GetObject", "/*"), ("s3:ListBucket", "")),
        "write": (("s3:PutObject", "/*"),),
        "delete": (("s3:DeleteObject", "/*"), ("s3:DeleteBucket", "")),
    },
    "AWS::DynamoDB::Table": {
        "read": (("dynamodb:GetItem", ""), ("dynamodb:Query", ""), ("dynamodb:Scan", "")),
        "write": (("dynamodb:PutItem", ""), ("dynamodb:UpdateItem", ""), ("dynamodb:BatchWriteItem", "")),
        "delete": (("dynamodb:DeleteItem", ""), ("dynamodb:DeleteTable", "")),
    },
    "AWS::SQS::Queue": {
        "read": (("sqs:ReceiveMessage", ""),),
        "write": (("sqs:SendMessage", ""),),
        "delete": (("sqs:DeleteMessage", ""), ("sqs:PurgeQueue", ""), ("sqs:DeleteQueue", "")),
    },
    "AWS::SNS::Topic": {
        "read": (("sns:Subscribe", ""),),
        "write": (("sns:Publish", ""),),
        "delete": (("sns:DeleteTopic", ""),),
    },
    "AWS::Kinesis::Stream": {
        "read": (("kinesis:GetRecords", ""),),
        "write": (("kinesis:PutRecord", ""), ("kinesis:PutRecords", "")),
        "delete": (("kinesis:DeleteStream", ""),),
    },
    "AWS::SecretsManager::Secret": {
        "read": (("secretsmanager:GetSecretValue", ""),),
        "write": (("secretsmanager:PutSecretValue", ""), ("secretsmanager:UpdateSecret", "")),
        "delete": (("secretsmanager:DeleteSecret", ""),),
    },
    "AWS::SSM::Parameter": {
        "read": (("ssm:GetParameter", ""), ("ssm:GetParameters", "")),
        "write": (("ssm:PutParameter", ""),),
        "delete": (("ssm:DeleteParameter", ""),),
    },
    "AWS::KMS::Key": {
        "read": (("kms:Decrypt", ""),),
        "write": (("kms:Encrypt", ""), ("kms:GenerateDataKey", "")),
        "delete": (("kms:ScheduleKeyDeletion", ""), ("kms:DisableKey", "")),
    },
    "AWS::Events::EventBus": {"write": (("events:PutEvents", ""),)},
    "AWS::Logs::LogGroup": {
        "read": (("logs:FilterLogEvents", ""), ("logs:GetLogEvents", ":log-stream:*")),
        "delete": (("logs:DeleteLogGroup", ""),),
    },
    "AWS::Lambda::Function": {
        "invoke": (("lambda:InvokeFunction", ""),),
        "write": (("lambda:UpdateFunctionCode", ""), ("lambda:UpdateFunctionConfiguration", "")),
        "delete": (("lambda:DeleteFunction", ""),),
    },
    "AWS::StepFunctions::StateMachine": {
        "invoke": (("states:StartExecution", ""),),
        "write": (("states:UpdateStateMachine", ""),),
        "delete": (("states:DeleteStateMachine", ""),),
    },
    "AWS::IAM::Role": {"assume": (("sts:AssumeRole", ""),), "pass": (("iam:PassRole", ""),)},
}
_BEYOND = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Here:
    """The answer where the code runs, inside a network; elsewhere the same credentials have another one."""

    answer: Answer
    words: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """One verb on one thing.  `actions` are those that are possible; `here` None: no endpoint makes a difference."""

    verb: str
    answer: Answer
    actions: tuple[str, ...]
    because: tuple[Deciding, ...] = ()
    condition: str = ""
    doubts: tuple[str, ...] = ()
    here: Here | None = None


class Said(NamedTuple):
    """Verbs with the same answer; `by`: the policies or roles that decide; `here`: what is different where it runs."""

    answer: Answer
    condition: str
    by: tuple[str, ...]
    here: str
    verbs: list[str]


@dataclass(frozen=True, slots=True)
class Reached:
    kind: str
    ref: str
    name: str
    touches: tuple[Touch, ...]

    @property
    def said(self) -> list[Said]:
        """Verbs with the same answer, for the same reason, together."""
        alike: dict[tuple[Answer, str, tuple[str, ...], str], list[str]] = {}
        for touch in self.touches:
            by = tuple(dict.fromkeys(one.named for one in touch.because if one.effect == "Allow"))
            here = touch.here.words if touch.here else ""
            alike.setdefault((touch.answer, touch.condition, by, here), []).append(touch.verb)
        return [Said(*said, verbs) for said, verbs in alike.items()]


@dataclass(slots=True)
class Reach:
    """`things` in the order of their kinds; `seen` how many of each kind were asked about.

    `beyond`: what gives access to such things, or is one, and is not collected at all.
    """

    things: list[Reached] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many things were asked about."""
        return sum(self.seen.values())

    @property
    def doubts(self) -> list[str]:
        """Why some answers are unknown."""
        touches = [touch for one in self.things for touch in one.touches]
        found = [why for touch in touches if touch.answer is Answer.UNKNOWN for why in touch.doubts]
        return list(dict.fromkeys([*found, *(why for touch in touches if touch.here for why in touch.here.doubts)]))

    def count(self, verb: str, *answers: Answer) -> int:
        wanted = answers or _BEYOND
        return sum(any(t.verb == verb and t.answer in wanted for t in one.touches) for one in self.things)


def reach_of(view: View, standing: Standing, *, leave_out: str = "", runs: Network | None = None) -> Reach:
    """All that a principal can surely or perhaps do.

    `leave_out` is the ref of the thing that asks for itself; `runs` the network it asks from, where there is one.
    """
    found = Reach()
    for kind, verbs in KINDS.items():
        for resource in _seen(view, kind, found.unread):
            found.seen[kind] = found.seen.get(kind, 0) + 1
            if resource.ref in (leave_out, standing.arn):
                continue
            touches = tuple(_touches(view, standing, resource, verbs, runs))
            if touches:
                found.things.append(Reached(kind, resource.ref, resource.name, touches))
    found.unread = list(dict.fromkeys(found.unread))
    return found


def _seen(view: View, kind: str, unread: list[str]) -> Iterator[Resource]:
    try:
        yield from view.estate.all(kind)
    except Unread as gaps:
        unread.extend(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)


def _touches(
    view: View, standing: Standing, resource: Resource, verbs: Mapping[str, Asked], runs: Network | None
) -> Iterator[Touch]:
    targets: dict[str, Target] = {}
    for verb, asked in verbs.items():
        judged = list[Judged]()
        for action, behind in asked:
            if behind not in targets:
                targets[behind] = _target(view, resource, behind)
            if _spoken_for(standing, targets[behind], action):
                judged.append(judging(view, action, targets[behind], Supposing).of(standing))
        possible = [one for one in judged if one.answer is not Answer.DENIED]
        if possible:
            best = min(possible, key=lambda one: _BEYOND.index(one.answer))
            actions = tuple(one.decision.request.action for one in possible)
            condition = in_words(best.residual) if best.answer is Answer.IF else ""
            doubts = tuple(dict.fromkeys(doubt.because for doubt in best.doubts))
            here = _here(view, standing, possible, runs, (best.answer, condition)) if runs else None
            yield Touch(verb, best.answer, actions, tuple(deciding(best)), condition, doubts, here)


def _here(
    view: View, standing: Standing, elsewhere: list[Judged], runs: Network, same: tuple[Answer, str]
) -> Here | None:
    """`elsewhere`: what is possible wherever the credentials are used; `same`: the answer there."""
    service, region = elsewhere[0].decision.request.service, elsewhere[0].target.region
    try:
        ways = runs.passages(service, region)
    except Unread as gaps:
        return Here(Answer.UNKNOWN, "from the function unknown", unread(gaps))
    found = dict[tuple[Answer, str], str]()
    for way in ways:
        leaving = partial(_leaving, way)
        asked = [judging(view, one.decision.request.action, one.target, leaving).of(standing) for one in elsewhere]
        best = min(asked, key=lambda one: list(Answer).index(one.answer))
        condition = in_words(best.residual) if best.answer is Answer.IF else ""
        found[best.answer, condition] = way.id
    if len(found) > 1:
        return Here(Answer.IF, "from the function by the way that its subnet leads")
    for (answer, condition), way_id in found.items():
        if (answer, condition) != same:
            return Here(answer, _words(answer, condition, way_id))
    return None


def _leaving(way: Passage, view: View, action: str, on: Target, facts: Mapping[str, Known]) -> Leaving:
    return Leaving(view, action, on, way, facts)


def _words(answer: Answer, condition: str, way: str) -> str:
    said = {Answer.ALLOWED: "from the function", Answer.DENIED: "not from the function",
            Answer.UNKNOWN: "from the function unknown", Answer.IF: f"from the function if {condition}"}  # fmt: skip
    return f"{said[answer]}, through {way}"


def _spoken_for(standing: Standing, on: Target, action: str) -> bool:
    """Whether anything may allow it; where nothing does, a denial is certain."""
    if standing.doubts or on.doubts or standing.layers.identity.candidates(action.lower())[0]:
        return True
    return any(compile_policy(one.meaning).candidates("resource", action.lower())[0] for one in on.letting)


def _target(view: View, resource: Resource, behind: str) -> Target:
    """Of what is inside of a thing, an object for all of them: the thing's own policy speaks of it too."""
    return target(view.estate, f"{resource.ref}{behind.replace('*', 'any')}")
