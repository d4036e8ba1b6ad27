"""Log groups: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def group(name="/aws/lambda/orders", **listed):
    return Case(resource("AWS::Logs::LogGroup", DescribeLogGroups={"logGroupName": name, **listed}))


CASES = {
    "aws.lambda.log_retention": Cases(
        fails=(group(), group(retentionInDays=1), group(retentionInDays=60)),
        passes=(group(retentionInDays=90), group(retentionInDays=3653)),
        neutral=(group("/aws/api/shop"), group("trail", retentionInDays=1), group("/aws/lambda-insights")),
    )
}
