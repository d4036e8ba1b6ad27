"""S3, KMS, SQS: regions of buckets, the one policy of a key, whole numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from posture.runtime.sample.emulator.answers.identity import founded
from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import KMS, Paged
from posture.runtime.sample.emulator.wire import Call


def buckets(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """Whoever asks for pages is told each bucket's region as well, and may ask for one region or one prefix."""
    asked = {word: call.params.get(word) for word in ("MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion")}
    answer = moto_says(*asked)
    if not any(asked.values()):
        return answer
    known = s3_backends[call.account]["aws"].buckets
    rows = [{**row, "BucketRegion": known[row["Name"]].region_name} for row in answer.get("Buckets", [])]
    rows = [
        row
        for row in rows
        if row["Name"].startswith(asked["Prefix"] or "") and asked["BucketRegion"] in (None, row["BucketRegion"])
    ]
    page = Paged("Buckets", "", "", "ContinuationToken", default=10000)
    return page.cut({**answer, "Buckets": rows}, asked["MaxBuckets"], asked["ContinuationToken"])


def access_points(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto puts all of them into one region; an access point stands where its bucket does."""
    page = Paged("AccessPointList", "MaxResults", "NextToken", "NextToken", default=1000)
    answer = moto_says(page.limit, page.token)
    homes = {name: bucket.region_name for name, bucket in s3_backends[call.account]["aws"].buckets.items()}
    here = [row for row in answer.get("AccessPointList") or [] if homes.get(row["Bucket"]) == call.region]
    for row in here:
        row["AccessPointArn"] = f"arn:aws:s3:{call.region}:{call.account}:accesspoint/{row['Name']}"
        row["BucketAccountId"] = call.account
    return page.cut({**answer, "AccessPointList": here}, call.params.get(page.limit), call.params.get(page.token))


def multi_region_points(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    return Paged("AccessPoints", "MaxResults", "NextToken", "NextToken")(call, moto_says)


READ_DAYS_AGO = {"orders/database": 150}  # every other secret is read daily


def secrets(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto does not remember that somebody has read a secret; AWS remembers the day."""
    answer = moto_says()
    for row in answer.get("SecretList", []):
        read = founded() - timedelta(days=READ_DAYS_AGO.get(row["Name"], 1))
        row["LastAccessedDate"] = read.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    return answer


def key_policy(call: Call, _: MotoSays) -> dict[str, Any]:
    """The only name a key's policy can have is also its default name."""
    backend = kms_backends[call.account][call.region]
    if call.params.get("PolicyName") in (None, "default") and call.params["KeyId"].rpartition("/")[2] in backend.keys:
        return {"Policy": backend.get_key_policy(call.params["KeyId"].rpartition("/")[2]), "PolicyName": "default"}
    return _()


def key(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    answer["KeyMetadata"].setdefault("MultiRegion", False)
    return answer


def aliases(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """AWS's own aliases point to a key only once something has used them."""
    answer = Paged("Aliases", **KMS)(call, moto_says)
    known = kms_backends[call.account][call.region].keys
    for alias in answer["Aliases"]:
        if alias.get("TargetKeyId") not in known:
            alias.pop("TargetKeyId", None)
    return answer


def queue_attributes(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    if attributes := answer.get("Attributes"):
        answer["Attributes"] = {
            name: value.removesuffix(".0") if name.endswith("Timestamp") else value
            for name, value in attributes.items()
        }
    return answer


ANSWERS: dict[tuple[str, str], Answer] = {
    ("secretsmanager", "ListSecrets"): secrets,
    ("s3", "ListBuckets"): buckets,
    ("s3control", "ListAccessPoints"): access_points,
    ("s3control", "ListMultiRegionAccessPoints"): multi_region_points,
    ("kms", "GetKeyPolicy"): key_policy,
    ("kms", "DescribeKey"): key,
    ("kms", "ListAliases"): aliases,
    ("sqs", "GetQueueAttributes"): queue_attributes,
}
