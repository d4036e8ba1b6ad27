"""How fast the escalation graph is: a seeded account, described in docs/escalation.md.

Roles with three policies that AWS manages, one of the account's and an inline one each; every fifth trusts the account,
the others a service; every tenth may pass roles of a prefix to Lambda, Glue, CodeBuild and EC2; a user for every tenth
role; functions under random roles; two levels of SCPs.  CPU seconds of one thread, everything compiled anew.
"""

from __future__ import annotations

import random
import resource
import time
from dataclasses import replace
from typing import Any

from scanners.catalog import managed_policies
from scanners.graph.account import Account, Entity, Inline, ManagedPolicy, Thing
from scanners.graph.cuts import climbers
from scanners.graph.graph import Graph, build

ACCOUNT = "111122223333"
SERVICES = ("lambda", "ec2", "ecs-tasks", "glue", "codebuild", "cloudformation", "sagemaker")
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def run(*, roles: int, functions: int, seed: int) -> dict[str, Any]:
    """Figures by name."""
    account = workload(roles, functions, seed)
    began = time.process_time()
    graph = build(account)
    built = time.process_time() - began
    changed = _with_one_policy_changed(account)
    began = time.process_time()
    after = build(changed, graph)
    incremental = time.process_time() - began
    ways = [way.bits for node in graph.nodes.values() for way in node.ways]
    return {
        "principals": len(graph.scene.principals),
        "administrators": len(graph.administrators()),
        "who can become one": len(climbers(graph)),
        "pairs": sum(bits.bit_count() for bits in ways),
        "edges to distinct sets": len(ways),
        "distinct sets": len(set(ways)),
        "from scratch, CPU s": round(built, 2),
        "after one policy changed, CPU s": round(incremental, 2),
        "the same as from scratch": _same(after, build(changed)),
        "memory, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _same(one: Graph, other: Graph) -> str:
    return "yes" if one.levels == other.levels else "no"


def _with_one_policy_changed(account: Account) -> Account:
    wide = {"Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}
    first, *rest = account.policies
    return replace(account, policies=(replace(first, versions={"v1": wide}), *rest))


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: list[str], on: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": on}


def workload(roles: int, functions: int, seed: int) -> Account:
    dice = random.Random(seed)  # noqa: S311  (a repeatable workload)
    managed = managed_policies.arns()
    policies = [_policy(number) for number in range(max(1, roles // 10))]
    entities = [_role(number, roles, dice, managed, policies) for number in range(roles)]
    entities += [_user(number, dice, managed) for number in range(roles // 10)]
    entities.append(Entity("group", arn("group", "devs"), "devs", attached=(managed[5],)))
    return Account(
        id=ACCOUNT,
        partition="aws",
        region="eu-west-1",
        entities=tuple(entities),
        policies=tuple(policies),
        things=tuple(_function(number, roles, dice) for number in range(functions)),
        scps=((FULL,), (FULL, _regions())),
        now="2026-11-01T00:00:00Z",
    )


def _policy(number: int) -> ManagedPolicy:
    table = f"arn:aws:dynamodb:*:{ACCOUNT}:table/t{number}"
    document = policy(
        allow(["s3:GetObject", "s3:ListBucket"], f"arn:aws:s3:::b{number}/*"), allow(["dynamodb:*"], table)
    )
    return ManagedPolicy(arn("policy", f"p{number}"), "v1", {"v1": document})


def _role(number: int, roles: int, dice: random.Random, managed: tuple[str, ...], own: list[ManagedPolicy]) -> Entity:
    service = dice.choice(SERVICES)
    attached = (*dice.sample(managed, 3), own[number % len(own)].arn)
    inline = [
        policy(
            allow(["logs:*"], f"arn:aws:logs:*:{ACCOUNT}:log-group:{number}"),
            allow(["sts:AssumeRole"], arn("role", f"svc-{number * 7 % roles}")),
        )
    ]
    if number % 10 == 0:
        passed = allow(["iam:PassRole"], arn("role", f"svc-{number % 9 + 1}*"))
        inline.append(policy(passed, allow(["lambda:*", "ec2:RunInstances", "glue:*", "codebuild:*"], "*")))
    who = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} if number % 5 == 0 else {"Service": f"{service}.amazonaws.com"}
    return Entity(
        kind="role",
        arn=arn("role", f"svc-{number}"),
        name=f"svc-{number}",
        inline=tuple(Inline(str(place), document) for place, document in enumerate(inline)),
        attached=(*attached, ADMINISTRATOR) if number % 200 == 3 else attached,
        trust=policy({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}),
        instance_profiles=(f"profile-{number}",) if service == "ec2" else (),
        tags={"team": str(number % 7)},
    )


def _user(number: int, dice: random.Random, managed: tuple[str, ...]) -> Entity:
    document = policy(
        allow(["sts:AssumeRole"], arn("role", f"svc-{number}*")),
        allow(["iam:CreateAccessKey", "iam:*LoginProfile"], arn("user", "${aws:username}")),
    )
    return Entity(
        kind="user",
        arn=arn("user", f"user-{number}"),
        name=f"user-{number}",
        inline=(Inline("own", document),),
        attached=tuple(dice.sample(managed, 2)),
        groups=("devs",),
        access_keys=1,
        login_profile=True,
        tags={},
    )


def _function(number: int, roles: int, dice: random.Random) -> Thing:
    role = arn("role", f"svc-{dice.randrange(roles)}")
    return Thing("lambda:function", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f{number}", (role,))


def _regions() -> dict[str, Any]:
    """The usual limit to a few regions."""
    outside = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
    return policy({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": outside})
