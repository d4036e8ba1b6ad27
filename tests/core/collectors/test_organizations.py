"""The organisation: what a member may know, and where each account hangs."""

import asyncio

import pytest

from scanners.collectors.asker import Asker
from scanners.collectors.aws import organizations
from scanners.collectors.gather import gather
from scanners.model import Place, State, Unit
from tests.core.cases import ACCOUNT
from tests.core.collectors.replies import DOOR, Replies

DENIED, ALONE = "AccessDeniedException", "AWSOrganizationsNotInUseException"
LISTINGS = ("ListAccounts", "ListRoots", "ListPolicies")
OURS = {"Organization": {"Id": "o-abcdefghij", "Arn": "arn:o", "MasterAccountId": "999999999999", "FeatureSet": "ALL"}}
MINE = {"Organization": {**OURS["Organization"], "MasterAccountId": ACCOUNT}}
ORGANISATION, PEOPLE, ROOT = (f"AWS::Organizations::{kind}" for kind in ("Organization", "Account", "Root"))
POLICY = "AWS::Organizations::Policy"


def seen(**answers):
    replies = Replies({"DescribeOrganization": MINE, **answers})
    asker = Asker(replies, Place(ACCOUNT, "global"), {})
    found = asyncio.run(gather(Unit("global", "organizations"), organizations.COLLECTORS, asker, DOOR))
    return found, replies.asked


def test_a_member_knows_its_organisation_and_that_the_rest_is_told_elsewhere():
    found, asked = seen(DescribeOrganization=OURS, **dict.fromkeys(LISTINGS, DENIED))

    assert [resource.kind for resource in found.resources] == [ORGANISATION]
    assert found.listed == {ORGANISATION}
    assert {kind: gap.state for kind, (gap, *_) in found.gaps.items()} == dict.fromkeys(
        (PEOPLE, ROOT, POLICY), State.ELSEWHERE
    )
    assert [operation for operation, _ in asked] == ["DescribeOrganization", "ListAccounts"]
    assert all(cell.state.known for cell in found.cells.values())


def test_a_member_that_was_delegated_to_is_asked_for_everything():
    found, asked = seen(DescribeOrganization=OURS, ListAccounts=account(Paths=["o/r-ab12/1/"]), ListRoots=ROOTS)

    assert found.gaps == {}
    assert {"ListRoots", "ListPolicies"} <= {operation for operation, _ in asked}


@pytest.mark.parametrize("refused", LISTINGS)
def test_the_management_account_that_may_not_ask_lacks_a_permission(refused):
    answers = {"ListAccounts": account(), "ListRoots": ROOTS, refused: DENIED}

    found, _ = seen(DescribeOrganization=MINE, **answers)

    gaps = {gap for missing in found.gaps.values() for gap in missing}
    assert {(gap.state, gap.permission) for gap in gaps} == {(State.DENIED, f"organizations:{refused}")}


def test_a_member_whose_list_did_not_come_for_another_reason_has_a_gap():
    found, _ = seen(DescribeOrganization=OURS, ListAccounts={"Accounts": [{"Id": ACCOUNT}]})

    assert {gap.state for gap in found.gaps[PEOPLE]} == {State.PARSE_ERROR}


def test_an_account_on_its_own_is_proven_to_be_and_asked_that_alone():
    found, asked = seen(DescribeOrganization=ALONE)

    assert [operation for operation, _ in asked] == ["DescribeOrganization"]
    assert found.resources == []
    assert found.gaps == {}
    assert found.listed == {ORGANISATION, PEOPLE, ROOT, POLICY}


def test_a_refused_organisation_is_not_an_account_on_its_own():
    found, _ = seen(DescribeOrganization=DENIED)

    assert found.gaps[ORGANISATION][0].permission == "organizations:DescribeOrganization"


ROOTS = {"Roots": [{"Id": "r-ab12", "Arn": "arn:r"}]}
UNIT = {"Id": "ou-ab12-11111111", "Arn": "arn:ou"}
TOLD = {**UNIT, "Path": "o-abcdefghij/r-ab12/ou-ab12-11111111/"}


def account(**more):
    return {"Accounts": [{"Id": ACCOUNT, "Arn": "arn:a", "Name": "shop", "Email": "root@shop.example", **more}]}


@pytest.mark.parametrize(
    ("accounts", "unit", "questions"),
    [
        (account(Paths=["o-abcdefghij/r-ab12/111122223333/"]), TOLD, [("ParentId", "r-ab12")]),
        (account(), UNIT, [("ParentId", "r-ab12"), ("ChildId", ACCOUNT), ("ParentId", UNIT["Id"])]),
    ],
)
def test_the_tree_is_walked_only_where_paths_are_not_told(accounts, unit, questions):
    below = {"OrganizationalUnits": [unit]}

    _, asked = seen(ListAccounts=accounts, ListRoots=ROOTS, ListOrganizationalUnitsForParent=below)

    where = [one for _, params in asked for one in params.items() if one[0] in ("ParentId", "ChildId")]
    assert sorted(where) == sorted(questions)


def test_a_policy_is_kept_as_a_document_with_what_it_is_attached_to():
    listed = {"Policies": [{"Id": "p-1", "Arn": "arn:p", "Name": "trail", "Type": "SERVICE_CONTROL_POLICY"}]}
    content = {"Policy": {"Content": '{"Statement": []}', "PolicySummary": {"Id": "p-1"}}}

    found, _ = seen(
        ListAccounts=account(Paths=["o/r-ab12/1/"]),
        ListPolicies=listed,
        DescribePolicy=content,
        ListTargetsForPolicy={"Targets": [{"TargetId": "r"}]},
    )

    policy = next(resource for resource in found.resources if resource.kind == POLICY)
    assert policy["DescribePolicy"].value == {"Content": {"Statement": []}}
    assert policy["ListTargetsForPolicy"].value == [{"TargetId": "r"}]


def test_addresses_of_accounts_are_not_kept():
    found, _ = seen(DescribeOrganization=OURS, ListAccounts=account(Paths=["o/r-ab12/1/"]))

    assert "root@shop.example" not in repr(found.resources)
