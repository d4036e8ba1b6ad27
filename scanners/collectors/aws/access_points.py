"""S3 access points: further doors to buckets, each with a policy of its own.

They are listed in the regions where the account has buckets, as an access point stands where its bucket does.  The
block of public access is asked of those that have a policy: without one nobody from outside comes through.
Multi-region access points are kept in one region ("Managing Multi-Region Access Points", Amazon S3 User Guide, read
2026-11), and exist in the partition of the public regions alone.
Limits: access points of this account before buckets of others in regions where it has none; policies of multi-region
access points.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.aws.s3 import BLOCK
from scanners.collectors.aws.s3 import LIST as BUCKETS
from scanners.collectors.cloud import Call, Collector, Detail, Over
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Identity, Place, Resource

MULTI_REGION_HOME = "us-west-2"
CALLER = Call("sts", "GetCallerIdentity")
LIST = Call("s3control", "ListAccessPoints", items="AccessPointList", params={"MaxResults": 1000},
            permission="s3:ListAccessPoints")  # fmt: skip
POLICY = Call("s3control", "GetAccessPointPolicy", take="Policy", permission="s3:GetAccessPointPolicy",
              absent=frozenset({"NoSuchAccessPointPolicy"}))  # fmt: skip
BLOCKED = Call("s3control", "GetAccessPoint", take=BLOCK, permission="s3:GetAccessPoint")
LIST_MULTI = Call("s3control", "ListMultiRegionAccessPoints", items="AccessPoints", params={"MaxResults": 100},
                  permission="s3:ListMultiRegionAccessPoints", drop=frozenset({"CreatedAt"}))  # fmt: skip


def region_of_bucket(item: Any) -> dict[str, str]:
    """Raises KeyError where the listing does not tell: then nobody knows where to look."""
    return {"@region": item["BucketRegion"], "@account": "AccountId"}


def one_region(caller: Any) -> dict[str, str] | None:
    public = caller["Arn"].startswith("arn:aws:")
    return {"@region": MULTI_REGION_HOME, "@account": "AccountId"} if public else None


def point(place: Place, item: Any) -> Identity:
    arn = item["AccessPointArn"]
    return Identity(arn, item["Name"], arn.split(":")[3])


def multi_region(place: Place, item: Any) -> Identity:
    return Identity(f"arn:{place.partition}:s3::{place.account}:accesspoint/{item['Alias']}", item["Name"])


def of_point(found: Resource) -> dict[str, str]:
    _, _, _, region, account, _ = found.ref.split(":", 5)
    return {"AccountId": account, "Name": found["ListAccessPoints"].need("Name").text(), "@region": region}


def with_a_policy(found: Resource) -> dict[str, str] | None:
    return of_point(found) if found["GetAccessPointPolicy"].present else None


def document(text: Any, door: Door) -> Any:
    return policy_document(text)


COLLECTORS = (
    Collector(
        kind="AWS::S3::AccessPoint",
        listing=LIST,
        over=(Over(BUCKETS, bind=region_of_bucket),),
        identify=point,
        service="s3",
        everywhere=False,
        details=(
            Detail(POLICY, bind=of_point, shape=document),
            Detail(BLOCKED, bind=with_a_policy, after="GetAccessPointPolicy"),
        ),
    ),
    Collector(
        kind="AWS::S3::MultiRegionAccessPoint",
        listing=LIST_MULTI,
        over=(Over(CALLER, bind=one_region),),
        identify=multi_region,
        service="s3",
        everywhere=False,
    ),
)
