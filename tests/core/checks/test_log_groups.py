"""Logs: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def group(name="/aws/lambda/orders", **listed):
    return Case(resource("AWS::Logs::LogGroup", DescribeLogGroups={"logGroupName": name, **listed}))


POLICY = "AWS::Logs::ResourcePolicy"


def region_policy(principal, **more):
    said = {"Effect": "Allow", "Principal": principal, "Action": "logs:PutLogEvents", "Resource": "*", **more}
    return Case(resource(POLICY, DescribeResourcePolicies={"policyName": "p", "policyDocument": {"Statement": [said]}}))


CASES = {
    "aws.lambda.log_retention": Cases(
        fails=(group(), group(retentionInDays=1), group(retentionInDays=60)),
        passes=(group(retentionInDays=90), group(retentionInDays=3653)),
        neutral=(group("/aws/api/shop"), group("trail", retentionInDays=1), group("/aws/lambda-insights")),
    ),
    "aws.logs.public_policy": Cases(
        fails=(
            region_policy("*"),
            region_policy({"AWS": "*"}),
            region_policy("*", Condition={"StringLike": {"aws:SourceArn": "arn:aws:es:*"}}),
        ),
        passes=(
            region_policy({"Service": "es.amazonaws.com"}),
            region_policy({"AWS": "arn:aws:iam::999988887777:root"}),
            region_policy("*", Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}),
            region_policy("*", Effect="Deny"),
        ),
        unknown=(
            Case(resource(POLICY, DescribeResourcePolicies={"policyName": "p"})),
            region_policy({"AWS": [999988887777]}),
        ),
    ),
}
