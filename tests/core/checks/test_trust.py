"""Trust policies: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource

ROLE, FUNCTION = "AWS::IAM::Role", "AWS::Lambda::Function"
REF = f"arn:aws:iam::{ACCOUNT}:role/service-role/orders"
STRANGER, PARTNER = "999988887777", "444455556666"
LAMBDA = {"Service": "lambda.amazonaws.com"}


def allow(principal, action="sts:AssumeRole", effect="Allow", **condition):
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    return {**statement, "Condition": condition} if condition else statement


def role(*statements, ref=REF):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    details = {"RoleName": ref.rpartition("/")[2], "Arn": ref, "AssumeRolePolicyDocument": document}
    return resource(ROLE, ref, region="global", GetAccountAuthorizationDetails=details)


def trusting(*statements, trusted=()):
    return Case(role(*statements), trusted=frozenset(trusted))


def running_as(*roles, name=REF, region=REGION):
    document = {"FunctionArn": "f", "Role": name}
    ref = f"arn:aws:lambda:{region}:{ACCOUNT}:function:f"
    return Case(resource(FUNCTION, ref, region=region, ListFunctions=document), roles)


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}


OUTSIDE = root(STRANGER)
FLOWS = {"Service": "states.amazonaws.com"}
EDGE = allow({"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]})
PIPELINE = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
SHUT = allow("*", effect="Deny", StringNotEquals={"aws:PrincipalOrgID": "o-1"})

CASES = {
    "aws.iam.trust_everyone": Cases(
        fails=(
            trusting(allow("*")),
            trusting(allow({"AWS": "*"})),
            trusting(allow(LAMBDA), allow({"AWS": ["*"]})),
            trusting(allow({"AWS": "*"}, Bool={"aws:MultiFactorAuthPresent": "true"})),
            trusting(allow({"AWS": "*"}, StringEquals={"sts:ExternalId": "guessable"})),
            trusting(allow({"AWS": "*"}, StringLike={"aws:PrincipalArn": "*"})),
            trusting(allow({"AWS": "*"}, StringEqualsIfExists={"aws:PrincipalOrgID": "o-1"})),
            trusting(allow("*"), allow(OUTSIDE, effect="Deny")),
            trusting(allow("*"), allow("*", "sts:TagSession", effect="Deny")),
            trusting(allow({"AWS": "*"}, StringEquals={"aws:PrincipalTag/team": "payments"})),
            trusting(allow({"AWS": "*"}, StringEquals={"aws:username": "alice"})),
        ),
        passes=(
            trusting(allow(LAMBDA)),
            trusting(allow(OUTSIDE)),
            trusting(allow({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-1"})),
            trusting(allow({"AWS": "*"}, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"})),
            trusting(allow("*"), SHUT),
            trusting(allow("*", "sts:TagSession")),
        ),
    ),
    "aws.iam.trust_external_no_condition": Cases(
        fails=(
            trusting(allow(OUTSIDE)),
            trusting(allow({"AWS": STRANGER})),
            trusting(allow({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{STRANGER}:role/deploy"]})),
            trusting(allow(root(PARTNER)), allow(OUTSIDE), trusted=[PARTNER]),
            trusting(allow(OUTSIDE, StringLike={"sts:ExternalId": "*"})),
            trusting(allow(OUTSIDE, StringEqualsIfExists={"sts:ExternalId": "x-77120"})),
            trusting(allow(OUTSIDE, StringNotEquals={"sts:ExternalId": "x-77120"})),
            trusting(allow(OUTSIDE, BoolIfExists={"aws:MultiFactorAuthPresent": "true"})),
            trusting(allow(OUTSIDE, Bool={"aws:MultiFactorAuthPresent": "false"})),
            trusting(allow(OUTSIDE, StringEquals={"aws:PrincipalAccount": STRANGER})),
            trusting(allow({"AWS": "*"}, ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/ci"})),
            trusting(allow(OUTSIDE), allow("*", effect="Deny", StringNotEquals={"aws:PrincipalAccount": STRANGER})),
            trusting(allow(OUTSIDE), allow("*", effect="Deny", StringNotLike={"sts:ExternalId": "*"})),
        ),
        passes=(
            trusting(allow(LAMBDA)),
            trusting(allow(root(ACCOUNT))),
            trusting(allow(root(PARTNER)), trusted=[PARTNER]),
            trusting(allow(OUTSIDE, StringEquals={"sts:ExternalId": "x-77120"})),
            trusting(allow(OUTSIDE, Bool={"aws:MultiFactorAuthPresent": "true"})),
            trusting(allow(OUTSIDE, IpAddress={"aws:SourceIp": "203.0.113.0/24"})),
            trusting(allow(OUTSIDE, StringEquals={"aws:PrincipalOrgID": "o-1"})),
            trusting(allow({"AWS": "AROAEXAMPLEID"})),
            trusting(allow(OUTSIDE, effect="Deny")),
            trusting(allow(OUTSIDE, **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/*"]}})),
            trusting(allow({"AWS": "*"}, ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ci"})),
            trusting(allow(OUTSIDE), SHUT),
            trusting(allow(OUTSIDE), allow("*", effect="Deny", StringNotEquals={"sts:ExternalId": "x-77120"})),
        ),
    ),
    "aws.lambda.role_trust_extra": Cases(
        fails=(
            running_as(role(allow(LAMBDA), allow(root(ACCOUNT)))),
            running_as(role(allow({"Service": "lambda.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:user/ci"}))),
            running_as(role(allow({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}))),
            running_as(role(allow(LAMBDA), allow(PIPELINE, "sts:AssumeRoleWithWebIdentity"))),
            running_as(role(allow(LAMBDA), allow("*"))),
            running_as(role(EDGE)),
        ),
        passes=(
            running_as(role(allow(LAMBDA))),
            running_as(role(EDGE), region="us-east-1"),
            running_as(role(allow(LAMBDA), allow(OUTSIDE, effect="Deny"))),
            running_as(role(allow(LAMBDA), allow({"AWS": "AROAEXAMPLEID"}))),
            running_as(role(allow(LAMBDA)), role(allow("*"), ref=f"arn:aws:iam::{ACCOUNT}:role/other")),
        ),
        neutral=(running_as(), running_as(role(allow("*"), ref=f"arn:aws:iam::{ACCOUNT}:role/other"))),
        unknown=(
            running_as(name=f"arn:aws:iam::{STRANGER}:role/theirs"),
            replace(running_as(), unread=frozenset({ROLE})),
        ),
    ),
    "aws.iam.trust_confused_deputy": Cases(
        fails=(
            trusting(allow(FLOWS)),
            trusting(allow({"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]})),
            trusting(allow(FLOWS, StringLike={"aws:SourceArn": "arn:aws:states:*:*:stateMachine:*"})),
            trusting(allow(FLOWS, StringEqualsIfExists={"aws:SourceAccount": ACCOUNT})),
            trusting(allow(FLOWS, StringNotEquals={"aws:SourceAccount": STRANGER})),
            trusting(allow(FLOWS, StringEquals={"aws:RequestedRegion": REGION})),
            trusting(allow(FLOWS), allow("*", effect="Deny", StringNotEquals={"aws:PrincipalOrgID": "o-1"})),
        ),
        passes=(
            trusting(allow(FLOWS, StringEquals={"aws:SourceAccount": ACCOUNT})),
            trusting(allow(FLOWS, ArnLike={"aws:SourceArn": f"arn:aws:states:*:{ACCOUNT}:*"})),
            trusting(allow(FLOWS, StringEquals={"aws:SourceOrgID": "o-1"})),
            trusting(allow(FLOWS), allow("*", effect="Deny", StringNotEquals={"aws:SourceAccount": ACCOUNT})),
        ),
        neutral=(
            trusting(allow(LAMBDA)),
            trusting(allow({"Service": "ec2.amazonaws.com"})),
            trusting(allow(OUTSIDE)),
            trusting(allow(FLOWS, effect="Deny")),
        ),
    ),
}
