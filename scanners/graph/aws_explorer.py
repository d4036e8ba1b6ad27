"""AWS as commands and pages ask it: the engine over a stored account, and its graph of escalation.

Limits: those of `standing`, `judging` and `graph`; a name is looked up among the kinds that may have a policy of their
own, so others are named by ARN.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from scanners.access.aws import catalogue
from scanners.access.aws.actions import service_actions, services, spelling
from scanners.access.aws.trail import Trail
from scanners.access.explorer import (
    Answer,
    Decided,
    Explained,
    Held,
    NotFound,
    Principal,
    Row,
    Sized,
    Target,
    Way,
    Ways,
    WhoCan,
)  # fmt: skip
from scanners.graph.aws_answers import aimed, decided, explained, inside, row, way
from scanners.graph.aws_held import worked_out
from scanners.graph.everybody import judging, who_can
from scanners.graph.invokers import INVOKE, INVOKE_URL
from scanners.graph.judging import Judged
from scanners.graph.paths import answer, between
from scanners.graph.right_sized import proposed
from scanners.graph.standing import Standing, View, view
from scanners.graph.targets import POLICIES
from scanners.graph.targets import Target as Aimed
from scanners.graph.targets import target as aim
from scanners.model import Resource, Unread
from scanners.model.estate import Estate

# Read together: every question needs them.
IDENTITIES = (
    "AWS::Account", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::User",
    "AWS::Organizations::Account", "AWS::Organizations::Organization", "AWS::Organizations::Policy",
    "AWS::Organizations::Root",
)  # fmt: skip
OFTEN = (
    "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish",
    "kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter", "dynamodb:GetItem", "dynamodb:PutItem",
    "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "iam:PassRole", "iam:CreateAccessKey", "sts:AssumeRole",
    "ec2:RunInstances", "rds:DeleteDBInstance", "cloudtrail:StopLogging", "ecr:PutImage", "events:PutEvents",
)  # fmt: skip
FUNCTION = "AWS::Lambda::Function"
_ACTION = re.compile(r"[a-z0-9-]{1,60}:[A-Za-z0-9]{1,120}")
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[^:]*:.+", re.DOTALL)


def explorer(estate: Estate) -> AwsExplorer:
    return AwsExplorer(view(estate))


class AwsExplorer:
    """An `Explorer`.  `view` is for what is asked of AWS alone."""

    def __init__(self, view: View) -> None:
        self.view = view

    @property
    def gaps(self) -> tuple[str, ...]:
        return self.view.gaps

    # what people name

    def principals(self) -> Sequence[Principal]:
        return [inside(one) for one in self.view.standings.values()]

    def principal(self, text: str) -> Principal:
        return inside(self.view.named(text.strip()))

    def target(self, text: str) -> Target:
        """By ARN (wildcards too) or by a name that only one resource with a policy of its own has; nothing: any."""
        text = text.strip() or "*"
        return aimed(aim(self.view.estate, text if text == "*" or _ARN.fullmatch(text) else self._named(text)))

    def _named(self, text: str) -> str:
        found = sorted({one.ref for kind in POLICIES for one in self._seen(kind) if one.name == text})
        if len(found) == 1:
            return found[0]
        if not found:
            here = f"in account {self.view.account.id}: name one that is, or its ARN."
            raise NotFound(f"There is no resource “{text[:200]}” {here}")
        raise NotFound(
            f"“{text[:200]}” is the name of several resources: {', '.join(found[:4])}. Say which by its ARN."
        )

    def _seen(self, kind: str) -> Iterator[Resource]:
        try:
            yield from self.view.estate.all(kind)
        except Unread:
            return

    def action(self, text: str) -> str:
        text = text.strip()
        if not _ACTION.fullmatch(text):
            raise NotFound(f"“{text[:120]}” is no action: write one in full, such as s3:GetObject.")
        return text

    def known(self, action: str) -> bool:
        return action.lower() in catalogue().number

    def often(self) -> tuple[str, ...]:
        return OFTEN

    def suggested(self, beginning: str) -> Iterable[str]:
        """Of a service its actions; before the colon those that people ask about, and services."""
        service, colon, name = beginning.strip().lower().partition(":")
        if colon:
            return (spelling(one) for one in service_actions(service) if name in one.partition(":")[2])
        often = [one for one in OFTEN if one.lower().startswith(service)]
        return [*often, *(f"{one}:" for one in services() if one.startswith(service))]

    # what the engine answers

    def decide(self, who: Principal, action: str, target: Target) -> Decided:
        return decided(self._judged(who, action, target))

    def explain(self, who: Principal, action: str, target: Target) -> Explained:
        return explained(self._judged(who, action, target))

    def _judged(self, who: Principal, action: str, on: Target) -> Judged:
        return judging(self.view, action, self._aim(on)).of(self._standing(who))

    def _aim(self, on: Target) -> Aimed:
        return aim(self.view.estate, on.ref)

    def _standing(self, who: Principal) -> Standing:
        return self.view.standings.get(who.ref) or self.view.named(who.ref)

    def who_can(
        self, action: str, target: Target, among: Collection[str] | None = None, most: int | None = None
    ) -> WhoCan:
        """`among`: ARNs of those whose own policies may allow it somewhere, where that was kept; None: nobody knows.

        `most`: rows that are worked out with their proofs, the surest first; the others are counted.
        """
        found = who_can(self.view, action, self._aim(target), among)
        letting = [one for one in found if one.answer is not Answer.DENIED]
        rows: tuple[Row, ...] = tuple(map(row, letting[:most]))
        beyond = Counter(one.answer for one in letting[len(rows) :])
        everybody = len(self.view.standings)
        within = sum(one.standing is not None for one in letting)
        return WhoCan(action, target, rows, everybody - within, everybody, beyond)

    def held(self, who: Principal) -> Held:
        return worked_out(self._standing(who))

    def right_size(self, who: Principal, trail: Trail | None = None) -> Sized:
        """`trail`: records of CloudTrail, beside IAM's report."""
        return proposed(self.view, self._standing(who), trail)

    # functions

    def invocation(self, function: Resource) -> tuple[str, ...]:
        return (INVOKE, INVOKE_URL) if function.kind == FUNCTION else ()

    def runs_as(self, function: Resource) -> tuple[Principal, ...]:
        arn = function["ListFunctions"].need("Role").text()
        return (inside(self.view.standings[arn]),) if arn in self.view.standings else ()

    # ways

    def ways(self, origin: Principal | None = None, goal: Principal | None = None) -> Ways:
        """Cuts where the question is about all."""
        graph = self.view.graph
        if goal is not None and goal.ref not in graph.scene.place:
            raise NotFound("Nobody becomes the root user by what policies give: name a user or a role.")
        if origin is not None and origin.ref not in graph.scene.place:  # the root user: no policy binds it
            return Ways((Way(origin, True, administrator=True),))
        starts = [origin] if origin else [one.principal for one in graph.scene.principals]
        found = [self._way(start, goal) for start in starts if goal is None or start != goal]
        cuts = () if origin or goal else tuple(self.view.cuts)
        return Ways(tuple(found), cuts, graph.scene.account.caveats)

    def _way(self, origin: Principal, goal: Principal | None) -> Way:
        graph = self.view.graph
        found = between(graph, origin.ref, goal.ref) if goal else answer(graph, origin.ref)
        return way(graph.scene, origin, found)
