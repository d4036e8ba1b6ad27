"""How fast Azure's access engine decides: `manage.py bench access --cloud azure`.

200 principals ask for 200 actions on one app: 500 assignments of 60 roles on 64 scopes, every fifth to one of 20 groups
of 15, every tenth on a condition that is not known, and five denials.  CPU seconds of one thread; cold meets each role,
action and condition for the first time, warm is the best of three later rounds.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from scanners.access.azure import ASSIGNMENT, DEFINITION, DENIAL, GROUP, MEMBERS
from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Principal, Target
from scanners.catalog import azure_actions
from scanners.model import Resource, Unit
from scanners.model.estate import Estate

HOME = "/subscriptions/00000000-0000-0000-0000-000000000001"
ABOVE = "/providers/Microsoft.Management/managementGroups/top"
RESOURCE_GROUPS = [f"{HOME}/resourceGroups/g{number}" for number in range(10)]
SITES = [f"{group}/providers/Microsoft.Web/sites/s{number}" for group in RESOURCE_GROUPS for number in range(5)]
SCOPES = ["/", ABOVE, HOME, *RESOURCE_GROUPS, *SITES]
WIDE = ("Microsoft.Web/*", "*/read", "Microsoft.Storage/*", "Microsoft.*/read")
OPEN = "@Environment[isPrivateLink] BoolEquals true"
ROUNDS = 3


def run(seed: int = 7) -> dict[str, Any]:
    """Figures by name."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable workload)
    people = [Principal(f"p{number}", f"p{number}", "user") for number in range(200)]
    rows = list(_rows(dice, [one.ref for one in people]))
    engine = AzureEngine(Estate(HOME.rpartition("/")[2], datetime(2026, 11, 22, tzinfo=UTC), _load(rows)))
    actions = dice.sample(sorted(azure_actions.actions(data=False) | azure_actions.actions(data=True)), 200)
    target = Target(SITES[17])
    cold, answers = _round(engine, people, actions, target)
    warm = min(_round(engine, people, actions, target)[0] for _ in range(ROUNDS))
    began = time.process_time()
    for one in people[:20]:
        engine.held(one)
    held = (time.process_time() - began) / 20
    count = len(people) * len(actions)
    return {
        "decisions": count,
        "answers": dict(sorted(answers.items())),
        "decisions/s, cold": round(count / cold),
        "decisions/s, warm": round(count / warm),
        "all that one principal holds, ms": round(held * 1000),
    }


def _round(
    engine: AzureEngine, people: list[Principal], actions: list[str], target: Target
) -> tuple[float, Counter[str]]:
    """(CPU seconds, how many of each answer)"""
    found: Counter[str] = Counter()
    began = time.process_time()
    for action in actions:
        for who in people:
            found[engine.decide(who, action, target).answer] += 1
    return time.process_time() - began, found


def _load(rows: list[Resource]) -> Any:
    return lambda kind: [row for row in rows if row.kind == kind]


def _rows(dice: random.Random, people: list[str]) -> list[Resource]:
    named = sorted(azure_actions.actions(data=False))
    groups = [f"team{number}" for number in range(20)]
    made = []
    for number in range(60):
        less = ["Microsoft.Authorization/*/Write"] if number % 3 == 0 else []
        held = {"actions": [*dice.sample(named, 12), *dice.sample(WIDE, 2)], "notActions": less}
        made.append(_row(DEFINITION, f"r{number}", {"roleName": f"r{number}", "permissions": [held]}))
    for number in range(500):
        to_group = number % 5 == 0
        told: dict[str, Any] = {
            "principalId": dice.choice(groups if to_group else people),
            "principalType": "Group" if to_group else "User",
            "roleDefinitionId": f"{HOME}/providers/{DEFINITION}/r{dice.randrange(60)}",
            "scope": dice.choice(SCOPES),
            "condition": OPEN if number % 10 == 0 else None,
        }
        made.append(_row(ASSIGNMENT, f"a{number}", told))
    for number in range(5):
        told = {"scope": dice.choice(SCOPES), "principals": [{"id": dice.choice(people)}],
                "permissions": [{"actions": ["Microsoft.Web/*/delete"]}]}  # fmt: skip
        made.append(_row(DENIAL, f"d{number}", told))
    members = ([{"id": one} for one in dice.sample(people, 15)] for _ in groups)
    return [*made, *(_row(GROUP, name, {}, **{MEMBERS: who}) for name, who in zip(groups, members, strict=True))]


def _row(kind: str, name: str, properties: dict[str, Any], **sections: Any) -> Resource:
    documents = {"resource": {"properties": properties}, **sections}
    ref = f"/groups/{name}" if kind == GROUP else f"{HOME}/providers/{kind}/{name}"
    return Resource(
        kind, ref, name, "global", Unit("global", "authorization"), documents, dict.fromkeys(documents, "x")
    )
