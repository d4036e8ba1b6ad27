"""Account models with known answers: for every rule, ways in that are there and ways that just are not.

Labels come from how a model is made, not from the engine: a positive grants all that a rule needs on what the rule is
about, a near miss takes exactly one thing away.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scanners.catalog.escalation import Rule, by_id, rules

ACCOUNT = "111122223333"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READER = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
FULL_ACCESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OTHER_SERVICE = "monitoring.rds.amazonaws.com"
Model = dict[str, Any]


@dataclass(frozen=True)
class Case:
    name: str
    rule: str
    kind: str
    escalates: bool
    model: Model

    def line(self) -> str:
        return json.dumps(
            {"id": self.name, "attacker": attacker_of(self.model)["arn"], "goal": "admin", "account": self.model}
        )


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**allow(actions, resource, **more), "Effect": "Deny"}


def trusting(**who: Any) -> dict[str, Any]:
    return policy({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})


def user(name: str, **more: Any) -> dict[str, Any]:
    made = {"kind": "user", "arn": arn("user", name), "name": name, "inline": [], "attached": [], "boundary": None}
    return {**made, "groups": [], "access_keys": 1, "login_profile": False, **more}


def role(name: str, trust: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"kind": "role", "arn": arn("role", name), "name": name, "trust": trust, "inline": [], "attached": []}
    return {**made, "boundary": None, "instance_profiles": [], **more}


def group(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "group", "arn": arn("group", name), "name": name, "inline": [], "attached": [], **more}


def attacker_of(model: Model) -> dict[str, Any]:
    return next(one for one in model["principals"] if one["name"] == "mallory")


def target_of(model: Model) -> dict[str, Any]:
    return next(one for one in model["principals"] if one["name"] == "target")


# --- positives

GRANTS = ("star", "scoped")


def positives(rule: Rule) -> Iterator[Case]:
    for who in callers(rule):
        for grant in GRANTS:
            yield Case(f"{rule.id}/{who}/{grant}", rule.id, "positive", True, model_of(rule, who, grant))


def callers(rule: Rule) -> tuple[str, ...]:
    """Users may not be in a trust as roles are, roles not in groups."""
    if rule.gives in ("admin_self", "join", "unbound"):
        return (rule.target.kind,) if rule.target.kind in ("user", "role") else ("user", "role")
    if rule.gives == "edit_policy":  # who may write everybody of its own kind writes itself: another path
        return ("role",) if rule.target.kind == "user" else ("user",)
    if rule.gives == "create":
        return ("role",) if "User" in rule.needs[1].permission else ("user",)
    return ("user", "role")


def model_of(rule: Rule, who: str, grant: str) -> Model:
    model: Model = {
        "account_id": ACCOUNT,
        "partition": "aws",
        "region": "eu-west-1",
        "scps": [[FULL_ACCESS]],
        "principals": [],
        "managed_policies": [],
        "resources": [],
    }
    me = user("mallory") if who == "user" else role("mallory", trusting(AWS="arn:aws:iam::999988887777:root"))
    model["principals"] += [me, user("somebody"), role("something", trusting(Service="ec2.amazonaws.com"))]
    _furnish(rule, model, me)
    statements = []
    for need in rule.needs:
        on = "*" if grant == "star" else _scope(need.on, need.arn, model, me, rule)
        statements.append(allow(need.permission, on))
    me["inline"].append({"name": "powers", "document": policy(*statements)})
    return model


def _furnish(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    made = {"become": _become, "admin_self": _self, "edit_policy": _edit, "join": _join, "unbound": _unbound}
    if rule.gives in made:
        made[rule.gives](rule, model, me)


def letting_in(service: str) -> dict[str, Any]:
    if not service.startswith("federated:"):
        return trusting(Service=service)
    trust = trusting(Federated=service.removeprefix("federated:"))
    trust["Statement"][0]["Action"] = "sts:AssumeRoleWithWebIdentity"
    return trust


def _become(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    kind, state = rule.target.kind, rule.target.state
    if kind == "user":
        keys = 2 if "keys_full" in state else 1
        target = user("target", attached=[ADMIN], access_keys=keys, login_profile="password" in state)
    elif rule.target.trusts == ("self",):
        target = role("target", trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"), attached=[ADMIN])
    elif rule.target.trusts:
        target = role("target", letting_in(rule.target.trusts[0]), attached=[ADMIN])
        if "instance_profile" in state:
            target["instance_profiles"] = [arn("instance-profile", "target")]
    else:
        target = role("target", trusting(Service="ec2.amazonaws.com"), attached=[ADMIN])
    model["principals"].append(target)
    for what in (rule.target.runs_as, rule.target.exists):
        if what:
            model["resources"].append({"type": what, "arn": thing_arn(what), "role": target["arn"]})


def thing_arn(kind: str, name: str = "thing") -> str:
    service, _, what = kind.partition(":")
    separator = ":" if service in ("lambda", "states") else "/"
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{what}{separator}{name}"


def own_policy(name: str, versions: int = 1) -> dict[str, Any]:
    document = policy(allow("s3:ListAllMyBuckets"))
    return {"arn": arn("policy", name), "default": "v1", "versions": {f"v{n + 1}": document for n in range(versions)}}


def _self(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    if rule.target.through == "policy":
        held = own_policy("held")
        if "wider_version" in rule.target.state:
            held["versions"]["v2"] = FULL_ACCESS
        model["managed_policies"].append(held)
        me["attached"].append(held["arn"])
    elif rule.target.through == "group":
        model["principals"].append(group("team"))
        me["groups"].append("team")


def _edit(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    edit, take = (by_id()[part] for part in rule.made_of)
    if rule.target.kind == "user":
        target = user("target")
    else:
        open_to = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} if take.id == "sts-001" else {"Service": "ec2.amazonaws.com"}
        target = role("target", trusting(**open_to))
    if edit.target.through == "policy":
        held = own_policy("held")
        model["managed_policies"].append(held)
        target["attached"].append(held["arn"])
    model["principals"].append(target)


def _join(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    model["principals"].append(group("admins", attached=[ADMIN]))


def _unbound(rule: Rule, model: Model, me: dict[str, Any]) -> None:
    """An administrator in all but its boundary, which leaves it what it needs to get rid of the boundary."""
    rest = {"Effect": "Allow", "NotAction": [need.permission for need in rule.needs], "Resource": "*"}
    me["inline"].append({"name": "rest", "document": policy(rest)})
    me["boundary"] = policy(allow([need.permission for need in rule.needs]))
    if rule.target.through == "boundary":
        held = {**own_policy("bounds"), "versions": {"v1": me["boundary"]}}
        model["managed_policies"].append(held)
        me["boundary"] = held["arn"]


def _scope(on: str, written: str, model: Model, me: dict[str, Any], rule: Rule) -> str:
    names = {one["name"]: one["arn"] for one in model["principals"]}
    if on in ("target", "runs_as"):
        return names.get("target", me["arn"])
    if on == "policy":
        return str(model["managed_policies"][0]["arn"])
    if on == "group":
        return next(value for name, value in names.items() if name in ("team", "admins"))
    if on == "resource":
        return str(model["resources"][0]["arn"])
    if on == "new":
        return f"arn:aws:{written.replace('{account}', ACCOUNT)}"
    return "*"


# --- near misses: each takes one thing away, or does not apply (None)

Miss = Callable[[Rule, Model], Model | None]


def boundary_forbids(rule: Rule, model: Model) -> Model | None:
    """All is allowed by the boundary but one thing that is needed, and what would undo the boundary."""
    me = attacker_of(model)
    lacks = rule.needs[0].permission
    if rule.gives == "become":
        left_out = [lacks, "iam:*Boundary", "iam:*PolicyVersion"]
        me["boundary"] = policy({"Effect": "Allow", "NotAction": left_out, "Resource": "*"})
    else:
        me["boundary"] = policy(allow(["s3:*", *(n.permission for n in rule.needs if n.permission != lacks)]))
    return model


def scp_forbids(rule: Rule, model: Model) -> Model | None:
    model["scps"] = [[FULL_ACCESS], [FULL_ACCESS, policy(deny(rule.needs[0].permission))]]
    return model


def scp_leaves_out(rule: Rule, model: Model) -> Model | None:
    """A level without full access: what it does not list is not allowed."""
    model["scps"] = [[FULL_ACCESS], [policy(allow(["s3:*", "logs:*"]))]]
    return model


def denied(rule: Rule, model: Model) -> Model | None:
    attacker_of(model)["inline"].append({"name": "no", "document": policy(deny(rule.needs[0].permission))})
    return model


def denied_by_group(rule: Rule, model: Model) -> Model | None:
    me = attacker_of(model)
    if me["kind"] != "user":
        return None
    model["principals"].append(
        group("denied", inline=[{"name": "no", "document": policy(deny(rule.needs[0].permission))}])
    )
    me["groups"].append("denied")
    return model


def not_granted(rule: Rule, model: Model) -> Model | None:
    """Every one of the permissions is needed: here the last is missing."""
    if len(rule.needs) < 2 or rule.id in SHORTER:
        return None
    me = attacker_of(model)
    lacks = rule.needs[-1].permission
    me["inline"][-1]["document"]["Statement"] = [
        one for one in me["inline"][-1]["document"]["Statement"] if one["Action"] != lacks
    ]
    return model


# What is left of these without the last permission is a path of its own.
SHORTER = {"lambda-004", "lambda-005", "posture-ec2-001"}
# What is left of these without any one permission is: only what the target is can be taken away.
LONGER = {"posture-lambda-002", "posture-ec2-002", "posture-ec2-003", "posture-codebuild-001"}


def condition_never_holds(rule: Rule, model: Model) -> Model | None:
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}
    return model


def scope_excludes(rule: Rule, model: Model) -> Model | None:
    """What is scoped to a target is scoped to another one of its kind."""
    me = attacker_of(model)
    found = False
    for statement, need in zip(me["inline"][-1]["document"]["Statement"], rule.needs, strict=True):
        if need.on in ("target", "policy", "group", "resource", "runs_as"):
            statement["Resource"] = _elsewhere(need.on, model, rule)
            found = True
    if rule.gives == "edit_policy":  # to write one principal and become another
        for statement in me["inline"][-1]["document"]["Statement"][1:]:
            statement["Resource"] = target_of(model)["arn"]
    return model if found else None


def _elsewhere(on: str, model: Model, rule: Rule) -> str:
    if on == "policy":
        return arn("policy", "another")
    if on == "group":
        return arn("group", "another")
    if on == "resource":
        return thing_arn(rule.target.runs_as or rule.target.exists, "another")
    kind = rule.target.kind if rule.target.kind == "user" else "role"
    return arn(kind, "somebody" if kind == "user" else "something")


def passed_to_another(rule: Rule, model: Model) -> Model | None:
    if not any(need.permission == "iam:PassRole" and need.on == "target" for need in rule.needs):
        return None
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        if statement["Action"] == "iam:PassRole":
            statement["Condition"] = {"StringEquals": {"iam:PassedToService": OTHER_SERVICE}}
    return model


def trust_excludes(rule: Rule, model: Model) -> Model | None:
    if not rule.target.trusts and "sts-001" not in rule.made_of:
        return None
    services = set(rule.target.trusts) - {"self"}
    target_of(model)["trust"] = trusting(Service=OTHER_SERVICE) if services else trusting(AWS=arn("user", "somebody"))
    return model


def target_is_no_administrator(rule: Rule, model: Model) -> Model | None:
    if rule.gives == "join":
        model["principals"][-1]["attached"] = [READER]
        return model
    if rule.gives != "become":
        return None
    target_of(model)["attached"] = [READER]
    return model


def target_is_bounded(rule: Rule, model: Model) -> Model | None:
    """The target's administrator policy counts only within its boundary."""
    if rule.gives not in ("become", "edit_policy"):
        return None
    target_of(model)["boundary"] = policy(allow(["s3:*", "logs:*"]))
    return _alone(model)


def _alone(model: Model) -> Model:
    """Without those whom a caller that may do it to everybody would turn to instead."""
    model["principals"] = [one for one in model["principals"] if one["name"] not in ("somebody", "something")]
    return model


def nothing_there(rule: Rule, model: Model) -> Model | None:
    """What the rule needs beside permissions does not exist."""
    state = rule.target.state
    if rule.target.runs_as or rule.target.exists:
        model["resources"] = []
    elif "instance_profile" in state:
        target_of(model)["instance_profiles"] = []
    elif "key_slot" in state:
        target_of(model)["access_keys"] = 2
    elif "no_password" in state:
        target_of(model)["login_profile"] = True
    elif "password" in state:
        target_of(model)["login_profile"] = False
    elif "version_slot" in state and model["managed_policies"]:
        name = model["managed_policies"][0]["arn"].rpartition("/")[2]
        model["managed_policies"][0]["versions"] |= own_policy(name, 5)["versions"]
    elif "wider_version" in state:
        model["managed_policies"][0]["versions"].pop("v2")
    elif rule.target.through == "group":
        attacker_of(model)["groups"] = []
    elif rule.gives == "join":
        model["principals"] = [one for one in model["principals"] if one["kind"] != "group"]
    else:
        return None
    return model


def not_to_be_edited(rule: Rule, model: Model) -> Model | None:
    """A role that belongs to AWS."""
    if rule.gives not in ("become", "edit_policy") or not {"iam:UpdateAssumeRolePolicy"} & {
        n.permission for n in rule.needs
    }:
        return None
    target = target_of(model)
    target["arn"] = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/target"
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        statement["Resource"] = "*"
    return _alone(model)


def stays_bounded(rule: Rule, model: Model) -> Model | None:
    """A caller that rewrites its own policies within a boundary gains only what the boundary has."""
    if rule.gives not in ("admin_self", "join"):
        return None
    attacker_of(model)["boundary"] = policy(allow(["s3:*", *(need.permission for need in rule.needs)]))
    if rule.target.through == "policy":
        attacker_of(model)["inline"][-1]["document"]["Statement"][0]["Resource"] = model["managed_policies"][0]["arn"]
    return model


def no_agent(rule: Rule, model: Model) -> Model | None:
    if "managed" not in rule.target.state:
        return None
    model["resources"][0]["ssm_managed"] = False
    return model


MISSES: tuple[Miss, ...] = (
    boundary_forbids,
    scp_forbids,
    scp_leaves_out,
    denied,
    denied_by_group,
    not_granted,
    condition_never_holds,
    scope_excludes,
    passed_to_another,
    trust_excludes,
    target_is_no_administrator,
    target_is_bounded,
    nothing_there,
    not_to_be_edited,
    stays_bounded,
    no_agent,
)


def near_misses(rule: Rule) -> Iterator[Case]:
    for case in positives(rule):
        for miss in MISSES:
            if rule.id in LONGER and miss not in (target_is_no_administrator, target_is_bounded, nothing_there):
                continue
            model = miss(rule, copy.deepcopy(case.model))
            if model is not None:
                model = _alone(model) if rule.gives == "create" else model
                yield Case(f"{case.name}/{miss.__name__}", rule.id, miss.__name__, False, model)


# --- variants that change nothing


def by_wildcards(model: Model) -> Model:
    """iam:PassRole becomes iam:PassRol?, lambda:CreateFunction lambda:*reateFunction."""
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        service, _, name = statement["Action"].partition(":")
        statement["Action"] = f"{service.upper()}:*{name[1:-1]}?"
    return model


def by_what_is_left_out(model: Model) -> Model:
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        statement["NotAction"] = ["s3:*", "account:*"]
        del statement["Action"]
    return model


def spread_over_policies(model: Model) -> Model:
    me = attacker_of(model)
    rows = me["inline"].pop()["document"]["Statement"]
    for place, row in enumerate(rows):
        name = f"part{place}"
        model["managed_policies"].append({"arn": arn("policy", name), "default": "v1", "versions": {"v1": policy(row)}})
        me["attached"].append(arn("policy", name))
    return model


def with_second_factor(model: Model) -> Model:
    for statement in attacker_of(model)["inline"][-1]["document"]["Statement"]:
        statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return model


VARIANTS: tuple[Callable[[Model], Model], ...] = (
    by_wildcards,
    by_what_is_left_out,
    spread_over_policies,
    with_second_factor,
)


def variants(rule: Rule) -> Iterator[Case]:
    for case in positives(rule):
        for change in VARIANTS:
            model = change(copy.deepcopy(case.model))
            yield Case(f"{case.name}/{change.__name__}", rule.id, change.__name__, True, model)


def everything() -> Iterator[Case]:
    for rule in rules():
        yield from positives(rule)
        yield from variants(rule)
        yield from near_misses(rule)
