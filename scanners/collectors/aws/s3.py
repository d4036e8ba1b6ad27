"""S3 buckets: who may come in, and what is kept of what happens in them; and the account's own block of public access.

Limits: access lists of single objects are not read; they count only where the bucket's ownership setting honours them.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource, Unread

NO_BLOCK = frozenset({"NoSuchPublicAccessBlockConfiguration"})
BLOCK = "PublicAccessBlockConfiguration"
LIST = Call(
    "s3",
    "ListBuckets",
    items="Buckets",
    params={"MaxBuckets": 1000},  # with a page size, each row tells its bucket's region
    permission="s3:ListAllMyBuckets",
    drop=frozenset({"CreationDate"}),
)
LISTED = Call("s3", "GetBucketAcl")


def ask(operation: str, take: str = "", permission: str = "", absent: str = "") -> Call:
    codes = frozenset({absent} if absent else ())
    return Call(
        "s3", operation, take=take, permission=permission, absent=codes, drop=frozenset({"DisplayName", "Owner"})
    )


def bucket(place: Place, item: Any) -> Identity:
    return Identity(f"arn:{place.partition}:s3:::{item['Name']}", item["Name"], item.get("BucketRegion") or "")


def home(found: Resource) -> str:
    """The bucket's region.  GetBucketLocation has names of its own for the two oldest."""
    if (region := found["ListBuckets"]["BucketRegion"]).present:
        return region.text()
    location = found["GetBucketLocation"]["LocationConstraint"]
    if not location.value:
        return "us-east-1"
    return "eu-west-1" if location.value == "EU" else location.text()


def of_bucket(found: Resource) -> dict[str, str]:
    return {"Bucket": found["ListBuckets"].need("Name").text(), "@region": home(found)}


def where_unknown(found: Resource) -> dict[str, str] | None:
    listed = found["ListBuckets"]
    return None if listed["BucketRegion"].present else {"Bucket": listed.need("Name").text()}


def unless_lists_are_off(found: Resource) -> dict[str, str] | None:
    """A bucket whose owner owns every object has no access list that counts."""
    try:
        rules = list(found["GetBucketOwnershipControls"]["Rules"])
    except Unread:
        return of_bucket(found)
    enforced = any(rule["ObjectOwnership"].value == "BucketOwnerEnforced" for rule in rules)
    return None if enforced else of_bucket(found)


def access_list(answer: Any, door: Door) -> Any:
    """Entries name accounts by their canonical ids alone: the owner's tells which of them are its own."""
    return {**answer, "Owner": {"ID": (answer.get("Owner") or {}).get("ID")}}


def unless_keyed(found: Resource) -> dict[str, str] | None:
    """Tags are asked for where they can make a difference: where no key of KMS encrypts."""
    rules = found["GetBucketEncryption"]["Rules"]
    kinds = [str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"].value) for rule in rules]
    return None if kinds and all(kind.startswith("aws:kms") for kind in kinds) else of_bucket(found)


def account(place: Place, item: Any) -> Identity:
    return Identity(f"arn:{place.partition}:iam::{item['Account']}:root", item["Account"])


def of_account(found: Resource) -> dict[str, str]:
    return {"AccountId": found["GetCallerIdentity"].need("Account").text()}


def detail(call: Call, **more: Any) -> Detail:
    return Detail(call, bind=of_bucket, after="GetBucketLocation", **more)


COLLECTORS = (
    Collector(
        kind="AWS::S3::Bucket",
        listing=LIST,
        identify=bucket,
        lives_in=home,
        everywhere=False,
        details=(
            Detail(ask("GetBucketLocation"), bind=where_unknown),
            detail(ask("GetPublicAccessBlock", BLOCK, "s3:GetBucketPublicAccessBlock", *NO_BLOCK)),
            detail(ask("GetBucketPolicy", absent="NoSuchBucketPolicy"), shape=with_policy("Policy")),
            detail(ask("GetBucketOwnershipControls", "OwnershipControls", absent="OwnershipControlsNotFoundError")),
            Detail(LISTED, bind=unless_lists_are_off, after="GetBucketOwnershipControls", shape=access_list),
            detail(
                ask(
                    "GetBucketEncryption",
                    "ServerSideEncryptionConfiguration",
                    "s3:GetEncryptionConfiguration",
                    "ServerSideEncryptionConfigurationNotFoundError",
                )
            ),
            Detail(
                ask("GetBucketTagging", "TagSet", absent="NoSuchTagSet"), bind=unless_keyed, after="GetBucketEncryption"
            ),
            detail(ask("GetBucketVersioning")),
            detail(ask("GetBucketLogging")),
        ),
    ),
    Collector(
        kind="AWS::S3::AccountPublicAccessBlock",
        listing=Call("sts", "GetCallerIdentity", drop=frozenset({"UserId", "Arn"})),
        identify=account,
        service="s3",
        everywhere=False,
        details=(
            Detail(
                Call(
                    "s3control",
                    "GetPublicAccessBlock",
                    take=BLOCK,
                    permission="s3:GetAccountPublicAccessBlock",
                    absent=NO_BLOCK,
                ),
                bind=of_account,
            ),
        ),
    ),
)
