"""Event buses: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def bus(*statements):
    policy = {"Policy": {"Version": "2012-10-17", "Statement": list(statements)}} if statements else {}
    return Case(resource("AWS::Events::EventBus", ListEventBuses={"Name": "orders", **policy}))


def allow(principal, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": "*", **more}


CASES = {
    "aws.events.bus_public": Cases(
        fails=(
            bus(allow("*")),
            bus(allow({"AWS": "*"})),
            bus(allow({"AWS": "444455556666"}), allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        ),
        passes=(
            bus(),
            bus(allow({"AWS": "arn:aws:iam::444455556666:root"})),
            bus(allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})),
        ),
    ),
}
