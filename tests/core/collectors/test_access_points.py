"""Access points: looked for where buckets are, and asked no more than they need."""

from __future__ import annotations

import asyncio

from scanners.collectors.asker import Asker
from scanners.collectors.aws import access_points
from scanners.collectors.aws.account import Connection, connect
from scanners.collectors.aws.clients import where
from scanners.collectors.cloud import Call
from scanners.collectors.gather import gather
from scanners.model import Place, Unit
from tests.core.cases import ACCOUNT
from tests.core.collectors.replies import DOOR, Replies, gathered

POINTS, MULTI = access_points.COLLECTORS
BUCKETS = {
    "Buckets": [{"Name": name, "BucketRegion": region} for name, region in (("a", "r-1"), ("b", "r-2"), ("c", "r-1"))]
}
ARN = f"arn:aws:s3:r-1:{ACCOUNT}:accesspoint/door"
LISTED = {"AccessPointList": [{"Name": "door", "Bucket": "a", "AccessPointArn": ARN, "NetworkOrigin": "Internet"}]}
CALLER = {"Account": ACCOUNT, "Arn": "arn:aws:iam::1:user/x"}


def asked(collector, **answers):
    replies = Replies(answers)
    asker = Asker(replies, Place(ACCOUNT, "global"), {})
    found = asyncio.run(gather(Unit("global", "s3"), (collector,), asker, DOOR))
    return found, replies.asked


def test_they_are_listed_once_in_each_region_with_buckets():
    found, calls = asked(POINTS, ListBuckets=BUCKETS, ListAccessPoints=LISTED, GetAccessPointPolicy={"Policy": "{}"})

    listings = [params for operation, params in calls if operation == "ListAccessPoints"]
    assert sorted(one["@region"] for one in listings) == ["r-1", "r-2"]
    assert [(one.ref, one.name, one.region) for one in found.resources] == [(ARN, "door", "r-1")]


def test_the_block_of_one_without_a_policy_is_not_asked_for():
    (bare,) = gathered(POINTS, ListBuckets=BUCKETS, ListAccessPoints=LISTED,
                       GetAccessPointPolicy="NoSuchAccessPointPolicy").resources  # fmt: skip
    (shut,) = gathered(POINTS, ListBuckets=BUCKETS, ListAccessPoints=LISTED,
                       GetAccessPointPolicy="AccessDenied").resources  # fmt: skip

    assert bare.documents["GetAccessPointPolicy"] is None
    assert "GetAccessPoint" not in bare.documents
    assert shut.gaps["GetAccessPoint"][0].permission == "s3:GetAccessPointPolicy"


def test_a_list_of_buckets_that_was_refused_or_leaves_out_regions_is_a_gap():
    for buckets in ("AccessDenied", {"Buckets": [{"Name": "a"}]}):
        found = gathered(POINTS, ListBuckets=buckets)

        assert (found.resources, found.listed) == ([], frozenset())


def test_multi_region_access_points_are_asked_for_in_their_one_region():
    caught, calls = asked(MULTI, GetCallerIdentity=CALLER,
                          ListMultiRegionAccessPoints={"AccessPoints": [{"Name": "m", "Alias": "m.mrap"}]})  # fmt: skip
    none, elsewhere = asked(MULTI, GetCallerIdentity={**CALLER, "Arn": "arn:aws-cn:iam::1:user/x"})

    assert [one.ref for one in caught.resources] == [f"arn:aws:s3::{ACCOUNT}:accesspoint/m.mrap"]
    assert dict(calls)["ListMultiRegionAccessPoints"]["@region"] == "us-west-2"
    assert (none.resources, [operation for operation, _ in elsewhere]) == ([], ["GetCallerIdentity"])


def test_the_number_of_the_account_is_sent_where_a_call_wants_it():
    assert where(Place(ACCOUNT, "global"), {"@region": "r-1", "@account": "AccountId", "MaxResults": 5}) == (
        "r-1",
        {"AccountId": ACCOUNT, "MaxResults": 5},
    )


def test_small_pages_of_the_sample_hold_all_that_one_page_holds(sample_account):
    transport = connect(Connection(endpoint=sample_account.endpoint))
    place = Place(sample_account.account, "eu-west-1")

    async def names(size):
        call = Call("s3control", "ListAccessPoints", items="AccessPointList", params={"MaxResults": size})
        asker = Asker(transport, place, {})
        found = await asker.listing(call, {"@account": "AccountId"})
        await transport.rest()
        return [one["Name"] for one in found], asker.tally.calls

    try:
        small, large = asyncio.run(names(1)), asyncio.run(names(50))
    finally:
        transport.close()

    assert small == (large[0], 2)
    assert large == (["archive-partner", "archive-inside"], 1)
