"""How fast Google's access engine decides: `manage.py bench access --cloud gcp`.

A seeded project: service accounts, 500 bindings to them and to a few groups (a tenth with a condition on the resource,
a tenth with an expiry), on the project, its folder, its organisation and 200 buckets; 300 roles over 3,000 permissions;
five deny rules.  Each service account is asked about each of 200 permissions on one of 20 buckets.  CPU seconds of one
thread; cold compiles everything, warm is the best of the later rounds.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

from scanners.access.gcp import FOLDER, MANAGER, ORGANIZATION, PREDEFINED, PROJECT
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import ACCOUNT, BUCKET
from scanners.model import Resource, Unit
from scanners.model.estate import Estate

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SERVICES = (
    "storage",
    "run",
    "secretmanager",
    "iam",
    "pubsub",
    "cloudkms",
    "compute",
    "bigquery",
    "logging",
    "sqladmin",
)
VERBS = ("get", "list", "create", "update", "delete", "setIamPolicy")
CONDITIONS = (
    'resource.name.startsWith("projects/_/buckets/bucket-1")',
    'request.time < timestamp("2027-01-01T00:00:00Z")',
)


def run(
    *, principals: int = 200, permissions: int = 200, bindings: int = 500, rounds: int = 4, seed: int = 7
) -> dict[str, Any]:
    """Figures by name."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable workload)
    estate = project(dice, principals, bindings)
    began = time.process_time()
    engine = GoogleEngine(estate)
    whos = [engine.principal(_account(number)) for number in range(principals)]
    loaded = time.process_time() - began
    asked = dice.sample(sorted(engine.deciding.roles.universe), permissions)
    targets = [engine.target(f"//storage.googleapis.com/bucket-{number}") for number in range(20)]

    def once() -> float:
        began = time.process_time()
        for who in whos:
            for place, permission in enumerate(asked):
                engine.decide(who, permission, targets[place % 20])
        return time.process_time() - began

    cold = once()
    warm = min(once() for _ in range(rounds))
    began = time.process_time()
    held = [engine.held(who) for who in whos]
    holding = time.process_time() - began
    count = principals * permissions
    return {
        "decisions": count,
        "compiling, s": round(loaded, 3),
        "decisions/s, cold": round(count / cold),
        "decisions/s, warm": round(count / warm),
        f"held by {principals} principals, s": round(holding, 3),
        "permissions possible to the median of them": sorted(len(one.possible) for one in held)[principals // 2],
    }


def project(dice: random.Random, principals: int, bindings: int) -> Estate:
    known = [f"{service}.kind{n}.{verb}" for service in SERVICES for n in range(50) for verb in VERBS]
    roles = [_role(f"roles/made.{n}", dice.sample(known, dice.choice((5, 20, 100)))) for n in range(300)]
    levels = [(PROJECT, "projects/42"), (FOLDER, "folders/5"), (ORGANIZATION, "organizations/9")]
    places: list[list[Any]] = [[] for _ in range(len(levels) + 200)]
    for number in range(bindings):
        places[min(dice.randrange(8), 2) if number % 2 else dice.randrange(3, 203)].append(_binding(dice, principals))
    resources = [
        _made(kind, f"//{MANAGER}/{name}", places[n], deny=kind == ORGANIZATION)
        for n, (kind, name) in enumerate(levels)
    ]
    resources += [_made(BUCKET, f"//storage.googleapis.com/bucket-{n}", places[n + 3]) for n in range(200)]
    accounts = "//iam.googleapis.com/projects/shop/serviceAccounts"
    emails = [_account(n).partition(":")[2] for n in range(principals)]
    resources += [_made(ACCOUNT, f"{accounts}/{n}", [], email=email) for n, email in enumerate(emails)]
    every = [*resources, *roles]
    return Estate("shop", NOW, lambda kind: [one for one in every if one.kind == kind])


def _binding(dice: random.Random, principals: int) -> dict[str, Any]:
    members = [_account(dice.randrange(principals)) for _ in range(dice.randrange(1, 6))]
    if dice.random() < 0.05:
        members.append(f"group:team-{dice.randrange(5)}@shop.example")
    made: dict[str, Any] = {"role": f"roles/made.{dice.randrange(300)}", "members": members}
    chance = dice.random()
    if chance < 0.2:
        made["condition"] = {"title": "when", "expression": CONDITIONS[chance < 0.1]}
    return made


def _account(number: int) -> str:
    return f"serviceAccount:robot-{number}@shop.iam.gserviceaccount.com"


def _role(name: str, held: list[str]) -> Resource:
    return _resource(
        PREDEFINED, f"//iam.googleapis.com/{name}", {"resource": {"name": name, "includedPermissions": held}}
    )


def _made(kind: str, ref: str, bindings: list[Any], *, deny: bool = False, **body: Any) -> Resource:
    denied = [f"{service}.googleapis.com/kind1.*" for service in SERVICES[:5]]
    everybody = ["principalSet://goog/public:all"]
    rules = [{"denyRule": {"deniedPrincipals": everybody, "deniedPermissions": [one]}} for one in denied]
    told = {"name": ref, "iamConfiguration": {"publicAccessPrevention": "enforced"}, **body}
    sections = {
        "resource": told,
        "iamPolicy": {"bindings": bindings},
        "policies.get": {"guard": {"rules": rules}} if deny else {},
        "policyBindings": [],
    }
    return _resource(kind, ref, sections)


def _resource(kind: str, ref: str, sections: dict[str, Any]) -> Resource:
    return Resource(
        kind, ref, ref.rpartition("/")[2], "global", Unit("global", "made"), sections, {one: one for one in sections}
    )
