"""The sample's clouds together: who comes in by federation, and as whom they end; nobody else is said to."""

from __future__ import annotations

import pytest

from posture.runtime.sample.azure.estate import SUBSCRIPTION
from posture.runtime.sample.azure.server import sample_subscription
from posture.runtime.sample.gcp.estate import PROJECT, account
from posture.runtime.sample.gcp.server import sample_project
from scanners.graph import azure, gcp
from scanners.graph.across import Across, Home
from scanners.model import Provider
from scanners.model.estate import Estate
from tests.core.cases import NOW
from tests.house import test_azure, test_google

DEPLOYER = account("deployer")
WORKFLOW = "repo:fernhollow/shop:pull_request"


@pytest.fixture(scope="module")
def across():
    with sample_project() as cloud:
        shop = gathered(test_google.Sweep(cloud).collect(), PROJECT)
    with sample_subscription() as cloud:
        third = gathered(test_azure.Sweep(cloud).collect(), SUBSCRIPTION)
    return Across((Home(Provider.GCP, shop, gcp.explorer(shop)), Home(Provider.AZURE, third, azure.explorer(third))))


def gathered(seen, name):
    of_kind, gaps = {}, {}
    for unit in seen.values():
        gaps.update(unit.gaps)
        for resource in unit.resources:
            of_kind.setdefault(resource.kind, []).append(resource)
    return Estate(name, NOW, lambda kind: of_kind.get(kind, []), gaps)


def test_everything_that_ways_rest_on_is_read(across):
    assert across.unread == ()


def test_a_workflow_of_the_shop_becomes_owner_of_the_project(across):
    (found,) = across.ways(WORKFLOW)

    assert found.way.escalates is True
    assert [hop.by for hop in found.way.steps] == [
        "across-gcp-workload-identity", "gcp-iam-access-token", "gcp-resourcemanager-project-policy",
    ]  # fmt: skip
    assert found.way.steps[1].target.name == DEPLOYER
    assert set(found.accounts) == {PROJECT}


def test_a_role_of_the_other_cloud_comes_in_by_its_name(across):
    signed = "arn:aws:sts::424242424242:assumed-role/github-any-repository/*"

    (found,) = across.ways(signed)

    assert found.way.steps[0].target.ref.endswith("assumed-role/github-any-repository")
    assert found.way.escalates is True


def test_a_robot_of_google_comes_into_the_directory_and_no_further(across):
    (found,) = across.ways(DEPLOYER)

    assert [(one.hop.target.name) for one in across.crossings if one.origin.ref == f"serviceAccount:{DEPLOYER}"] == [
        "deploy-pipeline"
    ]
    assert found.way.escalates is False


def test_the_helpdesk_of_the_directory_is_one_step_from_owner(across):
    """One by itself, one by a group."""
    ways = across.homes[1].explorer.ways().ways
    climbing = {way.origin.name: [hop.by for hop in way.steps] for way in ways if way.escalates and way.steps}

    assert climbing == {f"{name}@fernhollow.example": ["entra-user-password"] for name in ("edsger", "radia")}
