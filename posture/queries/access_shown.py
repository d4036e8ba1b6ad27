"""Answers about access as the explorer shows them: rows with links, policies with the lines that decide."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from posture.models import AccessVersion, Resource
from posture.queries import access_records, moments, visible
from posture.queries.access import Asking, WhoCan
from scanners.access.aws import catalogue
from scanners.access.aws.actions import service_actions, services, spelling
from scanners.graph.effects import unpacked
from scanners.graph.explaining import LayerSays, Said, layers_say
from scanners.graph.guardrails import Written
from scanners.graph.judging import Judged
from scanners.graph.targets import POLICIES

MOST_ROWS, MOST_NAMES, MOST_ACTIONS = 300, 1000, 80
# What people ask about first.
ASKED_OFTEN = (
    "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish",
    "kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter", "dynamodb:GetItem", "dynamodb:PutItem",
    "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "iam:PassRole", "iam:CreateAccessKey", "sts:AssumeRole",
    "ec2:RunInstances", "rds:DeleteDBInstance", "cloudtrail:StopLogging", "ecr:PutImage", "events:PutEvents",
)  # fmt: skip


@dataclass(slots=True)
class Paper:
    """A whole policy, with the lines that decide and the statements that speak of the question."""

    written: Written
    marks: list[str]
    said: list[Said]
    prefix: str
    resource: Resource | None = None


@dataclass(slots=True)
class Layer:
    says: LayerSays
    papers: list[Paper] = field(default_factory=list)
    others: list[Written] = field(default_factory=list)  # policies that say nothing of the question


@dataclass(frozen=True, slots=True)
class Row:
    """A principal on the first page."""

    resource: Resource
    sure: int
    possible: int
    doubts: list[str]

    @property
    def kind(self) -> str:
        return {"AWS::IAM::User": "user", "AWS::IAM::Role": "role"}.get(self.resource.kind, "root")

    @property
    def name(self) -> str:
        return "root" if self.kind == "root" else self.resource.name


def who_can(asked: Asking, found: WhoCan) -> dict[str, Any]:
    counts = Counter(one.answer.value for one in found.rows)
    rows = [access_records.row(one) for one in islice(found.rows, MOST_ROWS)]
    links = _links(asked, (via["ref"] for row in rows for via in row["via"]))
    for row in rows:
        for via in row["via"]:
            via["resource"] = links.get(via["ref"])
            via["number"] = int(via["statement"]) + 1
    more = len(found.rows) - len(rows)
    return {"rows": rows, "counts": dict(counts), "found": found, "more": more}


def layers(asked: Asking, judged: Judged) -> list[Layer]:
    """Layer by layer, with the policies that speak of the question whole."""
    said = list(layers_say(judged))
    links = _links(asked, (written.ref for one in said for written in one.policies))
    made = []
    for number, one in enumerate(said):
        layer = Layer(one)
        spoken: dict[int, list[Said]] = defaultdict(list)
        for statement in one.statements:
            spoken[id(statement.written)].append(statement)
        for place, written in enumerate(one.policies):
            if mine := spoken.get(id(written)):
                marks = [mark(written.document, said.place) for said in mine if said.decides]
                layer.papers.append(Paper(written, marks, mine, f"l{number}p{place}-", links.get(written.ref)))
            else:
                layer.others.append(written)
        made.append(layer)
    return made


def mark(document: object, place: int) -> str:
    """Where a statement stands: a lone one is no list."""
    if isinstance(document, dict):
        for name, value in document.items():
            if str(name).lower() == "statement":
                return f"/{name}/{place}" if isinstance(value, list) else f"/{name}"
    return ""


def _links(asked: Asking, refs: Iterable[str]) -> dict[str, Resource]:
    wanted = {ref for ref in refs if ref.startswith("arn:")}
    rows = visible.resources(asked.seer).filter(account=asked.account, ref__in=wanted)
    return {row.ref: row for row in rows}


def principals(asked: Asking) -> list[Row]:
    """Everybody whose access was kept, who can do most first."""
    rows = AccessVersion.objects.filter(moments.held(asked.at), account=asked.account).select_related("resource")
    found = [Row(row.resource, _count(row.sure), _count(row.possible), row.doubts) for row in rows]
    return sorted(found, key=lambda row: (-row.possible, -row.sure, row.name))


def _count(raw: bytes | memoryview) -> int:
    """Of actions that have a name; the last bit stands for all others."""
    return (unpacked(bytes(raw)) & catalogue().every >> 1).bit_count()


def suggestions(asked: Asking) -> dict[str, list[str]]:
    """Names to choose from, in the lists of the form's fields."""
    standings = asked.view.standings.values()
    names = Counter(one.name for one in standings)
    mine = [one.name if names[one.name] == 1 else one.arn for one in standings]
    here = visible.resources(asked.seer).filter(moments.held(asked.at, "versions__"), account=asked.account)
    refs = here.filter(kind__in=[*POLICIES]).order_by("ref").values_list("ref", flat=True)[:MOST_NAMES]
    return {"principals": sorted(mine)[:MOST_NAMES], "resources": list(refs)}


def actions(text: str) -> list[str]:
    """Actions whose name begins like this, or that people ask about often."""
    service, colon, name = text.strip().lower().partition(":")
    if not colon:
        often = [one for one in ASKED_OFTEN if one.lower().startswith(service)]
        return [*often, *(f"{one}:" for one in services() if one.startswith(service))][:MOST_ACTIONS]
    found = (spelling(one) for one in service_actions(service) if name in one.partition(":")[2])
    return list(islice(found, MOST_ACTIONS))
