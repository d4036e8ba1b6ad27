"""Azure's rules as data: they cover the enumeration, name what exists, and hold together."""

from __future__ import annotations

import re

import pytest

from scanners.catalog.escalation import by_id, rules
from scanners.model import Provider

RULES = rules(Provider.AZURE)
METHODS = range(1, 39)
ACTION = re.compile(r"Microsoft\.[A-Za-z]+(/[A-Za-z0-9]+)+/(write|action|[a-z]+/action)")
DIRECTORY = re.compile(r"microsoft\.(directory|intune)(/[A-Za-z]+)+")
PERMISSION = re.compile(r"[A-Z][A-Za-z]+(-[A-Z][A-Za-z]+)?(\.[A-Z][A-Za-z]+)+")
DATA = {  # actions on data, as "Azure permissions" lists them
    "Microsoft.Compute/virtualMachines/login/action",
    "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/keys/sign/action",
    "Microsoft.KeyVault/vaults/keys/decrypt/action",
    "Microsoft.KeyVault/vaults/keys/unwrap/action",
}


def test_all_of_the_enumeration_is_covered():
    assert {method for rule in RULES for method in rule.methods} == set(METHODS)


def test_no_two_rules_have_one_id():
    assert len(by_id(Provider.AZURE)) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_where_it_comes_from_and_belongs_to_one_plane(rule):
    directory = rule.plane == "directory"
    named = [one for need in rule.needs for one in need.permissions]

    assert all(ref.startswith("https://learn.microsoft.com/") for ref in rule.refs)
    assert rule.id.startswith("entra-" if directory and rule.id != "azure-authorization-elevate-access" else "azure-")
    assert {need.on for need in rule.needs} <= {"target", "resource", "new"}
    for name in named:
        if rule.id.startswith("entra-"):
            assert DIRECTORY.fullmatch(name) or PERMISSION.fullmatch(name), name
        else:
            assert ACTION.fullmatch(name), name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_asks_of_its_target_or_of_what_runs_as_it(rule):
    asked = {need.on for need in rule.needs} - {"new"}

    assert rule.gives in ("become", "join", "admin_self", "take")
    assert (rule.target.kind == "resource") == bool(rule.target.runs_as)
    assert asked <= ({"resource"} if rule.target.kind == "resource" else {"target"})
