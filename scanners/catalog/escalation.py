"""Escalation as data: how permissions of one principal turn into the power of another.

A rule says what a caller needs (`needs`, each with what the permission must be held on), what the target must be like
(`target`), and what it `gives`:

- `become`: the caller acts as the target (its key, its session, code that runs under it)
- `admin_self`: the policies of the target are rewritten; who acts as the target then has all that its boundary leaves
- `edit_policy`: both at once, `made_of` a rule of either kind
- `join`: the user has what the group has
- `unbound`: the target's boundary is gone
- `create`: a new administrator exists

`on` is `target` (the principal itself), `policy` and `group` (a policy or group of the target's), `resource` (an
existing thing), `runs_as` (the role of that thing), `new` (a thing that the caller makes and names: one name must do
for all needs with the same `arn`), or `any` (an action that names no resource).
Identifiers are those of the public catalogue at https://pathfinding.cloud where it has the path, else `posture-…`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permission: str
    on: str
    arn: str = ""  # of "new": what the caller may name, without "arn:" and partition; {account} stands for the account


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kind`: user, role, principal (either), resource (what `runs_as` names), new."""

    kind: str
    trusts: tuple[str, ...] = ()  # services that the role must trust, or "self"
    passed_as: tuple[str, ...] = ()  # names of the service in iam:PassedToService, when not the one trusted
    through: str = ""  # the policy, group or boundary of the target that the needs are on; "join": a group to enter
    exists: str = ""  # a thing of this kind must exist, whatever it runs as
    runs_as: str = ""  # the kind of thing whose role is the target
    state: tuple[str, ...] = ()
    attaches: bool = False  # an existing policy that makes an administrator is attached: iam:PolicyARN is known
    enters: bool = False  # the caller's own ARN is then named by the role's trust


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    needs: tuple[Need, ...]
    target: Target
    gives: str
    refs: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()  # what must be so beside, and is not looked at

    @property
    def listed(self) -> bool:
        """Whether the public catalogue has the path."""
        return not self.id.startswith("posture-")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    source: str
    dated: str
    rules: tuple[Rule, ...]


@cache
def rules() -> tuple[Rule, ...]:
    return msgspec.json.decode((Path(__file__).parent / "escalation.json").read_bytes(), type=_File).rules


@cache
def by_id() -> Mapping[str, Rule]:
    return {rule.id: rule for rule in rules()}
