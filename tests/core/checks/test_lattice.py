"""VPC Lattice: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource


def door(kind="AWS_IAM", *statements, noun="Service"):
    policy = {"policy": {"Statement": list(statements)}, "state": "Active"} if statements else None
    asked = {"GetAuthPolicy": policy} if kind == "AWS_IAM" else {}
    return Case(resource(f"AWS::VpcLattice::{noun}", **{f"Get{noun}": {"authType": kind}}, **asked))


def allow(principal="*", **condition):
    tests = {"Condition": condition} if condition else {}
    said = {"Effect": "Allow", "Principal": principal, "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
    return said | tests


ORG = {"aws:PrincipalOrgID": "o-abcdefghij"}
STRANGERS = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": ORG}}
CASES = {
    "aws.lattice.no_auth": Cases(
        fails=(
            door("NONE"),
            door("NONE", noun="ServiceNetwork"),
            door("AWS_IAM", allow()),
            door("AWS_IAM", allow({"AWS": "*"}), noun="ServiceNetwork"),
            door("AWS_IAM", allow(StringNotEquals={"vpc-lattice-svcs:SourceVpc": "vpc-1"})),
        ),
        passes=(
            door(),
            door("AWS_IAM", noun="ServiceNetwork"),
            door("AWS_IAM", allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/shop"})),
            door("AWS_IAM", allow(StringEquals=ORG)),
            door("AWS_IAM", allow(StringEquals={"vpc-lattice-svcs:SourceVpc": "vpc-1"})),
            door("AWS_IAM", allow(), STRANGERS),
        ),
        unknown=(door(None),),
    ),
}
