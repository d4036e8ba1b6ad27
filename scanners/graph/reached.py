"""What one taken-over principal reaches: the stores it reads and writes, the functions it calls, whom it can become.

Of a key its own policy and its grants decide, as without them nobody may use it.
Limits: policies of other resources are not asked, neither those that give more nor those that give less; of stores
outside the account nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.access.aws.effective import allowed
from scanners.access.aws.policies import Group, compile_policy
from scanners.access.aws.policies import group as grouped
from scanners.access.aws.principals import Match
from scanners.graph.ascent import acts_as
from scanners.graph.given import GRANTS, grants
from scanners.graph.rights import Rights
from scanners.model import Resource
from scanners.model.estate import Estate


@dataclass(frozen=True, slots=True)
class Store:
    """A kind that holds something, and the actions that read and write it; `inside` ends the ARN they are asked on."""

    kind: str
    section: str  # that lists it
    reads: str = ""
    writes: str = ""
    inside: str = ""


FUNCTION, KEY = "AWS::Lambda::Function", "AWS::KMS::Key"
STORES = (
    Store("AWS::S3::Bucket", "ListBuckets", "s3:GetObject", "s3:PutObject", "/*"),
    Store("AWS::DynamoDB::Table", "ListTables", "dynamodb:GetItem", "dynamodb:PutItem"),
    Store("AWS::SQS::Queue", "ListQueues", "sqs:ReceiveMessage", "sqs:SendMessage"),
    Store("AWS::SNS::Topic", "ListTopics", writes="sns:Publish"),
    Store("AWS::Kinesis::Stream", "ListStreams", "kinesis:GetRecords", "kinesis:PutRecord"),
    Store(
        "AWS::SecretsManager::Secret", "ListSecrets", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"
    ),
    Store("AWS::SSM::Parameter", "DescribeParameters", "ssm:GetParameter", "ssm:PutParameter"),
    Store(KEY, "ListKeys", reads="kms:Decrypt"),
    Store("AWS::RDS::DBCluster", "DescribeDBClusters", "rds-data:ExecuteStatement"),
)
JOINS = (
    *((store.kind, store.section) for store in STORES),
    (FUNCTION, "ListFunctions"),
    (KEY, "GetKeyPolicy"),
    (KEY, GRANTS),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """Refs in order.  `becomes` are ARNs of principals that it can act as in one step."""

    reads: tuple[Resource, ...]
    writes: tuple[Resource, ...]
    calls: tuple[str, ...]
    becomes: tuple[str, ...]

    @property
    def score(self) -> int:
        """Who becomes another has all that the other has: it counts more than a single store."""
        return len(self.reads) + len(self.writes) + len(self.calls) + 5 * len(self.becomes)


def reached(estate: Estate, rights: Rights) -> Reached:
    """Raises Unread where there may be more of a kind that the principal may touch."""
    return estate.derived(
        ("reached", rights.resource.ref, rights.context.known.get("aws:requestedregion")),
        lambda: Reached(
            tuple(one for store in STORES for one in _on(estate, rights, store, store.reads)),
            tuple(one for store in STORES for one in _on(estate, rights, store, store.writes)),
            tuple(one.ref for one in _on(estate, rights, Store(FUNCTION, "ListFunctions"), "lambda:InvokeFunction")),
            tuple(acts_as(estate, rights.resource)),
        ),
    )


def _on(estate: Estate, rights: Rights, store: Store, action: str) -> list[Resource]:
    """The resources of a kind on which the action is surely allowed."""
    if not action:
        return []
    if store.kind == KEY:
        return [one for one in estate.all(KEY) if one[store.section].present and _opens(estate, rights, one, action)]
    if not rights.layers.identity.candidates(action.lower())[0]:
        return []
    seen = (one for one in estate.all(store.kind) if one[store.section].present)
    return [one for one in seen if rights.sure(action, one.ref + store.inside)]


def _opens(estate: Estate, rights: Rights, key: Resource, action: str) -> bool:
    """A key that names only the account leaves it to identity policies: without one of those nothing is asked."""
    door = estate.derived(("door", key.ref), lambda: _door(key))
    if door is None:
        return False
    named = (rule for group in door if group for rule in group.candidates(action.lower())[0])
    given = rights.layers.identity.candidates(action.lower())[0]
    if not given and not any(rule.match(rights.principal) > Match.ACCOUNT for rule in named):
        return False
    layers = rights.layers.around(resource=door[0], grant=door[1])
    return allowed(rights.principal, layers, action, key.ref, rights.context)[0]


def _door(key: Resource) -> tuple[Group | None, Group | None] | None:
    """A key's policy and its grants.  Of keys that AWS manages the policy is not read: services alone use them."""
    if not key.asked("GetKeyPolicy"):
        return None
    document = key["GetKeyPolicy"]["Policy"].value
    given = tuple(compile_policy(one.meaning) for one in grants(key))
    return (
        None if document is None else grouped("resource", (compile_policy(document),)),
        grouped("grant", given) if given else None,
    )
