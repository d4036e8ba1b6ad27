"""S3, KMS and Secrets Manager: how things are named and kept, what is asked of which, and what proves absence."""

from __future__ import annotations

import asyncio
import json

import pytest

from scanners.collectors.asker import Asker
from scanners.collectors.aws import kms, s3, secretsmanager
from scanners.collectors.gather import gather
from scanners.model import Place, Unit
from tests.core.cases import ACCOUNT
from tests.core.collectors.replies import DOOR, Replies, gathered

BUCKET, ACCOUNT_BLOCK = s3.COLLECTORS
(KEY,) = kms.COLLECTORS
(SECRET,) = secretsmanager.COLLECTORS
LISTED = {"Buckets": [{"Name": "orders", "BucketRegion": "eu-central-1", "CreationDate": "2020-01-01"}]}
OLD_LISTED = {"Buckets": [{"Name": "orders"}]}


def bucket(**answers):
    (found,) = gathered(BUCKET, **{"ListBuckets": LISTED, **answers}).resources
    return found


def asked(collector, **answers):
    """(operation, region asked, whether it was about a bucket) of every call."""
    replies = Replies(answers)
    asker = Asker(replies, Place(ACCOUNT, "global"), {})
    asyncio.run(gather(Unit("global", collector.unit_service), (collector,), asker, DOOR))
    return {operation: params.get("@region") for operation, params in replies.asked}


def key(**said):
    described = {"KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyState": "Enabled"}
    answers = {
        "ListKeys": {"Keys": [{"KeyId": "k", "KeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k"}]},
        "DescribeKey": {"KeyMetadata": described | said},
        "ListAliases": {
            "Aliases": [
                {"AliasName": "alias/orders", "TargetKeyId": "k"},
                {"AliasName": "alias/aws/s3"},
                {"AliasName": "alias/new", "TargetKeyId": "other"},
            ]
        },
        "GetKeyPolicy": {"Policy": '{"Statement": []}'},
        "ListGrants": {"Grants": [{"GrantId": "2", "CreationDate": "2026-01-01", "KeyId": "k"}, {"GrantId": "1"}]},
        "GetKeyRotationStatus": {"KeyRotationEnabled": True, "NextRotationDate": "2027-01-01"},
    }
    (found,) = gathered(KEY, **answers).resources
    return found


def test_a_bucket_lives_in_its_own_region_and_is_asked_there():
    found = bucket()
    calls = asked(BUCKET, ListBuckets=LISTED)

    assert (found.ref, found.region) == ("arn:aws:s3:::orders", "eu-central-1")
    assert calls.pop("ListBuckets") is None
    assert set(calls.values()) == {"eu-central-1"}
    assert "GetBucketLocation" not in calls


@pytest.mark.parametrize(
    ("said", "region"), [("eu-central-1", "eu-central-1"), (None, "us-east-1"), ("EU", "eu-west-1")]
)
def test_where_the_listing_does_not_say_the_bucket_is_asked_for_its_region(said, region):
    calls = asked(BUCKET, ListBuckets=OLD_LISTED, GetBucketLocation={"LocationConstraint": said})

    assert calls["GetBucketPolicy"] == region


def test_a_bucket_whose_region_is_not_known_is_not_asked_anywhere_else():
    found = bucket(ListBuckets=OLD_LISTED, GetBucketLocation="AccessDenied")

    assert found.gaps.keys() == {section for section, _ in BUCKET.calls()} - {"ListBuckets"}


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("GetBucketPolicy", "NoSuchBucketPolicy"),
        ("GetBucketOwnershipControls", "OwnershipControlsNotFoundError"),
        ("GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ],
)
def test_only_the_code_that_proves_absence_is_taken_for_it(section, code):
    absent, refused = bucket(**{section: code}), bucket(**{section: "AccessDenied"})

    assert absent[section].value is None
    assert section in refused.gaps
    assert section not in refused.documents


def test_no_access_list_is_asked_for_where_none_counts():
    enforced = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}

    assert "GetBucketAcl" not in bucket(GetBucketOwnershipControls=enforced).documents
    assert "GetBucketAcl" in bucket(GetBucketOwnershipControls="AccessDenied").documents


def test_the_block_of_the_account_is_absent_only_when_aws_says_so():
    caller = {"Account": ACCOUNT, "Arn": "arn:aws:sts::1:assumed-role/posture/session-2026", "UserId": "AROA:x"}
    (absent,) = gathered(
        ACCOUNT_BLOCK, GetCallerIdentity=caller, GetPublicAccessBlock="NoSuchPublicAccessBlockConfiguration"
    ).resources
    (refused,) = gathered(ACCOUNT_BLOCK, GetCallerIdentity=caller, GetPublicAccessBlock="AccessDenied").resources

    assert absent.documents == {"GetCallerIdentity": {"Account": ACCOUNT}, "GetPublicAccessBlock": None}
    assert refused.gaps["GetPublicAccessBlock"][0].permission == "s3:GetAccountPublicAccessBlock"


def test_a_key_is_known_by_its_alias():
    assert key().name == "orders"
    assert key().ref.endswith(":key/k")


@pytest.mark.parametrize(
    ("said", "unasked"),
    [
        ({}, set()),
        ({"KeyManager": "AWS"}, {"GetKeyPolicy", "GetKeyRotationStatus"}),
        ({"KeySpec": "RSA_2048"}, {"GetKeyRotationStatus"}),
        ({"Origin": "EXTERNAL"}, {"GetKeyRotationStatus"}),
        ({"KeyState": "PendingDeletion"}, {"GetKeyRotationStatus"}),
    ],
)
def test_keys_are_asked_only_what_applies_to_them(said, unasked):
    found = key(**said)

    assert {"GetKeyPolicy", "GetKeyRotationStatus"} - found.documents.keys() == unasked
    assert not found.gaps


def test_what_moves_by_itself_is_not_kept_of_keys_and_secrets():
    listed = {
        "ARN": "arn:s",
        "Name": "s",
        "LastAccessedDate": "2026-11-22",
        "SecretVersionsToStages": {"v": ["AWSCURRENT"]},
    }
    (secret,) = gathered(SECRET, ListSecrets={"SecretList": [listed]}, GetResourcePolicy={"ARN": "arn:s"}).resources

    assert key()["GetKeyRotationStatus"].value == {"KeyRotationEnabled": True}
    assert secret["ListSecrets"].value == {"ARN": "arn:s", "Name": "s", "LastAccessedDate": "2026-11-22"}
    assert secret["GetResourcePolicy"]["ResourcePolicy"].value is None


def test_no_value_of_a_secret_is_ever_asked_for():
    assert not [call for _, call in SECRET.calls() if "Value" in call.operation]


def test_policies_become_documents():
    policy = json.dumps({"Statement": [{"Effect": "Allow"}]})
    (secret,) = gathered(
        SECRET,
        ListSecrets={"SecretList": [{"ARN": "arn:s", "Name": "s"}]},
        GetResourcePolicy={"ResourcePolicy": policy},
    ).resources

    assert secret["GetResourcePolicy"]["ResourcePolicy"]["Statement"][0]["Effect"].value == "Allow"
    assert bucket(GetBucketPolicy={"Policy": policy})["GetBucketPolicy"]["Policy"]["Statement"].value


def test_grants_are_kept_in_one_order_and_asked_of_own_keys_alone():
    assert key().documents["ListGrants"] == [{"GrantId": "1"}, {"GrantId": "2"}]
    assert not key(KeyManager="AWS").asked("ListGrants")


def test_an_access_list_tells_whose_the_bucket_is():
    said = {"Owner": {"ID": "c0ffee", "DisplayName": "shop"}, "Grants": []}

    assert bucket(GetBucketAcl=said).documents["GetBucketAcl"] == {"Owner": {"ID": "c0ffee"}, "Grants": []}
