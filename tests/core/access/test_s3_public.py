"""Source: "The meaning of public" in "Blocking public access to your Amazon S3 storage" (Amazon S3 User Guide)."""

import pytest

from scanners.access.questions import answer


def allow(principal="*", **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*"}
    return {**statement, **({"Condition": condition} if condition else {})}


KEYS = {
    "aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t",
    "aws:SourceVpc": "vpc-91237329",
    "aws:SourceVpce": "vpce-1a2b3c4d",
    "aws:SourceOwner": "111122223333",
    "aws:SourceAccount": "111122223333",
    "aws:userid": "AIDAEXAMPLE",
    "aws:PrincipalOrgID": "o-a1b2c3d4e5",
    "aws:PrincipalAccount": "111122223333",
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app",
    "s3:DataAccessPointAccount": "111122223333",
    "s3:DataAccessPointArn": "arn:aws:s3:us-west-2:111122223333:accesspoint/a",
}
NOT_PUBLIC = [
    *[allow(StringEquals={key: value}) for key, value in KEYS.items()],
    *[allow(StringLike={key: value}) for key, value in KEYS.items()],
    allow({"AWS": "111122223333"}),
    allow({"AWS": "arn:aws:iam::111122223333:user/bob"}),
    allow({"Service": "cloudtrail.amazonaws.com"}),
    allow({"CanonicalUser": "79a5"}),
    allow(IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    allow(IpAddress={"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}),
    allow(IpAddress={"aws:SourceIp": "2001:db8::/32"}),
    allow(StringLike={"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:111122223333:accesspoint/*"}),
    allow(ArnEquals={"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}),
    allow(StringEquals={"aws:SourceVpc": ["vpc-1", "vpc-2"]}),
    allow(StringEquals={"aws:SourceVpc": "vpc-1", "aws:PrincipalTag/team": "x"}),
    {**allow(), "Effect": "Deny"},
]
PUBLIC = [
    allow(),
    allow({"AWS": "*"}),
    allow({"AWS": ["111122223333", "*"]}),
    allow(StringLike={"aws:SourceVpc": "vpc-*"}),
    allow(StringEquals={"aws:PrincipalTag/team": "x"}),
    allow(StringEquals={"aws:Referer": "https://example.org"}),
    allow(StringNotEquals={"aws:SourceVpc": "vpc-1"}),
    allow(StringEqualsIfExists={"aws:SourceVpc": "vpc-1"}),
    allow(StringEquals={"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}),
    allow(StringLike={"aws:userid": "AROAEXAMPLE:*"}),
    allow(StringLike={"aws:SourceArn": "*"}),
    allow(IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
    allow(IpAddress={"aws:SourceIp": "0.0.0.0/1"}),
    allow(IpAddress={"aws:SourceIp": ["203.0.113.0/24", "128.0.0.0/2"]}),
    allow(IpAddress={"aws:SourceIp": "2000::/16"}),
    allow(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    allow(Bool={"aws:SecureTransport": "true"}),
    allow(Null={"aws:SourceVpc": "false"}),
    {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"},
    allow(StringLike={"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/*"}),
    allow(**{"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}),
    "not a statement",
]


@pytest.mark.parametrize(
    ("statement", "public"), [(one, False) for one in NOT_PUBLIC] + [(one, True) for one in PUBLIC]
)
def test_a_policy_is_public_when_nothing_fixed_holds_back_everyone(statement, public):
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": "444455556666"}), statement]}

    assert answer({"suite": "s3public", "policy": policy})["public"] is public


def test_a_bucket_without_policy_is_not_public_by_it():
    assert answer({"suite": "s3public", "policy": None})["public"] is False
