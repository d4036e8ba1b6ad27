"""Event buses: who may put events on them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, passed
from scanners.model.estate import Estate

BUS = "AWS::Events::EventBus"


@check(
    "aws.events.bus_public",
    on=BUS,
    severity=Severity.HIGH,
    title="Event bus open to everyone",
    reads=("ListEventBuses",),
    fix=Fix(
        console="EventBridge > Event buses > the bus > Permissions > Edit: name the accounts, or add an"
        " aws:PrincipalOrgID condition.",
        cli="aws events put-permission --event-bus-name NAME --policy file://policy.json",
        terraform='resource "aws_cloudwatch_event_bus_policy" "this" { policy ='
        " data.aws_iam_policy_document.known_senders.json }",
    ),
)
def bus_public(bus: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any account can feed your rules made-up events, and whatever they start believes them."""
    policy = bus["ListEventBuses"]["Policy"]
    yield from anyone_let_in("bus", policy)
    yield passed("No statement of the bus's policy lets in strangers", policy)
