"""The organisation an account belongs to: its accounts, where each hangs in the tree, and the policies that bind them.

Every member may ask which organisation it is in; all else is for the management account and delegated administrators
alone ("Delegated administrator for AWS Organizations", user guide, read 2026-11).  So another member is asked for the
list of accounts, once, for nothing else tells whether it was delegated to; refused, it is asked no more, and nothing is
missing there: what binds it from above stands in the management account's scan.  An account outside any organisation
proves it by its code, and is asked that alone.

Paths of accounts come with their listing.  Where a cloud does not tell them, the tree is walked instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.collectors.asker import TOLD_TO
from scanners.collectors.cloud import Call, Collector, Detail, Over
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

ALONE = frozenset({"AWSOrganizationsNotInUseException"})
LARGEST_PAGE = {"MaxResults": 20}
POLICIES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
GONE = frozenset({"PolicyNotFoundException"})

ORGANISATION = Call(
    "organizations",
    "DescribeOrganization",
    take="Organization",
    absent=ALONE,
    drop=frozenset({"AvailablePolicyTypes", "MasterAccountEmail"}),  # the first is not to be used, AWS says
)
ACCOUNTS = Call(
    "organizations", "ListAccounts", items="Accounts", params=LARGEST_PAGE, absent=ALONE, drop=frozenset({"Email"})
)
PARENTS = Call("organizations", "ListParents", items="Parents")
ROOTS = Call("organizations", "ListRoots", items="Roots", params=LARGEST_PAGE, absent=ALONE)
UNITS = Call("organizations", "ListOrganizationalUnitsForParent", items="OrganizationalUnits", params=LARGEST_PAGE)
POLICY = Call("organizations", "DescribePolicy", take="Policy", absent=GONE, drop=frozenset({"PolicySummary"}))
TARGETS = Call("organizations", "ListTargetsForPolicy", items="Targets", params=LARGEST_PAGE, absent=GONE)


def to_whom(organisation: Any) -> dict[str, str]:
    return {TOLD_TO: organisation["MasterAccountId"]}


def if_told(account: Any) -> dict[str, str]:
    return {}


MEMBERS = Over(ORGANISATION, bind=to_whom)
ALL_ELSE = (MEMBERS, Over(ACCOUNTS, bind=if_told))


def organisation(place: Place, item: Any) -> Identity:
    return Identity(item["Arn"], item["Id"])


def by_name(place: Place, item: Any) -> Identity:
    """AWS's own policies carry no account in their ARN, and the root no name that tells it from others."""
    return Identity(item["Arn"], item.get("Name") or item["Id"])


def if_no_path(account: Resource) -> dict[str, str] | None:
    listed = account["ListAccounts"]
    return None if listed["Paths"].present else {"ChildId": listed.need("Id").text()}


def parents(root: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    """The root, then each unit below whose path was not told: those may stand above accounts without a path."""
    top = root["ListRoots"].need("Id").text()
    yield top, {"ParentId": top}
    for _, units in root.each("ListOrganizationalUnitsForParent"):
        for unit in units:
            if not unit["Path"].present:
                yield unit.need("Id").text(), {"ParentId": unit.need("Id").text()}


def of_policy(policy: Resource) -> dict[str, str]:
    return {"PolicyId": policy["ListPolicies"].need("Id").text()}


COLLECTORS = (
    Collector(kind="AWS::Organizations::Organization", listing=ORGANISATION, identify=organisation, everywhere=False),
    Collector(
        kind="AWS::Organizations::Account",
        listing=ACCOUNTS,
        identify=by_name,
        details=(Detail(PARENTS, bind=if_no_path),),
        everywhere=False,
        over=(MEMBERS,),
    ),
    Collector(
        kind="AWS::Organizations::Root",
        listing=ROOTS,
        identify=by_name,
        details=(Detail(UNITS, each=parents),),
        everywhere=False,
        over=ALL_ELSE,
    ),
    *(
        Collector(
            kind="AWS::Organizations::Policy",
            listing=Call(
                "organizations", "ListPolicies", items="Policies", params={"Filter": kind, **LARGEST_PAGE}, absent=ALONE
            ),
            identify=by_name,
            details=(Detail(POLICY, bind=of_policy, shape=with_policy("Content")), Detail(TARGETS, bind=of_policy)),
            everywhere=False,
            over=ALL_ELSE,
        )
        for kind in POLICIES
    ),
)
