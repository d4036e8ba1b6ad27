"""Escalation as data: how permissions of one principal turn into the power of another.

A rule says what a caller needs (`needs`, each with what the permission must be held on), what the target must be like
(`target`), and what it `gives`:

- `become`: the caller acts as the target (its key, its session, code that runs under it)
- `admin_self`: the policies of the target are rewritten; who acts as the target then has all that its boundary leaves
- `edit_policy`: both at once, `made_of` a rule of either kind
- `join`: the user has what the group has
- `unbound`: the target's boundary is gone
- `create`: a new administrator exists
- `take`: the thing itself is the caller's, what it holds and who may use it; nobody else's power comes with it

In AWS `on` is `target` (the principal itself), `policy` and `group` (a policy or group of the target's), `resource` (an
existing thing), `runs_as` (the role of that thing), `new` (a thing that the caller makes and names: one name must do
for all needs with the same `arn`), or `any` (an action that names no resource).

Where grants stand on scopes (GCP, Azure) a target is of a kind of `scanners.graph.ground.Thing`; `admin_self` rewrites
who is bound on a scope, or what a role holds; `unbound` lifts a guard of the scope.  `on` is then `target`,
`resource`, `runs_as`, or `new`: the scope in which the caller makes something, one for all such needs.
In AWS identifiers are those of the public catalogue at https://pathfinding.cloud where it has the path, else
`posture-…`; elsewhere `<cloud>-<service>-<what>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from scanners.model import Provider


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permission: str
    on: str
    arn: str = ""  # of "new": what the caller may name, without "arn:" and partition; {account} stands for the account
    either: tuple[str, ...] = ()  # permissions that do as well

    @property
    def permissions(self) -> tuple[str, ...]:
        return (self.permission, *self.either)


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kind`: user, role, principal (either), resource (what `runs_as` names), new; or a kind of thing of a scope."""

    kind: str
    trusts: tuple[str, ...] = ()  # services that the role must trust, or "self"
    passed_as: tuple[str, ...] = ()  # names of the service in iam:PassedToService, when not the one trusted
    # the policy, group or boundary of the target that the needs are on; "join": a group to enter; of scopes: what the
    # target must hold on a third one, who is then become
    through: str = ""
    exists: str = ""  # a thing of this kind must exist, whatever it runs as
    runs_as: str = ""  # the kind of thing whose role is the target
    state: tuple[str, ...] = ()
    attaches: bool = False  # an existing policy that makes an administrator is attached: iam:PolicyARN is known
    enters: bool = False  # the caller's own ARN is then named by the role's trust
    unless: str = ""  # the constraint of the organisation under which it does not work


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    needs: tuple[Need, ...]
    target: Target
    gives: str
    refs: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()  # what must be so beside, and is not looked at
    plane: str = ""  # which system of permissions, where a cloud has two: "directory" of Entra
    methods: tuple[int, ...] = ()  # its numbers in the enumeration that the file's `source` names

    @property
    def listed(self) -> bool:
        """Whether the public catalogue has the path."""
        return not self.id.startswith("posture-")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    source: str
    dated: str
    rules: tuple[Rule, ...]


FILES = {Provider.AWS: "escalation.json", Provider.GCP: "escalation_gcp.json", Provider.AZURE: "escalation_azure.json"}


@cache
def rules(provider: Provider = Provider.AWS) -> tuple[Rule, ...]:
    return msgspec.json.decode((Path(__file__).parent / FILES[provider]).read_bytes(), type=_File).rules


@cache
def by_id(provider: Provider = Provider.AWS) -> Mapping[str, Rule]:
    return {rule.id: rule for rule in rules(provider)}
