"""VPC Lattice: whether callers are asked who they are.

Limits: a service and the networks it stands in are judged each by itself, though the stricter of both holds.
Source: "Control access to VPC Lattice services using auth policies" (VPC Lattice user guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, kept_out, open_to_anyone
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

KINDS = {"AWS::VpcLattice::Service": "GetService", "AWS::VpcLattice::ServiceNetwork": "GetServiceNetwork"}
SOURCES = {"vpc-lattice-svcs:sourcevpc", "vpc-lattice-svcs:sourcevpcowneraccount"}


@check(
    "aws.lattice.no_auth",
    on=tuple(KINDS),
    severity=Severity.HIGH,
    title="Service mesh endpoint without caller checks",
    reads=(*KINDS.values(), "GetAuthPolicy"),
    fix=Fix(
        console="VPC > Lattice > the service or network > Access > Edit: AWS IAM, and a policy that names the callers.",
        cli="aws vpc-lattice update-service --service-identifier ID --auth-type AWS_IAM; aws vpc-lattice"
        " put-auth-policy --resource-identifier ID --policy file://policy.json",
        terraform='resource "aws_vpclattice_service" "this" { auth_type = "AWS_IAM" }',
    ),
)
def no_auth(door: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever runs in a network that is joined to it may call, a machine that was taken over among it."""
    said = door[KINDS[door.kind]]
    kind = said.need("authType")
    if kind.value == "NONE":
        yield failed("Nobody is asked who they are", kind)
        return
    policy = door["GetAuthPolicy"]
    document = policy["policy"]
    for statement, who in open_to_anyone(document):
        if not _from_known_networks(statement) and not kept_out(document, statement):
            yield failed("The policy lets everyone in", who, statement.node)
    if document.present:
        yield passed("Callers show who they are, and the policy names whom it lets in", kind, document)
    else:
        yield passed("Callers show who they are, and without a policy nobody is let in", kind, policy)


def _from_known_networks(statement: Statement) -> bool:
    named = ((operator, key) for operator, key, _ in statement.conditions())
    return any(key in SOURCES and operator == "stringequals" for operator, key in named)
