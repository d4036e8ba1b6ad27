"""What is worked out for many at once is what the engine decides for each."""

from __future__ import annotations

import msgspec
import pytest

from scanners.access.aws import Layers, Principal, Request, bounds
from scanners.graph.callers import request
from scanners.graph.cases import AccountRow, account
from scanners.graph.graph import build
from scanners.graph.states import State, layers
from tests.core.graph.accounts import random_account

IAM = ("iam:PutRolePolicy", "iam:PassRole", "iam:CreateAccessKey", "iam:CreatePolicyVersion", "iam:AddUserToGroup")


def engine_layers(scene, entity):
    boundary = None
    if entity.boundary is not None:
        named = scene.names_policy(entity.boundary)
        boundary = [scene.policy(entity.boundary) if named else entity.boundary]
    return Layers.of(
        identity=[document for _, document in scene.documents(entity)], boundary=boundary, scps=scene.account.scps
    )


@pytest.mark.parametrize("seed", range(25))
def test_sets_and_single_decisions_agree(seed):
    scene = build(account(msgspec.convert(random_account(seed), AccountRow))).scene

    for place, entity in enumerate(scene.principals):
        around = engine_layers(scene, entity)
        asked = scene.weighing.asked(entity)
        for action in IAM:
            found = scene.weighing.allowed(layers(scene, State(place)), action.lower(), asked, scene.names)
            for target, name in enumerate(scene.names.arns):
                single = Request(Principal("aws", entity.arn), action, name, wildcard_only=False)
                context = scene.about_name(request(scene.account, entity), target)
                assert bool(found >> target & 1) == bounds(single, around, context)[1], (entity.arn, action, name)


@pytest.mark.parametrize("seed", range(25))
def test_assuming_a_role_is_what_the_engine_decides(seed):
    graph = build(account(msgspec.convert(random_account(seed), AccountRow)))
    scene = graph.scene

    for place, entity in enumerate(scene.principals):
        if graph.node(place).row.admin:
            continue
        ways = {way.rule.id: way.bits for way in graph.node(place).ways}
        for target, role in enumerate(scene.principals):
            if role.kind != "role" or target == place:
                continue
            around = engine_layers(scene, entity)
            trusting = Layers(
                around.identity, around.boundary, around.scps, (), Layers.of(resource=role.trust).resource, None, None
            )
            single = Request(Principal("aws", entity.arn), "sts:AssumeRole", role.arn, wildcard_only=False)
            expected = bounds(single, trusting, request(scene.account, entity))[1]
            assert bool(ways.get("sts-001", 0) >> target & 1) == expected, (entity.arn, role.arn)
