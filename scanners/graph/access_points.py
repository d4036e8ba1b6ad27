"""Doors to a bucket beside its own: access points, as the bucket's policy leaves it to them who comes in.

Through an access point both policies must let a caller in.  So an access point gives nothing that the bucket would not
give, but where the bucket's policy has a condition on the access point: then its doors are looked at one by one.
Sources: "Configuring IAM policies for using access points", "Access point compatibility with S3 operations" (Amazon S3
User Guide), read 2026-11.
Limits: policies of multi-region access points, and access points that other accounts made, are not read: where the
bucket's policy leaves it to those, it is unknown who comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanners.access.aws.context import ABSENT, Known
from scanners.access.aws.policies import compile_policy
from scanners.access.explorer import Written
from scanners.graph.guardrails import because
from scanners.model import Resource, Unread
from scanners.model.estate import Estate

POINT, MULTI = "AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint"
KINDS = (POINT, MULTI)
ACCOUNT_KEY, ARN_KEY, ORIGIN_KEY = "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:accesspointnetworkorigin"
_SPOKEN = frozenset({ACCOUNT_KEY, ARN_KEY, ORIGIN_KEY})
MULTI_UNREAD = "policies of multi-region access points are not read"
DIRECTLY: dict[str, Known] = dict.fromkeys(_SPOKEN, ABSENT)
CARRIED = frozenset({  # operations that an access point carries, as actions
    "s3:abortmultipartupload", "s3:deleteobject", "s3:deleteobjecttagging", "s3:deleteobjectversion",
    "s3:deleteobjectversiontagging", "s3:getbucketlocation", "s3:getobject", "s3:getobjectacl",
    "s3:getobjectattributes", "s3:getobjectlegalhold", "s3:getobjectretention", "s3:getobjecttagging",
    "s3:getobjectversion", "s3:getobjectversionacl", "s3:getobjectversionattributes",
    "s3:getobjectversiontagging", "s3:listbucket", "s3:listbucketmultipartuploads", "s3:listbucketversions",
    "s3:listmultipartuploadparts", "s3:putobject", "s3:putobjectacl", "s3:putobjectlegalhold",
    "s3:putobjectretention", "s3:putobjecttagging", "s3:putobjectversionacl", "s3:putobjectversiontagging",
    "s3:restoreobject",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """An access point of a bucket.  `policies`: its own, and that it answers inside its network alone."""

    arn: str
    name: str
    network: str
    policies: tuple[Written, ...]
    public_is_blocked: bool
    doubts: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Known]:
        origin = "VPC" if self.network else "Internet"
        return {ACCOUNT_KEY: self.arn.split(":")[4], ARN_KEY: self.arn, ORIGIN_KEY: origin}

    def arn_of(self, arn: str) -> str:
        """What is asked for through it, of a bucket's or an object's own ARN."""
        _, _, key = arn.partition("/")
        return f"{self.arn}/object/{key}" if key else self.arn


@dataclass(frozen=True, slots=True)
class Doors:
    """`unseen` says which doors there may be beside.  `alone`: the question is asked through these and not directly."""

    points: tuple[Point, ...] = ()
    unseen: tuple[str, ...] = ()
    alone: bool = False


def doors(estate: Estate, bucket: Resource, policy: Written | None) -> Doors | None:
    """None: the bucket's policy does not speak of access points, and they change nothing."""
    values = None if policy is None else _spoken(policy.meaning)
    if values is None:
        return None
    unseen: list[str] = []
    points = [_point(one) for one in _of(estate, POINT, bucket, unseen)]
    if list(_of(estate, MULTI, bucket, unseen)):
        unseen.append(MULTI_UNREAD)
    if not values or any(one != estate.account for one in values):
        unseen.append("its policy leaves it to access points of other accounts, which are not read")
    return Doors(tuple(points), tuple(dict.fromkeys(unseen)))


def _spoken(document: object) -> list[str] | None:
    """The accounts whose access points a policy lets in or spares ("" where that is open); None: it speaks of none."""
    found: list[str] | None = None
    for rule in compile_policy(document).used_as("resource"):
        atoms = [atom for atom in rule.condition.atoms if atom.key in _SPOKEN]
        if not atoms:
            continue
        found = found or []
        naming = _POSITIVE if rule.allows else _NEGATIVE
        exact = [atom for atom in atoms if atom.name in naming and not atom.if_exists]
        named = [_account(atom.key, value) for atom in exact if atom.key != ORIGIN_KEY for value in atom.values]
        found += named or [""]
    return found


_POSITIVE = frozenset({"stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike"})
_NEGATIVE = frozenset(name.replace("equals", "notequals").replace("like", "notlike") for name in _POSITIVE)


def _account(key: str, value: str) -> str:
    if key == ACCOUNT_KEY:
        return value
    parts = value.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _of(estate: Estate, kind: str, bucket: Resource, unseen: list[str]) -> Iterator[Resource]:
    """Those of one bucket; what was not read is written down."""
    try:
        for one in estate.all(kind):
            if bucket.name in _buckets(one):
                yield one
    except Unread as gaps:
        unseen += because(gaps)


def _buckets(point: Resource) -> Iterable[object]:
    if point.kind == POINT:
        return (point["ListAccessPoints"]["Bucket"].value,)
    return [one["Bucket"].value for one in point["ListMultiRegionAccessPoints"]["Regions"]]


def _point(found: Resource) -> Point:
    """What of it was not read is a doubt of it."""
    policies: list[Written] = []
    blocked, network, doubts = False, "", list[str]()
    try:
        listed = found["ListAccessPoints"]
        network = str(listed["VpcConfiguration"]["VpcId"].value or "")
        if network:
            policies.append(_inside(found, network))
        policy = found["GetAccessPointPolicy"]
        if policy.present:
            policies.insert(0, Written(f"policy of access point {found.name}", policy.value, found.ref, policy.pointer))
            blocked = found["GetAccessPoint"]["RestrictPublicBuckets"].value is True
    except Unread as gaps:
        doubts += because(gaps)
    return Point(found.ref, found.name, network, tuple(policies), blocked, tuple(doubts))


def _inside(found: Resource, network: str) -> Written:
    """ "Creating access points restricted to a virtual private cloud": others are refused, whoever they are."""
    node = found["ListAccessPoints"]["VpcConfiguration"]
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
              "Condition": {"StringNotEquals": {"aws:SourceVpc": network}}}  # fmt: skip
    reads = {"Version": "2012-10-17", "Statement": denied}
    return Written(f"network of access point {found.name}", node.value, found.ref, node.pointer, reads=reads)


def point_named(estate: Estate, arn: str) -> tuple[Point, str] | None:
    """(the access point, its bucket's name) by ARN.  Raises Unread."""
    found = estate.find(POINT, arn)
    return None if found is None else (_point(found), found["ListAccessPoints"].need("Bucket").text())
