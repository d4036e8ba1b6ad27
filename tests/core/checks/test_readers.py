"""Who can read a secret: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource
from tests.core.holders import ADMINISTRATOR, OWN, allow, deny, group, policy, role, user

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders/database-AbCdEf"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READ = "secretsmanager:GetSecretValue"
EVERYBODY = (policy(allow("s3:GetObject")), group(allow("s3:ListAllMyBuckets")), user(groups=("people",)))


def secret(*around, policy=(), **said):
    document = {"Version": "2012-10-17", "Statement": list(policy)} if policy else None
    kept = {"ResourcePolicy": document} if document else {}
    listed = {"ARN": ARN, "Name": "orders/database", **said}
    found = resource("AWS::SecretsManager::Secret", ARN, ListSecrets=listed, GetResourcePolicy=kept)
    return Case(found, around)


def key(*statements, grants=()):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return resource("AWS::KMS::Key", KEY, GetKeyPolicy={"Policy": document}, ListGrants=[*grants])


def granted(to):
    return {"GrantId": to, "GranteePrincipal": to, "Operations": ["Decrypt"]}


def to(principal, action, **condition):
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **condition}


def many(*statements, count=6, **held):
    return tuple(role(*statements, name=f"one{n}", **held) for n in range(count))


def tagged(value):
    return [{"Key": "Application", "Value": value}]


ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
DELEGATES = to(ROOT, "kms:*")
THROUGH = {"Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}}
READERS = many(allow(READ))
NAMED = [f"arn:aws:iam::{ACCOUNT}:role/one{n}" for n in range(6)]
KEYED = {"KmsKeyId": KEY}

CASES = {
    "aws.secretsmanager.readers": Cases(
        fails=(
            secret(*READERS),
            secret(*many(allow(READ, f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:orders/*"))),
            secret(*many(attached=(OWN,)), policy(allow("secretsmanager:*"))),
            secret(*many(), policy=(to({"AWS": NAMED}, READ),)),
            secret(*READERS, policy=(to(ROOT, READ),)),
            secret(*many(allow([READ, "kms:Decrypt"])), key(DELEGATES), **KEYED),
            secret(*READERS, key(to({"AWS": NAMED}, "kms:Decrypt", **THROUGH)), **KEYED),
            secret(*READERS, key(DELEGATES, grants=map(granted, NAMED)), **KEYED),
            secret(role(allow(READ), tags={"application": "billing"}), Tags=tagged("orders")),
        ),
        passes=(
            secret(*many(allow(READ), count=3), *many(attached=(OWN,), count=2), *EVERYBODY),
            secret(*many(attached=(ADMINISTRATOR,))),
            secret(*many(allow(READ, f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:search/*"))),
            secret(*many(allow(READ), boundary=OWN), policy(allow("s3:*"))),
            secret(*many(allow(READ), deny(READ))),
            secret(*READERS, policy=({**to("*", READ), "Effect": "Deny"},)),
            secret(*READERS, key(DELEGATES), **KEYED),
            secret(*READERS, key(DELEGATES, grants=map(granted, NAMED[:5])), **KEYED),
            secret(*many(allow(READ, StringEquals={"secretsmanager:ResourceTag/app": "orders"}))),
            secret(role(allow(READ), tags={"application": "orders"}), Tags=tagged("orders")),
            secret(role(allow(READ), tags={"team": "billing"}), Tags=tagged("orders")),
        ),
        unknown=(secret(role(attached=("arn:aws:iam::aws:policy/NobodyKnowsThis",))),),
    ),
}


def test_the_readers_and_the_statements_that_let_them_read_are_shown():
    verdict = secret(*READERS).verdict("aws.secretsmanager.readers")

    assert "6 users and roles beside administrators can read it: one0, one1" in verdict.sentence
    statement = "/GetAccountAuthorizationDetails/RolePolicyList/0/PolicyDocument/Statement/0"
    assert [proof.pointer for proof in verdict.because[1:]] == [statement] * 6
