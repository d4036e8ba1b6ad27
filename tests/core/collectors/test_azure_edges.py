"""What is kept of policies, named values, definitions and variables: never what they hold."""

import pytest

from scanners.collectors.azure import edges, events, platform
from scanners.collectors.door import Door

DOOR = Door(b"test")
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def kept(policy):
    return edges.guards({"properties": {"value": policy}}, DOOR)


@pytest.mark.parametrize(
    ("policy", "guards"),
    [
        ("<policies><inbound><validate-jwt header-name='a' /></inbound></policies>", ["validate-jwt"]),
        ("<inbound><base/><validate-azure-ad-token tenant-id='x'>y</validate-azure-ad-token></inbound>",
         ["validate-azure-ad-token"]),
        ("<inbound><choose><when condition='@(1<2)'><ip-filter /></when></choose></inbound>", ["ip-filter"]),
        ("<inbound>" * 200_000 + "<!--" * 200_000, []),
        ("<inbound><!-- <validate-jwt /> --></inbound>", []),
        ("<inbound><base /></inbound><outbound><validate-jwt /></outbound>", []),
        ("", []),
        ("no xml at all <<<", []),
        (None, []),
    ],
)  # fmt: skip
def test_of_a_policy_the_names_of_what_turns_callers_away_are_kept(policy, guards):
    assert kept(policy) == {"guards": guards, "fragments": False}


def test_a_policy_with_a_part_of_another_says_so_and_no_value_of_it_is_kept():
    found = kept(f"<inbound><include-fragment fragment-id='x'/><set-header name='k'><value>{KEY}</value></set-header>"
                 "</inbound>")  # fmt: skip

    assert found == {"guards": [], "fragments": True}
    assert KEY not in repr(found)


def test_of_a_named_value_is_kept_whether_it_shows_a_secret():
    rows = [
        {"name": "a", "properties": {"displayName": "a", "secret": False, "value": KEY}},
        {"name": "b", "properties": {"displayName": "b", "secret": True}},
        {"name": "c", "properties": {"displayName": "c", "secret": False, "keyVault": {"secretIdentifier": "https://x"}}},
        {"name": "d"},
    ]  # fmt: skip
    found = edges.named_values(rows, DOOR)

    assert found["a"]["secret"]
    assert [found[name]["secret"] for name in "bcd"] == [None, None, None]
    assert KEY not in repr(found)


def test_of_a_workflow_the_triggers_and_the_functions_it_calls_are_kept():
    deep = {"s": {"type": "Scope", "actions": {"f": {"type": "Function", "inputs": {"function": {"id": "/f"}}}}}}
    plan = {"triggers": {"t": {"type": "Request", "kind": "Http", "inputs": {"schema": KEY}}}, "actions": deep}

    found = events.definition({"properties": {"state": "Enabled", "definition": plan}}, DOOR)

    assert found["triggers"] == {"t": {"type": "Request", "kind": "Http"}}
    assert found["functions"] == ["/f"]
    assert KEY not in repr(found)


@pytest.mark.parametrize("told", [None, {}, [], {"triggers": [], "actions": 7}, {"triggers": {"t": "x"}}])
def test_an_odd_definition_is_taken(told):
    found = events.definition({"properties": {"definition": told}}, DOOR)

    assert found["triggers"] == (None if told is None else {})
    assert found["functions"] == []


def test_a_definition_nested_without_end_is_walked_so_far():
    deep = {"function": {"id": "/f"}}
    for _ in range(500):
        deep = {"actions": deep}

    assert events.definition({"properties": {"definition": {"actions": deep}}}, DOOR)["functions"] == []


def test_of_a_containers_variables_no_value_is_kept():
    env = [{"name": "KEY", "value": KEY}, {"name": "REF", "secretRef": "x"}, {"name": "MODE", "value": "fast"}, {}]
    item = {"id": "/subscriptions/s/x", "name": "it", "properties": {
        "template": {"containers": [{"name": "main", "env": env}], "initContainers": None}}}  # fmt: skip

    found = platform.container_app(item, DOOR)["variables"]["main"]

    assert found["KEY"]["secret"]
    assert found["REF"] == {"secret": None, "digest": found["REF"]["digest"], "reference": True}
    assert found["MODE"]["secret"] is None
    assert KEY not in repr(found)
