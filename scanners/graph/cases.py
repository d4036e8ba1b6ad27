"""The JSON door: account models as `access paths --cases` takes them.

Fields beyond the documented ones are read where they say something (`tags`, `state` of a resource) and otherwise let
be.  What cannot be understood raises `Misunderstood` with one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from scanners.catalog.escalation import rules
from scanners.graph.account import Account, Document, Entity, Inline, ManagedPolicy, Thing


class Misunderstood(ValueError):
    """What a person wrote is not an account model; the text says where."""


class PolicyRow(msgspec.Struct):
    arn: str
    default: str | None = None
    versions: dict[str, Any] = {}
    document: Any = None


class EntityRow(msgspec.Struct):
    kind: str
    arn: str
    name: str | None = None
    trust: Any = None
    inline: list[Any] | None = None
    attached: list[Any] | None = None
    boundary: Any = None
    groups: list[str] | None = None
    access_keys: int | list[Any] | None = None
    login_profile: bool | None = None
    instance_profiles: list[Any] | None = None
    tags: Any = None


class AccountRow(msgspec.Struct):
    account_id: str
    principals: list[EntityRow]
    partition: str = "aws"
    region: str = "us-east-1"
    scps: list[Any] | None = None
    managed_policies: list[PolicyRow] | None = None
    resources: list[dict[str, Any]] | None = None
    management_account: bool = False


class Question(msgspec.Struct):
    account: AccountRow
    id: Any = None
    attacker: str | None = None
    attackers: list[str] | None = None
    goal: str = "admin"


def question(line: bytes | str) -> Question:
    try:
        asked = msgspec.json.decode(line, type=Question)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise Misunderstood(str(wrong)) from None
    if (asked.attacker is None) == (asked.attackers is None):
        raise Misunderstood("a question names either an attacker or attackers")
    if asked.goal != "admin":
        raise Misunderstood("the only goal that is known is admin")
    return asked


def identifier(line: bytes | str) -> Any:
    """The id of a line that was not understood, if it has one."""
    try:
        return msgspec.json.decode(line, type=dict[str, Any]).get("id")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def account(row: AccountRow, now: str | None = None) -> Account:
    entities = tuple(_entity(one) for one in row.principals)
    if len({one.arn for one in entities}) < len(entities):
        raise Misunderstood("two principals have one arn")
    return Account(
        id=row.account_id,
        partition=row.partition,
        region=row.region,
        entities=entities,
        policies=tuple(_policy(one) for one in row.managed_policies or ()),
        things=tuple(_thing(one) for one in row.resources or ()),
        scps=tuple(tuple(level) if isinstance(level, list) else (level,) for level in row.scps or ()),
        management=row.management_account,
        now=now,
    )


def _policy(row: PolicyRow) -> ManagedPolicy:
    versions = row.versions or {"v1": row.document}
    return ManagedPolicy(row.arn, row.default or next(iter(versions)), versions)


def _entity(row: EntityRow) -> Entity:
    if row.kind not in ("user", "role", "group"):
        raise Misunderstood(f"a principal is a user, a role or a group, not {row.kind[:40]!r}")
    keys = row.access_keys
    profiles = row.instance_profiles
    return Entity(
        kind=row.kind,
        arn=row.arn,
        name=row.name or row.arn.rpartition("/")[2],
        inline=tuple(_inline(place, one) for place, one in enumerate(row.inline or ())),
        attached=tuple(_arn(one) for one in row.attached or ()),
        boundary=_boundary(row.boundary),
        groups=tuple(row.groups or ()),
        trust=row.trust,
        access_keys=len(keys) if isinstance(keys, list) else keys,
        login_profile=row.login_profile,
        instance_profiles=None if profiles is None else tuple(_arn(one) for one in profiles),
        tags=tags(row.tags) or {},
    )


def _inline(place: int, row: object) -> Inline:
    if isinstance(row, dict) and "document" in row:
        return Inline(str(row.get("name", place)), row["document"])
    return Inline(str(place), row)


def _arn(row: object) -> str:
    """As a text, or as the object that IAM's API answers with."""
    if isinstance(row, dict):
        row = next((value for key, value in row.items() if key.lower().endswith("arn")), None)
    if not isinstance(row, str):
        raise Misunderstood("an attached policy or instance profile is named by its arn")
    return row


def _boundary(value: object) -> Document | None:
    if isinstance(value, dict) and not {key.lower() for key in value} & {"statement", "version"}:
        return _arn(value) if value else value
    return value


def tags(value: object) -> Mapping[str, str] | None:
    if isinstance(value, dict):
        return {str(key): str(one) for key, one in value.items()}
    if isinstance(value, list):
        return {str(one.get("Key")): str(one.get("Value")) for one in value if isinstance(one, dict)}
    return None


def _thing(row: Mapping[str, Any]) -> Thing:
    if not isinstance(row.get("arn"), str):
        raise Misunderstood("a resource has no arn")
    named = [text for key, value in row.items() if "role" in key.lower() for text in _texts(value)]
    profiles = [text for key, value in row.items() if "profile" in key.lower() for text in _texts(value)]
    return Thing(
        kind=kind(str(row.get("type", "")), row["arn"]),
        arn=row["arn"],
        roles=tuple(named),
        profiles=tuple(profiles),
        state=dict(_state(row)),
        tags=tags(row.get("tags")),
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from [one] if isinstance(one, str) else ()


_SAME = {
    "bedrockagentcore:codeinterpretercustom": "bedrockagentcore:codeinterpreter",
    "bedrock:codeinterpreter": "bedrockagentcore:codeinterpreter",
    "bedrockagentcore:agentruntime": "bedrockagentcore:runtime",
    "sagemaker:notebook": "sagemaker:notebookinstance",
    "ecs:service": "ecs:task",
    "ssm:managedinstance": "ec2:instance",
    "ssm:instance": "ec2:instance",
    "stepfunctions:statemachine": "states:statemachine",
}


@cache
def canonical(kind: str) -> str:
    """One spelling of a kind: `AWS::Glue::DevEndpoint`, `glue:dev-endpoint` and `glue:devEndpoint` are one."""
    plain = re.sub(r"[^a-z0-9:]", "", kind.lower().removeprefix("aws::").replace("::", ":"))
    return _SAME.get(plain, plain)


_KNOWN = frozenset(canonical(one) for rule in rules() for one in (rule.target.runs_as, rule.target.exists) if one)


def kind(written: str, arn: str) -> str:
    """What a resource is, by its type when the rules know it, else by its ARN."""
    if (named := canonical(written)) in _KNOWN:
        return named
    parts = arn.split(":", 5)
    by_arn = canonical(f"{parts[2]}:{re.split('[:/]', parts[5])[0]}") if len(parts) == 6 else named
    return by_arn if by_arn in _KNOWN else named


_FLAGS = {
    "managed": ("ssm", "agent", "managed", "ping"),
    "execute_command": ("exec",),
    "running": ("state", "status", "running"),
}
_YES = {"true", "yes", "running", "online", "active", "inservice", "enabled", "managed", "installed", "ok", "available"}
_NO = {
    "false", "no", "stopped", "stopping", "terminated", "offline", "connectionlost", "connection_lost", "inactive",
    "disabled", "none", "missing", "absent", "unmanaged", "notinstalled", "not_installed", "deleted", "failed", "",
}  # fmt: skip


def _state(row: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for key, value in row.items():
        if "role" in key.lower() or "arn" in key.lower():
            continue
        claim = _claim(value)
        for flag, words in _FLAGS.items():
            if claim is not None and any(word in key.lower() for word in words):
                yield flag, claim
                break


def _claim(value: object) -> bool | None:
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    text = str(value).lower().replace(" ", "")
    return True if text in _YES else False if text in _NO else None
