"""Identity pools: whether guests get credentials, and of which role."""

import pytest

from scanners.collectors.aws import cognito
from scanners.model import State, Unread
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

POOLS = next(one for one in cognito.COLLECTORS if one.kind == "AWS::Cognito::IdentityPool")
NUMBER = f"{REGION}:0b1c2d3e-0000-4000-8000-000000000001"
LISTED = {"ListIdentityPools": {"IdentityPools": [{"IdentityPoolId": NUMBER, "IdentityPoolName": "shop"}]}}
SAID = {"IdentityPoolId": NUMBER, "IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": True}
ROLES = {"IdentityPoolId": NUMBER, "Roles": {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guests"}}


def test_a_pool_says_whether_guests_are_let_in_and_as_whom():
    (pool,) = gathered(POOLS, **LISTED, DescribeIdentityPool=SAID, GetIdentityPoolRoles=ROLES).resources

    assert pool.ref == f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{NUMBER}"
    assert pool["DescribeIdentityPool"]["AllowUnauthenticatedIdentities"].value is True
    assert pool["GetIdentityPoolRoles"]["Roles"]["unauthenticated"].text().endswith("role/guests")


def test_roles_that_may_not_be_asked_for_are_a_gap():
    (pool,) = gathered(POOLS, **LISTED, DescribeIdentityPool=SAID, GetIdentityPoolRoles="NotAuthorized").resources

    with pytest.raises(Unread) as why:
        pool["GetIdentityPoolRoles"]
    assert why.value.gaps[0].state is State.DENIED
