"""The organisation above the account, and whether it binds the account to anything.

Limits: a member account that is no delegated administrator may not read the policies that bind it: there the answer
stays unknown.  What a guard rail forbids is not weighed here, only that it forbids something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.aws.levels import ACCOUNT, JOINS, ORGANISATION, POLICY, attached, levels
from scanners.access.aws.statements import statements
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

SCP = "SERVICE_CONTROL_POLICY"
Attached = list[tuple[Resource, Node]]


@check(
    "aws.org.member",
    on="AWS::Account",
    severity=Severity.MEDIUM,
    title="Account outside an organization or without guard rails",
    joins=(
        (ORGANISATION, "DescribeOrganization"),
        (POLICY, "ListPolicies"),
        (POLICY, "DescribePolicy"),
        (POLICY, "ListTargetsForPolicy"),
        *JOINS,
    ),
    fix=Fix(
        console="AWS Organizations (in the management account) > AWS accounts > Add an AWS account; then Policies >"
        " Service control policies > Create: deny what no account may ever do, and attach it to the root.",
        cli="aws organizations create-policy --type SERVICE_CONTROL_POLICY --name guard-rails --description TEXT"
        " --content file://deny.json; aws organizations attach-policy --policy-id ID --target-id ROOT-ID",
        terraform='resource "aws_organizations_policy_attachment" "this" { policy_id = aws_organizations_policy.deny.id'
        "  target_id = aws_organizations_organization.this.roots[0].id }",
    ),
)
def member(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Guard rails from above hold even for an administrator of the account: they keep trails running, regions closed
    and the account in the family, whoever has taken it over.
    """
    found = list(estate.all(ORGANISATION))
    if not found:
        nothing = Node(None, "/DescribeOrganization", "organizations.DescribeOrganization", "global", account.ref)
        yield failed("The account belongs to no organisation", nothing)
        return
    said = found[0]["DescribeOrganization"]
    if (features := said.need("FeatureSet")).value != "ALL":
        yield failed("The organisation shares its bills and can bind nobody", features)
        return
    chief = said.need("MasterAccountId")
    places = _by_target(estate)
    if chief.value == estate.account:  # policies never bind it: judged by what it binds
        bound = _bound_at((target for target in places if target != estate.account), places)
        lacking = "The account manages an organisation whose policies forbid its members nothing"
    else:
        bound = _bound_at(levels(_myself(estate), estate), places)
        lacking = "No service control policy forbids the account anything"
    if bound:
        yield passed(f"Service control policies bind: {', '.join(sorted({one.name for one, _ in bound}))}", *(
            where for _, where in bound
        ))  # fmt: skip
    else:
        yield failed(lacking, chief, *(where for attached in places.values() for _, where in attached))


def _myself(estate: Estate) -> Resource:
    for account in estate.all(ACCOUNT):
        if account["ListAccounts"].need("Id").value == estate.account:
            return account
    call = "organizations.ListAccounts"
    raise Unread(Gap(call, call.replace(".", ":"), State.SKIPPED, "NotInTheList", "global"))


def _by_target(estate: Estate) -> dict[str, Attached]:
    places: dict[str, Attached] = {}
    for policy, target in attached(SCP, estate):
        places.setdefault(target.need("TargetId").text(), []).append((policy, target))
    return places


def _bound_at(targets: Iterable[str], places: dict[str, Attached]) -> Attached:
    """The policies that forbid something there: by a Deny, or because nothing beside them allows everything."""
    bound: Attached = []
    for target in targets:
        here = places.get(target, [])
        bound.extend(one for one in here if any(said.denies for said in statements(_content(one[0]))))
        if not any(_allows_everything(policy) for policy, _ in here):
            bound.extend(here)
    return bound


def _allows_everything(policy: Resource) -> bool:
    return any(
        said.allows
        and not said.node["Condition"].present
        and "*" in said.actions()
        and not said.node["NotAction"].present
        and any(one.value == "*" for one in said.node["Resource"])
        for said in statements(_content(policy))
    )


def _content(policy: Resource) -> Node:
    return policy["DescribePolicy"]["Content"]
