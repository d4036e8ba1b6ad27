"""What lets callers in and is no policy: the grants of a KMS key and the access list of a bucket.

Each entry becomes the statement that it amounts to, and stands as proof as the cloud told it.
Sources: "Grants in AWS KMS", "GrantConstraints" (AWS KMS Developer Guide and API reference); "Access control list
(ACL) overview", "Blocking public access to your Amazon S3 storage" (Amazon S3 User Guide); read 2026-11.
Limits: access lists of single objects are not read.  A grant may be tied to a session; it is then possible for its
role.  That a grantee who may make grants (CreateGrant) can hand on what it holds is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from scanners.access.aws.principals import Principal
from scanners.access.explorer import Written
from scanners.model import Node, Resource

GRANTS, LIST = "ListGrants", "GetBucketAcl"
# Operations whose request carries no encryption context, or whose grant is not held to it.
_NO_CONTEXT = frozenset({
    "CreateGrant", "DescribeKey", "DeriveSharedSecret", "GenerateMac", "GetPublicKey", "Sign", "Verify",
    "VerifyMac", "Encapsulate", "Decapsulate",
})  # fmt: skip
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_GROUPS = "http://acs.amazonaws.com/groups/"
PUBLIC = (f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers")
SIGNED_IN = {"Null": {"aws:PrincipalAccount": "false"}}
_KNOWN: dict[str, tuple[Any, dict[str, Any]]] = {  # group → who is in it, and what makes them
    PUBLIC[0]: ("*", {}),
    PUBLIC[1]: ("*", SIGNED_IN),
    f"{_GROUPS}s3/LogDelivery": ({"Service": "logging.s3.amazonaws.com"}, {}),
}
_ON_BUCKET = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_LISTED = {**_ON_BUCKET, "FULL_CONTROL": tuple(action for actions in _ON_BUCKET.values() for action in actions)}


def grants(key: Resource) -> Iterator[Written]:
    """Of a KMS key.  Raises Unread; of a key that AWS manages nobody asks, and only services use those."""
    if not key.asked("GetKeyPolicy"):
        return
    for grant in key[GRANTS]:
        name = grant["Name"].value or grant["GrantId"].value
        statements = [*_operations(grant), *_retiring(grant)]
        yield _written(f"grant {name} of {key.name}", grant, statements)


def access_list(bucket: Resource, *, public: bool) -> Iterator[Written]:
    """Of a bucket; the owner's own entries are left out: they give nobody more.  Raises Unread.

    `public`: entries for everybody count; IgnorePublicAcls makes them void.
    """
    if not bucket.asked(LIST):
        return
    listed = bucket[LIST]
    for place, entry in enumerate(listed["Grants"]):
        to, permission = entry["Grantee"], str(entry["Permission"].value)
        group = to["URI"].value
        if to["Type"].value == "CanonicalUser" and to["ID"].value == listed.need("Owner").need("ID").value:
            continue
        if group in PUBLIC and not public:
            continue
        who, condition = _KNOWN.get(str(group), ({"CanonicalUser": to["ID"].value or str(to.value)}, {}))
        said = _statement(who, _LISTED.get(permission, ()), condition) | {"Resource": [bucket.ref, f"{bucket.ref}/*"]}
        yield _written(f"entry {place + 1} of the access list of {bucket.name}", entry, [said])


def _written(name: str, node: Node, statements: list[dict[str, Any]]) -> Written:
    return Written(name, node.value, node.ref, node.pointer, reads={"Version": "2012-10-17", "Statement": statements})


def _operations(grant: Node) -> Iterator[dict[str, Any]]:
    named = [str(one.value) for one in grant["Operations"]]
    service = grant["GranteeServicePrincipal"]
    who, condition = _grantee(service.value if service.present else grant.need("GranteePrincipal").value)
    constraints = grant["Constraints"]
    held = _on_behalf(constraints) | condition
    kinds = (
        ([one for one in named if one == "RetireGrant"], condition),
        ([one for one in named if one in _NO_CONTEXT], held),
        ([one for one in named if one != "RetireGrant" and one not in _NO_CONTEXT], held | _encryption(constraints)),
    )
    for operations, condition in kinds:
        if operations:
            yield _statement(who, [f"kms:{one}" for one in operations], condition)


def _retiring(grant: Node) -> Iterator[dict[str, Any]]:
    if value := grant["RetiringServicePrincipal"].value or grant["RetiringPrincipal"].value:
        who, condition = _grantee(value)
        yield _statement(who, ["kms:RetireGrant"], condition)


def _statement(who: Any, actions: Sequence[str], condition: dict[str, Any]) -> dict[str, Any]:
    said = {"Effect": "Allow", "Principal": who, "Action": [*actions], "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def _grantee(value: Any) -> tuple[Any, dict[str, Any]]:
    """The Principal element, and what must hold beside: a session is asked as its role."""
    text = str(value)
    if _SERVICE.fullmatch(text):
        return {"Service": text}, {}
    who = Principal("aws", text)
    if who.what == "session":
        session = text.rpartition("/")[2]
        role = f"arn:{who.partition}:iam::{who.account}:role/{who.name}"
        return {"AWS": role}, {"StringLike": {"aws:userid": f"*:{session}"}}
    return {"AWS": text}, {}


def _on_behalf(constraints: Node) -> dict[str, Any]:
    source = constraints["SourceArn"].value
    return {"ArnLike": {"aws:SourceArn": source}} if source else {}


def _encryption(constraints: Node) -> dict[str, Any]:
    """Keys in any case, values as they are; what "equals" forbids beside the pairs is not put into words."""
    named = ("EncryptionContextSubset", "EncryptionContextEquals")
    pairs = {f"kms:EncryptionContext:{key}": one.value for name in named for key, one in constraints[name].items()}
    return {"StringEquals": pairs} if pairs else {}
