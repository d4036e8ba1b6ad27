"""Buckets: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

from scanners.model import Outcome
from tests.core.cases import ACCOUNT, Case, Cases, refused, resource

ARN = "arn:aws:s3:::orders"
BLOCK = "AWS::S3::AccountPublicAccessBlock"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
SHUT = dict.fromkeys(OPEN, True)
OWNER = {"Grantee": {"ID": "75aa57f0", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def account(block=None):
    return resource(
        BLOCK, f"arn:aws:iam::{ACCOUNT}:root", GetCallerIdentity={"Account": ACCOUNT}, GetPublicAccessBlock=block
    )


def bucket(*, block=None, all_buckets=None, grants=(OWNER,), owner=None, policy=None, status=None):
    sections = {
        "ListBuckets": {"Name": "orders", "BucketRegion": "eu-west-1"},
        "GetPublicAccessBlock": block,
        "GetBucketPolicy": {"Policy": policy} if policy else None,
        "GetBucketOwnershipControls": owner,
        "GetBucketVersioning": {"Status": status} if status else {},
    }
    if owner is not ENFORCED:
        sections["GetBucketAcl"] = {"Grants": list(grants)}
    return Case(resource("AWS::S3::Bucket", ARN, **sections), around=(account(all_buckets),))


def group(name, permission="READ"):
    return {
        "Grantee": {"Type": "Group", "URI": f"http://acs.amazonaws.com/groups/{name}"},
        "Permission": permission,
    }


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal="*", **more):
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"{ARN}/*", **more}


def deny(**more):
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **more,
    }


OUTSIDE_THE_OFFICE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
STRANGER = {"AWS": "arn:aws:iam::999988887777:root"}


def encrypted(kind, *tags):
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": kind}}]} if kind else None
    told = [{"Key": key, "Value": value} for key, value in tags] or None
    asked = {} if kind and kind.startswith("aws:kms") else {"GetBucketTagging": told}
    return Case(resource("AWS::S3::Bucket", ARN, GetBucketEncryption=rules, **asked))


CASES = {
    "aws.s3.kms": Cases(
        fails=(
            encrypted("AES256", ("data", "confidential")),
            encrypted("AES256", ("team", "a"), ("Data-Classification", "PII")),
            encrypted("AES256", ("contains_customer_records", "yes")),
            encrypted(None, ("sensitive", "true")),
        ),
        passes=(
            encrypted("aws:kms"),
            encrypted("aws:kms:dsse"),
            encrypted("AES256"),
            encrypted("AES256", ("sensitive", "no"), ("team", "secretariat")),
        ),
    ),
    "aws.s3.public": Cases(
        fails=(
            bucket(policy=policy(allow())),
            bucket(policy=policy(allow({"AWS": "*"}))),
            bucket(policy=policy(allow(Condition={"StringLike": {"aws:Referer": "https://shop.example/*"}}))),
            bucket(policy=policy(allow(), deny())),
            bucket(policy=policy(allow()), block={**SHUT, "RestrictPublicBuckets": False}),
            bucket(policy=policy(allow()), block={**OPEN, "BlockPublicPolicy": True, "IgnorePublicAcls": True}),
            bucket(policy=policy(allow()), all_buckets={**SHUT, "RestrictPublicBuckets": False}),
            bucket(policy=policy(allow(), deny(Condition=OUTSIDE_THE_OFFICE, Action="s3:PutObject"))),
            bucket(policy=policy(allow(), deny(Condition=OUTSIDE_THE_OFFICE, Resource=f"{ARN}/secret/*"))),
            bucket(grants=(OWNER, group("global/AllUsers"))),
            bucket(grants=(group("global/AuthenticatedUsers", "WRITE"),)),
            bucket(grants=(group("global/AllUsers"),), block={**SHUT, "IgnorePublicAcls": False}),
            bucket(grants=(group("global/AllUsers"),), owner={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}),
            bucket(owner=ENFORCED, policy=policy(allow())),
        ),
        passes=(
            bucket(),
            bucket(owner=ENFORCED),
            bucket(policy=policy(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))),
            bucket(policy=policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}))),
            bucket(policy=policy(allow(), deny(Condition=OUTSIDE_THE_OFFICE))),
            bucket(policy=policy(allow()), block={**OPEN, "RestrictPublicBuckets": True}),
            bucket(policy=policy(allow()), all_buckets={**OPEN, "RestrictPublicBuckets": True}),
            bucket(grants=(group("global/AllUsers"),), all_buckets={**OPEN, "IgnorePublicAcls": True}),
            bucket(grants=(OWNER, group("s3/LogDelivery", "WRITE"))),
        ),
    ),
    "aws.s3.account_bpa": Cases(
        fails=(
            Case(account()),
            Case(account({**SHUT, "BlockPublicAcls": False})),
            Case(account({"IgnorePublicAcls": True})),
        ),
        passes=(Case(account(SHUT)),),
    ),
    "aws.s3.bucket_bpa": Cases(
        fails=(
            bucket(),
            bucket(block={**SHUT, "BlockPublicAcls": False}),
            bucket(all_buckets={"IgnorePublicAcls": True}),
        ),
        passes=(
            bucket(block=SHUT),
            bucket(all_buckets=SHUT),
            bucket(block={**SHUT, "BlockPublicAcls": False}, all_buckets={**OPEN, "BlockPublicAcls": True}),
        ),
    ),
    "aws.s3.tls_only": Cases(
        fails=(
            bucket(),
            bucket(policy=policy(allow({"AWS": ACCOUNT}))),
            bucket(policy=policy(deny(Effect="Allow"))),
            bucket(policy=policy(deny(Action="s3:PutObject"))),
            bucket(policy=policy(deny(Principal={"AWS": ACCOUNT}))),
            bucket(policy=policy(deny(Resource=f"{ARN}/public/*"))),
            bucket(policy=policy(deny(Resource=ARN))),
            bucket(policy=policy(deny(Condition={"Bool": {"aws:SecureTransport": "true"}}))),
            bucket(
                policy=policy(deny(Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "true"}}))
            ),
        ),
        passes=(
            bucket(policy=policy(deny())),
            bucket(policy=policy(deny(Principal={"AWS": "*"}, Action="*", Resource="*"))),
            bucket(policy=policy(deny(Resource=ARN), deny(Resource=f"{ARN}/*"))),
            bucket(policy=policy(deny(Condition={"BoolIfExists": {"aws:securetransport": ["false"]}}))),
        ),
    ),
    "aws.s3.cross_account": Cases(
        fails=(bucket(policy=policy(allow(STRANGER))),),
        passes=(
            bucket(),
            bucket(policy=policy(allow({"AWS": ACCOUNT}))),
            replace(bucket(policy=policy(allow(STRANGER))), trusted=frozenset({"999988887777"})),
        ),
    ),
    "aws.s3.versioning": Cases(fails=(bucket(), bucket(status="Suspended")), passes=(bucket(status="Enabled"),)),
}


def blind(case, *sections):
    documents = {name: said for name, said in case.resource.documents.items() if name not in sections}
    gaps = {section: (refused(section),) for section in sections}
    return replace(case, resource=replace(case.resource, documents=documents, gaps=gaps))


def test_an_open_policy_is_reported_although_the_access_list_was_not_read():
    seen = blind(bucket(policy=policy(allow())), "GetBucketAcl", "GetBucketOwnershipControls")

    assert seen.verdict("aws.s3.public").outcome is Outcome.FAIL


def test_the_accounts_block_makes_up_for_all_that_was_not_read_of_a_bucket():
    seen = blind(bucket(all_buckets=SHUT), "GetBucketAcl", "GetBucketPolicy", "GetPublicAccessBlock")

    assert seen.verdict("aws.s3.public").outcome is Outcome.PASS


def test_an_open_policy_stays_unknown_while_a_block_may_stop_it():
    seen = replace(bucket(policy=policy(allow())), around=(), unread=frozenset({BLOCK}))

    assert seen.verdict("aws.s3.public").outcome is Outcome.UNKNOWN
