"""What the account's own policies give away: CASES are run by tests/house/test_checks.py."""

from scanners.model import Severity
from tests.core.cases import ACCOUNT, Case, Cases, resource

POLICY = "AWS::IAM::ManagedPolicy"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LISTS = {"AWS::IAM::User": "UserPolicyList", "AWS::IAM::Group": "GroupPolicyList", "AWS::IAM::Role": "RolePolicyList"}


def allow(action="*", on="*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": on, **more}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def managed(*statements, attached=1, boundary=0, older=()):
    versions = [{"VersionId": "v1", "IsDefaultVersion": False, "Document": document(*older)}] if older else []
    versions += [{"VersionId": "v2", "IsDefaultVersion": True, "Document": document(*statements)}]
    details = {"AttachmentCount": attached, "PermissionsBoundaryUsageCount": boundary, "PolicyVersionList": versions}
    return Case(resource(POLICY, f"arn:aws:iam::{ACCOUNT}:policy/p", GetAccountAuthorizationDetails=details))


def inline(kind, *statements):
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    ref = f"arn:aws:iam::{ACCOUNT}:{kind.rpartition('::')[2].lower()}/x"
    return Case(resource(kind, ref, GetAccountAuthorizationDetails={LISTS[kind]: policies}))


BUT_FEW = {"Effect": "Allow", "NotAction": ["s3:DeleteBucket"], "Resource": "*"}
NOT_IAM = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
SPARING = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault/*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
HOLLOW = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
LATER = {"Condition": {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}}
CONTEXT = {"Condition": {"StringEquals": {"kms:EncryptionContext:app": "orders"}}}
NOT_VIA = {"Condition": {"StringNotEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}}
ANY_VIA = {"Condition": {"StringLike": {"kms:ViaService": "*"}}}
DECRYPT = "kms:Decrypt"

CASES = {
    "aws.iam.policy_admin": Cases(
        fails=(
            managed(allow()),
            managed(allow("*:*")),
            managed(allow(["s3:GetObject", "*"], ["arn:aws:s3:::b", "*"])),
            managed(allow(on="arn:aws:*")),
            managed(allow("s3:GetObject"), allow(**HOLLOW)),
            managed(allow(), allow("iam:*", effect="Deny")),
            managed(BUT_FEW),
            managed(SPARING),
            managed(allow(), attached=0),
            *(inline(kind, allow()) for kind in LISTS),
        ),
        passes=(
            managed(allow("s3:*")),
            managed(allow(on="arn:aws:s3:::b/*")),
            managed(allow(**MFA)),
            managed(allow(effect="Deny")),
            managed(allow(), allow(effect="Deny")),
            managed(NOT_IAM),
            managed(allow("s3:*"), older=[allow()]),
            managed(allow(), attached=0, boundary=2),
            *(inline(kind) for kind in LISTS),
            *(inline(kind, allow("s3:GetObject")) for kind in LISTS),
        ),
        unknown=(
            Case(resource(POLICY, "arn:aws:iam::1:policy/p", GetAccountAuthorizationDetails={"AttachmentCount": 1})),
        ),
    ),
    "aws.iam.kms_decrypt_all": Cases(
        fails=(
            managed(allow(DECRYPT)),
            managed(allow("kms:*")),
            managed(allow("kms:Re*")),
            managed(allow("kms:reencryptfrom")),
            managed(allow()),
            managed(allow(DECRYPT, "arn:aws:kms:*:*:key/*")),
            managed(allow(DECRYPT, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*")),
            managed(allow([DECRYPT, "kms:DescribeKey"], [KEY, "*"])),
            managed(allow(DECRYPT, **NOT_VIA)),
            managed(allow(DECRYPT, **ANY_VIA)),
            managed(allow(DECRYPT, Condition={"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}})),
            managed(allow(DECRYPT, **MFA)),
            managed(NOT_IAM),
            *(inline(kind, allow(DECRYPT)) for kind in LISTS),
        ),
        passes=(
            managed(allow(DECRYPT, KEY)),
            managed(allow(DECRYPT, **LATER)),
            managed(allow(DECRYPT, **CONTEXT)),
            managed(allow("kms:Encrypt")),
            managed(allow(DECRYPT, effect="Deny")),
            managed(allow("kms:*"), allow(["kms:Decrypt", "kms:ReEncrypt*"], effect="Deny")),
            managed({"Effect": "Allow", "NotAction": ["kms:*"], "Resource": "*"}),
            *(inline(kind) for kind in LISTS),
        ),
    ),
}


def test_a_policy_that_nobody_has_yet_is_less_grave():
    assert managed(allow(), attached=0).verdict("aws.iam.policy_admin").severity is Severity.MEDIUM
    assert managed(allow()).verdict("aws.iam.policy_admin").severity is None


def test_the_inline_policies_at_fault_are_named():
    verdict = inline("AWS::IAM::Role", allow()).verdict("aws.iam.policy_admin")

    assert verdict.sentence == "Its inline policy own allows every action on every resource"
    assert verdict.because[0].pointer == "/GetAccountAuthorizationDetails/RolePolicyList/0/PolicyDocument/Statement/0"
