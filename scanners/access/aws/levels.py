"""Where an account hangs in its organisation: the levels at which policies bind it, from the root down to itself.

Source: "How SCP evaluation works" (AWS Organizations user guide), read 2026-11: policies count at the root, at every
unit on the way and at the account; the management account is never bound by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

ACCOUNT, ROOT = "AWS::Organizations::Account", "AWS::Organizations::Root"
ORGANISATION, POLICY = "AWS::Organizations::Organization", "AWS::Organizations::Policy"
JOINS = (
    (ACCOUNT, "ListAccounts"),
    (ACCOUNT, "ListParents"),
    (ROOT, "ListRoots"),
    (ROOT, "ListOrganizationalUnitsForParent"),
)


def levels(account: Resource, estate: Estate) -> tuple[str, ...]:
    """Ids of the root, of each unit and of the account: ("r-ab12", "ou-ab12-11111111", "111122223333").

    Raises Unread where neither the account's path nor the tree was read.
    """
    listed = account["ListAccounts"]
    number, path = listed.need("Id").text(), listed["Paths"]
    if path.present:
        steps = next(iter(path)).text().strip("/").split("/")[1:]  # the first is the organisation
        return (*(step for step in steps if step != number), number)
    above = _tree(estate)
    parent = next(iter(account["ListParents"])).need("Id").text()
    chain = [number, parent]
    while (parent := above.get(parent, "")) and parent not in chain:
        chain.append(parent)
    if not chain[-1].startswith("r-"):
        call = "organizations.ListOrganizationalUnitsForParent"
        raise Unread(Gap(call, call.replace(".", ":"), State.SKIPPED, "UnitNotSeen", account.region))
    return tuple(reversed(chain))


def _tree(estate: Estate) -> dict[str, str]:
    """Unit → what stands above it."""
    return {
        unit.need("Id").text(): parent
        for root in estate.all(ROOT)
        for parent, units in root.each("ListOrganizationalUnitsForParent")
        for unit in units
    }


def attached(kind: str, estate: Estate) -> Iterator[tuple[Resource, Node]]:
    """(policy, target) of every attachment of policies of this type: "SERVICE_CONTROL_POLICY"."""
    for policy in estate.all(POLICY):
        if policy["ListPolicies"].need("Type").value == kind:
            for target in policy["ListTargetsForPolicy"]:
                yield policy, target
