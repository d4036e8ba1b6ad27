"""Roles that outside identity providers vouch for: CASES are run by tests/house/test_checks.py."""

import pytest

from scanners.model import Severity
from tests.core.cases import ACCOUNT, Cases
from tests.core.checks.test_trust import LAMBDA, allow, trusting

GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/ABC123"
WEB = "sts:AssumeRoleWithWebIdentity"
EQUALS, LIKE = "StringEquals", "StringLike"


def web(host=GITHUB, *, aud="sts.amazonaws.com", **conditions):
    """A role that tokens of `host` may assume; `conditions`: operator → {claim: values}."""
    said = {operator: {f"{host}:{claim}": v for claim, v in claims.items()} for operator, claims in conditions.items()}
    if aud:
        said.setdefault(EQUALS, {})[f"{host}:aud"] = aud
    return trusting(allow({"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"}, WEB, **said))


def google(**conditions):
    return trusting(allow({"Federated": "accounts.google.com"}, WEB, **conditions))


MAIN = "repo:fernhollow/shop:ref:refs/heads/main"

COGNITO = "cognito-identity.amazonaws.com"
POOL = "eu-west-1:12345678-aaaa-bbbb-cccc-123456789012"


def cognito(host=COGNITO, action=WEB, **conditions):
    said = {operator: {f"{host}:{claim}": v for claim, v in claims.items()} for operator, claims in conditions.items()}
    return trusting(allow({"Federated": host}, action, **said))


CASES = {
    "aws.iam.oidc_unscoped": Cases(
        fails=(
            web(),
            web(aud=None),
            web(StringLike={"sub": "*"}),
            web(StringLike={"sub": "repo:*"}),
            web(StringLike={"sub": "repo:fernhollow*"}),
            web(StringLike={"sub": "repo:*/shop:*"}),
            web(StringLike={"sub": "repo:fernhollow/*"}),
            web(StringLike={"sub": "repo:fernhollow/shop*"}),
            web(StringLike={"sub": [MAIN, "repo:*"]}),
            web(StringNotEquals={"sub": MAIN}),
            web(**{"ForAllValues:StringLike": {"sub": MAIN}}),
            web(StringEqualsIfExists={"sub": MAIN}),
            web(StringEquals={"sub": MAIN}, aud=None),
            web(StringEquals={"actor": "alice"}),
            web("gitlab.com", StringLike={"sub": "project_path:*"}),
            web("app.terraform.io", StringLike={"sub": "organization:*"}),
            web(EKS, StringLike={"sub": "system:serviceaccount:*:*"}),
            web("idp.example.com", StringLike={"sub": "*"}),
            web("idp.example.com"),
            google(),
        ),
        passes=(
            web(StringEquals={"sub": MAIN}),
            web(StringLike={"sub": "repo:fernhollow/shop:*"}),
            web(StringLike={"sub": [MAIN, "repo:fernhollow/site:environment:production"]}),
            web(StringLike={"sub": "repo:fernhollow/*"}, StringEquals={"repository": "fernhollow/shop"}),
            web(**{"ForAnyValue:StringLike": {"sub": "repo:fernhollow/shop:*"}}),
            web(StringEquals={"sub": "repo:*"}),
            web("gitlab.com", StringLike={"sub": "project_path:fernhollow/back/shop:ref_type:branch:*"}),
            web(EKS, StringEquals={"sub": "system:serviceaccount:shop:orders"}),
            web("idp.example.com/fernhollow", StringEquals={"sub": "deployer"}),
            google(StringEquals={"accounts.google.com:aud": "1234.apps.googleusercontent.com"}),
        ),
        neutral=(
            trusting(allow(LAMBDA)),
            trusting(allow({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/staff"}, "sts:AssumeRoleWithSAML")),
            trusting(allow({"Federated": "cognito-identity.amazonaws.com"}, WEB)),
        ),
    ),
    "aws.iam.cognito_trust_unscoped": Cases(
        fails=(
            cognito(),
            cognito(**{"ForAnyValue:StringLike": {"amr": "authenticated"}}),
            cognito(StringLike={"aud": "*"}),
            cognito(StringLike={"aud": "eu-west-1:*"}),
            cognito(StringEqualsIfExists={"aud": POOL}),
            cognito(StringNotEquals={"aud": POOL}),
            cognito(**{"ForAllValues:StringEquals": {"aud": POOL}}),
            cognito(StringEquals={"sub": POOL}),
            cognito("cognito-identity-us-gov.us-gov-west-1.amazonaws.com"),
            cognito("cognito-identity.cn-north-1.amazonaws.com.cn"),
            cognito(action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
            trusting(allow({"Federated": [COGNITO]}, WEB, StringEquals={"sts:aud": POOL})),
        ),
        passes=(
            cognito(StringEquals={"aud": POOL}),
            cognito(StringEquals={"aud": [POOL, POOL.replace("1", "2")]}),
            cognito(StringLike={"aud": POOL}, **{"ForAnyValue:StringLike": {"amr": "authenticated"}}),
            cognito(action="sts:*", StringEquals={"aud": POOL}),
        ),
        neutral=(trusting(allow(LAMBDA)), web(StringEquals={"sub": MAIN}), cognito(action="sts:TagSession")),
    ),
}

GRAVITY = [
    (web(StringLike={"sub": "repo:*"}), None),
    (web(StringLike={"sub": "repo:fernhollow/*"}), Severity.HIGH),
    (web(StringEquals={"sub": MAIN}, aud=None), Severity.MEDIUM),
]


@pytest.mark.parametrize(("case", "severity"), GRAVITY)
def test_strangers_are_graver_than_colleagues_and_colleagues_than_an_audience(case, severity):
    assert case.verdict("aws.iam.oidc_unscoped").severity is severity
