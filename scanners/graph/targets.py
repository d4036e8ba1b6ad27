"""The resource that a question is about: whose it is, and which policy of its own decides.

Limits: access lists of single objects and policies of multi-region access points are not seen; of a REST API's policy
only statements that name it by its whole ARN are understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scanners.access.explorer import Written
from scanners.catalog.resource_policies import SHARED, is_unread
from scanners.graph.access_points import MULTI_UNREAD, POINT, Doors, doors, point_named
from scanners.graph.given import LIST, access_list, grants
from scanners.graph.guardrails import because
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

TRUST = "AWS::IAM::Role"
LATEST = "$LATEST"
KEY = "AWS::KMS::Key"
OBJECTS = "objects of this bucket may have access lists of their own, which are not read"
BUCKET, BLOCK = "AWS::S3::Bucket", "AWS::S3::AccountPublicAccessBlock"
# Kind → (the service of its ARN, section, where in it the policy stands).
POLICIES: Mapping[str, tuple[str, str, str]] = {
    "AWS::ApiGateway::RestApi": ("apigateway", "GetRestApis", "policy"),
    "AWS::DynamoDB::Table": ("dynamodb", "GetResourcePolicy", "Policy"),
    "AWS::ECR::Repository": ("ecr", "GetRepositoryPolicy", "policyText"),
    "AWS::EFS::FileSystem": ("elasticfilesystem", "DescribeFileSystemPolicy", "Policy"),
    "AWS::Events::EventBus": ("events", "ListEventBuses", "Policy"),
    TRUST: ("iam", "GetAccountAuthorizationDetails", "AssumeRolePolicyDocument"),
    "AWS::KMS::Key": ("kms", "GetKeyPolicy", "Policy"),
    "AWS::Lambda::Function": ("lambda", "GetPolicy", ""),
    "AWS::OpenSearchService::Domain": ("es", "DescribeDomains", "AccessPolicies"),
    BUCKET: ("s3", "GetBucketPolicy", "Policy"),
    "AWS::SNS::Topic": ("sns", "GetTopicAttributes", "Policy"),
    "AWS::SQS::Queue": ("sqs", "GetQueueAttributes", "Policy"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "GetResourcePolicy", "ResourcePolicy"),
    "AWS::VpcLattice::Service": ("vpc-lattice", "GetAuthPolicy", "policy"),
    "AWS::VpcLattice::ServiceNetwork": ("vpc-lattice", "GetAuthPolicy", "policy"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """`ref` is the resource whose policy decides (the bucket of an object); `doubts` say what of it was not read.

    `policy` None: there is none, or (then a doubt says so) nobody knows.  `grants` let callers in beside it: those of a
    key, the access list of a bucket.  `strangers_doubts` leave it open whether callers from outside are let in.
    `doors` are those of a bucket whose policy leaves it to access points who comes in.
    """

    arn: str
    ref: str
    kind: str = ""
    name: str = ""
    region: str = ""
    policy: Written | None = None
    public_is_blocked: bool = False
    seen: bool = False
    many: bool = False  # a pattern of resources
    foreign: bool = False
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    grants: tuple[Written, ...] = ()
    strangers_doubts: tuple[str, ...] = ()
    doors: Doors | None = None

    @property
    def letting(self) -> tuple[Written, ...]:
        """All that may let somebody in whose own policies do not."""
        return (*(() if self.policy is None else (self.policy,)), *self.grants)


def holder(arn: str) -> tuple[str, str, str]:
    """(kind, ref, qualifier) of the resource whose policy speaks of an ARN; the kind is empty where none does."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or any(sign in arn for sign in "*?"):
        return "", arn, ""
    service, rest = parts[2], parts[5]
    head = ":".join(parts[:5])
    match service:
        case "s3" if rest.startswith("accesspoint/"):
            return POINT, f"{head}:{'/'.join(rest.split('/')[:2])}", ""
        case "s3" if rest.startswith(("job/", "storage-lens/", "access-grants/")):
            return "", arn, ""
        case "s3":
            return BUCKET, f"{head}:{rest.partition('/')[0]}", ""
        case "lambda" if rest.startswith("function:"):
            name, _, qualifier = rest.removeprefix("function:").partition(":")
            return "AWS::Lambda::Function", f"{head}:function:{name}", qualifier or LATEST
        case "dynamodb" if rest.startswith("table/"):
            return "AWS::DynamoDB::Table", f"{head}:{'/'.join(rest.split('/')[:2])}", ""
        case "execute-api":
            return (
                "AWS::ApiGateway::RestApi",
                f"arn:{parts[1]}:apigateway:{parts[3]}::/restapis/{rest.split('/')[0]}",
                "",
            )
        case "iam":
            return (TRUST if rest.startswith("role/") else ""), arn, ""
        case "vpc-lattice":
            noun = "ServiceNetwork" if rest.startswith("servicenetwork/") else "Service"
            return f"AWS::VpcLattice::{noun}", f"{head}:{'/'.join(rest.split('/')[:2])}", ""
    kinds = [kind for kind, (named, _, _) in POLICIES.items() if named == service]
    return (kinds[0] if kinds else ""), arn, ""


def target(estate: Estate, arn: str) -> Target:
    """Never raises: what was not read is a doubt."""
    kind, ref, qualifier = holder(arn)
    parts = arn.split(":", 5)
    account = parts[4] if len(parts) == 6 else ""
    foreign = account.isdigit() and account != estate.account
    region = parts[3] if len(parts) == 6 else ""
    if foreign:
        doubt = f"it belongs to account {account}, whose policies are not read here"
        return Target(arn, ref, kind, region=region, foreign=True, doubts=(doubt,))
    if len(parts) < 6 or any(sign in arn for sign in "*?"):
        note = "many resources are meant: what policies of their own say is not counted"
        return Target(arn, ref, region=region, many=True, notes=(note,))
    if not kind or is_unread(parts[2], parts[5]):
        return _beyond(arn, ref, parts[2], parts[5], region)
    try:
        if kind == POINT:
            return _point(estate, arn, ref)
        found = estate.find(kind, ref)
    except Unread as gaps:
        return Target(arn, ref, kind, region=region, doubts=because(gaps))
    if found is None:
        return _not_seen(arn, ref, kind, region)
    return _seen(estate, arn, found, qualifier)


def _beyond(arn: str, ref: str, service: str, rest: str, region: str) -> Target:
    """A resource whose policy nobody collects; of most there is none."""
    if is_unread(service, rest):
        doubt = f"whether it has a policy of its own is not known: those of {service} are not read"
        return Target(arn, ref, region=region, doubts=(doubt,))
    shared = "what lets other accounts and services in is not read" if service in SHARED else ""
    return Target(arn, ref, region=region, notes=(shared,) if shared else ())


def _point(estate: Estate, arn: str, ref: str) -> Target:
    """What is asked for through an access point: the bucket, or what lies in it.  Raises Unread."""
    found = point_named(estate, ref)
    region = arn.split(":")[3]
    if found is None and not region:
        return Target(arn, ref, POINT, doubts=(MULTI_UNREAD,))
    if found is None:
        return _not_seen(arn, ref, POINT, region)
    point, bucket = found
    _, inside, key = arn.removeprefix(ref).partition("/object/")
    asked = target(estate, f"arn:{arn.split(':')[1]}:s3:::{bucket}{'/' + key if inside else ''}")
    return replace(asked, doors=Doors((point,), alone=True), notes=(*asked.notes, f"through access point {point.name}"))


def _not_seen(arn: str, ref: str, kind: str, region: str) -> Target:
    if kind == BUCKET:
        doubt = "there is no such bucket in this account: whose it is, and what its policy says, is not known"
        return Target(arn, ref, kind, region=region, foreign=True, doubts=(doubt,))
    return Target(arn, ref, kind, region=region, notes=("no such resource was seen in the account",))


def _seen(estate: Estate, arn: str, found: Resource, qualifier: str) -> Target:
    doubts: list[str] = []
    written, blocked, given, strange = None, False, list[Written](), tuple[str, ...]()
    try:
        written = _written(found, qualifier)
        if found.kind == BUCKET and written is not None:
            blocked = _blocks(estate, found, "RestrictPublicBuckets")
    except Unread as gaps:
        doubts += because(gaps)
    behind = doors(estate, found, written) if found.kind == BUCKET else None
    try:
        given += _given(estate, found)
        strange = _strange(estate, found, arn)
    except Unread as gaps:
        doubts += because(gaps)
    return Target(
        arn, found.ref, found.kind, found.name, found.region, written, blocked, seen=True, grants=tuple(given),
        doubts=tuple(dict.fromkeys(doubts)), strangers_doubts=strange, doors=behind,
    )  # fmt: skip


def _given(estate: Estate, found: Resource) -> Iterator[Written]:
    """Raises Unread."""
    if found.kind == KEY:
        yield from grants(found)
    elif found.kind == BUCKET and found.asked(LIST):
        yield from access_list(found, public=not _blocks(estate, found, "IgnorePublicAcls"))


def _strange(estate: Estate, found: Resource, arn: str) -> tuple[str, ...]:
    """Where access lists count, each object has one, and nobody reads those.  Raises Unread."""
    inside = found.kind == BUCKET and found.ref != arn and found.asked(LIST)
    return (OBJECTS,) if inside and not _blocks(estate, found, "IgnorePublicAcls") else ()


def _written(found: Resource, qualifier: str) -> Written | None:
    """Raises Unread."""
    _, section, field_name = POLICIES[found.kind]
    if qualifier:
        return _of_qualifier(found, section, qualifier)
    if found.kind.startswith("AWS::VpcLattice::") and not _asks_who(found):
        return None
    node = found[section]
    node = node[field_name] if node.present else node
    return _policy(found, node)


def _asks_who(found: Resource) -> bool:
    noun = found.kind.rpartition("::")[2]
    return bool(found[f"Get{noun}"]["authType"].value == "AWS_IAM")


def _of_qualifier(found: Resource, section: str, qualifier: str) -> Written | None:
    for name, node in found.each(section):
        if name == qualifier:
            return _policy(found, node)
    return None


def _policy(found: Resource, node: Node) -> Written | None:
    if not node.present:
        return None
    name = "trust" if found.kind == TRUST else "policy"
    return Written(f"{name} of {found.name}", node.value, found.ref, node.pointer)


def _blocks(estate: Estate, bucket: Resource, what: str) -> bool:
    """A block of public access, of the bucket or of the account.  Raises Unread where one of them might say it."""
    said: list[Any] = [bucket["GetPublicAccessBlock"][what].value]
    if said[0] is not True:
        said += [one["GetPublicAccessBlock"][what].value for one in estate.all(BLOCK)]
    return any(one is True for one in said)
