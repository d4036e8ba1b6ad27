"""Through an access point both policies must let a caller in, and a bucket may leave it to them who comes in."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer
from scanners.graph.aws_answers import decided
from scanners.graph.everybody import judging, who_can
from scanners.graph.explaining import layers_say
from scanners.graph.judging import ANYBODY
from scanners.graph.reach import reach_of
from scanners.graph.standing import view
from scanners.graph.targets import target
from tests.core.cases import refused, resource
from tests.core.graph.corpus import ACCOUNT, allow, arn, policy
from tests.core.graph.test_given import PHOTOS, STRANGER
from tests.core.graph.test_judging import GET, estate, letting
from tests.core.graph.test_stored import user

POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/partner"
CAT, THROUGH = f"{PHOTOS}/cat", f"{POINT}/object/cat"
NOBODY, ANN = user("nobody"), user("ann", allow(GET))


def by(condition, account=ACCOUNT, who="*", action=GET):
    return {**letting(who, action, f"{PHOTOS}/*"), "Condition": {condition: {"s3:DataAccessPointAccount": account}}}


LEAVES = by("StringEquals")


def bucket(*statements, restricted=False):
    written = {"Policy": policy(*statements)} if statements else None
    block = {"RestrictPublicBuckets": restricted}
    return resource("AWS::S3::Bucket", PHOTOS, region="eu-west-1", GetBucketPolicy=written, GetPublicAccessBlock=block)


def point(*statements, network="", blocked=False, of="photos", gaps=()):
    listed = {
        "Name": "partner",
        "Bucket": of,
        "AccessPointArn": POINT,
        "NetworkOrigin": "VPC" if network else "Internet",
    }
    listed |= {"VpcConfiguration": {"VpcId": network}} if network else {}
    said = {
        "ListAccessPoints": listed,
        "GetAccessPointPolicy": policy(*statements) if statements else None,
        "GetAccessPoint": {"RestrictPublicBuckets": blocked},
    }
    kept = {name: value for name, value in said.items() if name not in gaps}
    return resource("AWS::S3::AccessPoint", POINT, gaps={name: refused(name) for name in gaps}, **kept)


def lets(who, on=f"{POINT}/object/*", **more):
    return letting(who, GET, on, **more)


def judged(who, on, *around, action=GET, unread=()):
    asked = view(estate(*around, unread=unread))
    return judging(asked, action, target(asked.estate, on)).of(asked.named(who))


def everybody(on, *around, unread=()):
    asked = view(estate(*around, unread=unread))
    return {one.who.value: one.answer for one in who_can(asked, GET, target(asked.estate, on))}


HIM = {"AWS": arn("user", "nobody")}
ANSWERS = [  # what stands there, who, on what, the answer
    ((bucket(LEAVES), point(lets(HIM))), "nobody", CAT, Answer.ALLOWED),
    ((bucket(LEAVES), point(lets(HIM))), "nobody", THROUGH, Answer.ALLOWED),
    ((bucket(LEAVES), point()), "nobody", CAT, Answer.DENIED),
    ((bucket(LEAVES), point(lets(HIM, f"{POINT}/object/dog"))), "nobody", CAT, Answer.DENIED),
    ((bucket(LEAVES), point(lets(HIM), of="others")), "nobody", CAT, Answer.DENIED),
    ((bucket(), point(lets(HIM))), "nobody", CAT, Answer.DENIED),
    ((bucket(), point(lets(HIM))), "nobody", THROUGH, Answer.DENIED),  # the bucket does not let it in
    ((bucket(letting(HIM, GET, f"{PHOTOS}/*")), point(lets(HIM))), "nobody", THROUGH, Answer.ALLOWED),
    ((bucket(letting(HIM, GET, f"{PHOTOS}/*")), point()), "nobody", THROUGH, Answer.DENIED),
    ((bucket(LEAVES), point(lets(HIM), network="vpc-1")), "nobody", CAT, Answer.IF),
    ((bucket(LEAVES), point(lets(HIM), lets("*", effect="Deny"))), "nobody", CAT, Answer.DENIED),
    ((bucket(LEAVES), point(gaps=("GetAccessPointPolicy",))), "nobody", CAT, Answer.UNKNOWN),
    ((bucket(by("StringEquals", "999988887777")), point(lets(HIM))), "nobody", CAT, Answer.UNKNOWN),
    ((bucket(by("StringNotEquals") | {"Effect": "Deny"}), point()), "ann", CAT, Answer.ALLOWED),  # through it
    ((bucket(by("StringNotEquals") | {"Effect": "Deny"}),), "ann", CAT, Answer.DENIED),
    ((bucket(),), "ann", CAT, Answer.ALLOWED),
    ((), "ann", THROUGH, Answer.ALLOWED),  # there is no such access point: nothing forbids it
]  # fmt: skip


@pytest.mark.parametrize(("around", "who", "on", "answer"), ANSWERS)
def test_both_policies_decide(around, who, on, answer):
    assert judged(who, on, NOBODY, ANN, *around).answer is answer


def test_an_action_that_no_access_point_carries_is_not_asked_there():
    named = {**letting(HIM, "s3:*", [POINT, f"{POINT}/*"])}

    left = bucket(by("StringEquals", action="s3:*") | {"Resource": "*"})

    found = judged("nobody", PHOTOS, NOBODY, left, point(named), action="s3:PutBucketPolicy")

    assert found.answer is Answer.DENIED


def test_access_points_that_were_not_listed_leave_it_open_and_no_more():
    assert judged("nobody", CAT, NOBODY, bucket(LEAVES), unread=("AWS::S3::AccessPoint",)).answer is Answer.UNKNOWN
    assert judged("nobody", CAT, NOBODY, bucket(), unread=("AWS::S3::AccessPoint",)).answer is Answer.DENIED
    assert judged("ann", CAT, ANN, bucket(), unread=("AWS::S3::AccessPoint",)).answer is Answer.ALLOWED


def test_a_multi_region_access_point_of_the_bucket_leaves_it_open():
    listed = {"Name": "m", "Alias": "m.mrap", "Regions": [{"Bucket": "photos"}]}
    multi = resource("AWS::S3::MultiRegionAccessPoint", f"arn:aws:s3::{ACCOUNT}:accesspoint/m.mrap",
                     ListMultiRegionAccessPoints=listed)  # fmt: skip

    found = judged("nobody", CAT, NOBODY, bucket(LEAVES), multi)

    assert (found.answer, [one.because for one in found.doubts]) == (
        Answer.UNKNOWN, ["policies of multi-region access points are not read"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("blocked", "restricted", "answer"),
    [(False, False, Answer.ALLOWED), (True, False, Answer.DENIED), (False, True, Answer.DENIED)],
)
def test_strangers_come_in_through_an_access_point_unless_it_is_blocked(blocked, restricted, answer):
    found = everybody(CAT, NOBODY, bucket(LEAVES, restricted=restricted), point(lets("*"), blocked=blocked))

    assert (found[None], found[ANYBODY.value]) == (answer, answer)


def test_whom_an_access_point_names_is_listed():
    found = everybody(CAT, NOBODY, bucket(LEAVES), point(lets({"AWS": STRANGER})))

    assert found[STRANGER] is Answer.ALLOWED
    assert found[None] is Answer.DENIED


def test_both_policies_are_the_proof():
    found = judged("nobody", CAT, NOBODY, bucket(LEAVES), point(lets(HIM)))

    names = [one.written.name for one in decided(found).via]
    assert names == ["policy of photos", "policy of access point partner"]
    assert [one.title for one in layers_say(found)][-1] == "Access point"


def test_what_is_reached_through_an_access_point_counts():
    asked = view(estate(NOBODY, bucket(LEAVES), point(lets(HIM))))

    (found,) = reach_of(asked, asked.named("nobody")).things

    assert [(touch.verb, touch.answer) for touch in found.touches] == [("read", Answer.ALLOWED)]


@pytest.mark.parametrize(
    "odd", [{"VpcConfiguration": "x"}, {"Bucket": ["photos"]}, {"VpcConfiguration": {"VpcId": [1]}}]
)
def test_an_access_point_of_odd_shape_crashes_nothing(odd):
    found = point(lets(HIM))
    found.documents["ListAccessPoints"].update(odd)

    assert judged("nobody", CAT, NOBODY, bucket(LEAVES), found).answer in Answer
