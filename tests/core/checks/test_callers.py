"""Who may call a function: CASES are run by tests/house/test_checks.py."""

from scanners.model import Outcome
from tests.core.cases import ACCOUNT, REGION, Case, Cases, refused, resource

FUNCTION = "AWS::Lambda::Function"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
STRANGER, PARTNER = "999988887777", "444455556666"
INVOKE = "lambda:InvokeFunction"


def allow(principal, action=INVOKE, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": ARN, **more}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def function(*statements, trusted=(), **qualified):
    """A function whose policy has these statements; `qualified`: policies of aliases and versions ("v3": version 3)."""
    policies = {"$LATEST": policy(*statements) if statements else None}
    policies |= {name.removeprefix("v"): document for name, document in qualified.items()}
    return Case(resource(FUNCTION, ARN, GetPolicy=policies), trusted=frozenset(trusted))


def service(name="s3.amazonaws.com", **condition):
    return allow({"Service": name}, **({"Condition": condition} if condition else {}))


ROOT = f"arn:aws:iam::{STRANGER}:root"
SIGNED = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
BY_URL = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}

CASES = {
    "aws.lambda.public_policy": Cases(
        fails=(
            function(allow("*")),
            function(allow({"AWS": "*"})),
            function(allow({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "*"]})),
            function(live=policy(allow("*"))),
            function(v3=policy(allow("*"))),
            function(allow("*", Condition={"StringLike": {"aws:SourceArn": "*"}})),
            function(allow("*", Condition={"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}})),
            function(allow("*", Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
            function(allow("*", Condition={"StringNotEquals": {"aws:SourceAccount": STRANGER}})),
            function(allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
            function(allow("*", ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"], Condition=BY_URL)),
            function(allow("*", "lambda:InvokeFunctionUrl"), allow("*", Condition=BY_URL)),
        ),
        passes=(
            function(),
            function(allow("*", "lambda:InvokeFunctionUrl", Condition=SIGNED)),
            function(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
            function(allow({"AWS": ROOT})),
            function(service()),
            function(allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
            function(allow("*", Condition={"ArnLike": {"AWS:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*"}})),
            function({**allow("*"), "Effect": "Deny"}),
            function(live=None, v1=None),
            function(allow({"AWS": ROOT}, "lambda:InvokeFunctionUrl", Condition=SIGNED), allow("*", Condition=BY_URL)),
        ),
    ),
    "aws.lambda.cross_account_invoke": Cases(
        fails=(
            function(allow("*", "lambda:InvokeFunctionUrl", Condition=SIGNED)),
            function(allow({"AWS": ROOT})),
            function(allow(STRANGER)),
            function(allow({"AWS": STRANGER})),
            function(allow({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{STRANGER}:assumed-role/a/b"]})),
            function(live=policy(allow({"AWS": ROOT}))),
            function(allow({"AWS": ROOT}), trusted=[PARTNER]),
            function(service(StringEquals={"AWS:SourceAccount": STRANGER})),
            function(service("sns.amazonaws.com", ArnLike={"AWS:SourceArn": f"arn:aws:sns:{REGION}:{STRANGER}:t"})),
        ),
        passes=(
            function(),
            function(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ci"})),
            function(allow({"AWS": f"arn:aws:iam::{PARTNER}:root"}), trusted=[PARTNER]),
            function(allow({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})),
            function(service(StringEquals={"AWS:SourceAccount": ACCOUNT}, ArnLike={"AWS:SourceArn": "arn:aws:s3:::b"})),
            function({**allow({"AWS": ROOT}), "Effect": "Deny"}),
        ),
    ),
    "aws.lambda.service_principal_unscoped": Cases(
        fails=(
            function(service()),
            function(service("events.amazonaws.com")),
            function(service(ArnLike={"AWS:SourceArn": "arn:aws:s3:::*"})),
            function(service("events.amazonaws.com", ArnLike={"AWS:SourceArn": "arn:aws:events:*:*:rule/*"})),
            function(live=policy(service("sns.amazonaws.com"))),
        ),
        passes=(
            function(),
            function(service(ArnLike={"AWS:SourceArn": "arn:aws:s3:::orders"})),
            function(service(StringEquals={"AWS:SourceAccount": ACCOUNT})),
            function(service(StringEquals={"aws:SourceOrgID": "o-1"})),
            function(service("alexa-appkit.amazon.com", StringEquals={"lambda:EventSourceToken": "amzn1.ask.skill.1"})),
            function(allow({"AWS": ROOT})),
        ),
    ),
}


def test_what_was_seen_of_a_policy_stands_though_another_was_refused():
    policies = {"$LATEST": policy(allow("*"))}
    blind = Case(resource(FUNCTION, ARN, GetPolicy=policies, gaps={"GetPolicy": refused("GetPolicy", "lambda")}))

    assert blind.verdict("aws.lambda.public_policy").outcome is Outcome.FAIL
    assert blind.verdict("aws.lambda.cross_account_invoke").outcome is Outcome.UNKNOWN


def test_a_grant_to_whoever_signs_is_one_to_every_account_and_not_to_anyone():
    signed = function(allow("*", "lambda:InvokeFunctionUrl", Condition=SIGNED))

    assert signed.verdict("aws.lambda.public_policy").outcome is Outcome.PASS
    assert signed.verdict("aws.lambda.cross_account_invoke").sentence.endswith("lets any account of AWS call it")


def test_the_proof_names_the_alias_and_the_place():
    verdict = function(live=policy(allow("*"))).verdict("aws.lambda.public_policy")

    assert verdict.sentence == "The policy of alias live allows lambda:InvokeFunction to anyone"
    assert verdict.because[0].pointer == "/GetPolicy/live/Statement/0/Principal"
