"""Machines: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

ROLE = {"IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/web", "Id": "AIPA"}}
SECRET = {"digest": "d", "lines": 3, "secrets": [{"line": 2, "secret": "AWS Access Key"}]}
QUIET = {"digest": "d", "lines": 3, "secrets": []}


def machine(tokens=None, *, script=None, role=ROLE, **options):
    options |= {"HttpTokens": tokens} if tokens else {}
    described = {"InstanceId": "i-1", "MetadataOptions": options, **(role or {})}
    attribute = {"UserData": script} if script else {}
    return Case(resource("AWS::EC2::Instance", DescribeInstances=described, DescribeInstanceAttribute=attribute))


CASES = {
    "aws.ec2.imdsv2": Cases(
        fails=(
            machine("optional"),
            machine("optional", HttpEndpoint="enabled", HttpPutResponseHopLimit=1),
            machine("optional", role=None),
        ),
        passes=(
            machine("required", HttpEndpoint="enabled"),
            machine("required", HttpPutResponseHopLimit=2),
            machine("optional", HttpEndpoint="disabled"),
        ),
        unknown=(
            machine(HttpEndpoint="enabled"),
            Case(resource("AWS::EC2::Instance", DescribeInstances={}, DescribeInstanceAttribute={})),
        ),
    ),
    "aws.ec2.user_data_secret": Cases(
        fails=(machine("required", script=SECRET),), passes=(machine("required", script=QUIET), machine("required"))
    ),
}


def test_a_machine_without_a_role_has_less_to_lose():
    assert machine("optional").verdict("aws.ec2.imdsv2").severity is Severity.HIGH
    assert machine("optional", role=None).verdict("aws.ec2.imdsv2").severity is Severity.MEDIUM


def test_says_when_containers_can_fetch_a_token_too():
    assert "hop limit 2" in machine("required", HttpPutResponseHopLimit=2).verdict("aws.ec2.imdsv2").sentence
