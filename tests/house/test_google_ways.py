"""The sample project shows ways to more power, and every one of them can be checked by hand."""

from __future__ import annotations

import pytest

from posture.runtime.sample.gcp.server import sample_project
from scanners.graph.gcp import explorer
from scanners.model.estate import Estate
from tests.core.cases import NOW
from tests.house.test_google import Sweep

SHOP = "fernhollow-shop.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def told():
    """All ways of the sample project, by a short name of who goes them."""
    of_kind, gaps = {}, {}
    with sample_project() as cloud:
        for unit in Sweep(cloud).collect().values():
            for resource in unit.resources:
                of_kind.setdefault(resource.kind, []).append(resource)
            gaps.update(unit.gaps)
    ways = explorer(Estate("fernhollow-shop", NOW, lambda kind: of_kind.get(kind, []), gaps)).ways()
    return {one.origin.name.partition("@")[0]: one for one in ways.ways}, ways


def steps(way):
    return [(hop.by, hop.target.name.partition("@")[0]) for hop in way.steps]


OWNER = ("gcp-resourcemanager-project-policy", "deployer")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("deployer", [OWNER]),
        ("reports", [("gcp-iam-access-token", "deployer"), OWNER]),
        ("424242424242-compute", [("gcp-run-service-update", "deployer"), OWNER]),
        ("cloud-admins", [("gcp-resourcemanager-organization-policy", "cloud-admins")]),
    ],
)
def test_ways_of_the_sample_project(told, who, expected):
    assert steps(told[0][who]) == expected


def test_what_comes_in_from_github_becomes_the_owner(told):
    (found,) = [one for one in told[1].ways if "attribute.repository" in one.origin.ref]

    assert steps(found) == [("gcp-iam-access-token", "deployer"), OWNER]


def test_a_key_that_a_deny_policy_forbids_is_no_way(told):
    assert all("gcp-iam-key-create" not in one.by for one in told[1].ways)


def test_an_account_that_holds_little_goes_nowhere(told):
    found = told[0]["catalog"]

    assert (found.escalates, found.administrator) == (False, False)


def test_one_grant_taken_away_stops_most(told):
    first = told[1].cuts[0]

    assert "roles/resourcemanager.projectIamAdmin" in first.edit
    assert len(first.stops) >= 4
