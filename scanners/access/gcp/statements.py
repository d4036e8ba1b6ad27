"""Bindings and deny rules, compiled once: whom they mean, which permissions, on what condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scanners.access.explorer import Via, Written
from scanners.access.gcp.kinds import DATASET_ROLES, FULL_NAME, SPECIAL_GROUPS
from scanners.access.gcp.members import key_of
from scanners.access.gcp.roles import Role, Roles, because
from scanners.model import Node, Unread

ALLOW, DENY = "allow", "deny"


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions of a deny rule, in short: "iam.roles.create", and groups of them.

    Source: "Deny policies" and "Permission groups" (IAM documentation), read 2026-11.
    """

    names: frozenset[str] = frozenset()
    groups: frozenset[tuple[str, str, str]] = frozenset()  # (service, resource or *, verb or *)

    def covers(self, permission: str) -> bool:
        if permission in self.names:
            return True
        if not self.groups:
            return False
        service, _, rest = permission.partition(".")
        what, _, verb = rest.rpartition(".")
        mine = {(service, "*", "*"), (service, what, "*"), (service, "*", verb)}
        return not self.groups.isdisjoint(mine)


def denied_permissions(texts: Iterator[str]) -> Permissions:
    """Of the form service.googleapis.com/resource.verb."""
    names, groups = set(), set()
    for text in texts:
        short = shortened(text)
        service, _, rest = short.partition(".")
        what, _, verb = rest.rpartition(".")
        if rest == "*":
            groups.add((service, "*", "*"))
        elif "*" in (what, verb):
            groups.add((service, what, verb))
        else:
            names.add(short)
    return Permissions(frozenset(names), frozenset(groups))


def shortened(permission: str) -> str:
    """ "iam.roles.create" of both spellings."""
    domain, slash, rest = permission.partition("/")
    if not slash:
        return permission
    service = domain.removesuffix(".googleapis.com")
    return f"{FULL_NAME.get(service, service)}.{rest}"


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """`members` and `spared` are keys.  `expression`: what its condition says; None where it has none."""

    layer: str
    level: str
    via: Via
    members: tuple[str, ...]
    role: Role | None = None
    denies: Permissions = Permissions()
    spares: Permissions = Permissions()
    spared: tuple[str, ...] = ()
    expression: object = None
    title: str = ""
    on: frozenset[str] = frozenset()  # an allow that stands for these permissions, without a role
    shown: tuple[str, ...] = field(default=(), repr=False)  # members as written

    @property
    def written(self) -> Written:
        return self.via.written

    def speaks_of(self, permission: str) -> bool:
        """Whether it is about a permission; of a role that was not read, perhaps."""
        if self.layer == DENY:
            return self.denies.covers(permission) and not self.spares.covers(permission)
        if self.role is None:
            return permission in self.on
        return permission in self.role.held or bool(self.role.unread)


def bindings(policy: Node, level: str, roles: Roles, name: str) -> Iterator[Statement | str]:
    """The statements of an allow policy, and what of it was not understood."""
    written = Written(name, policy.value, policy.ref, policy.pointer, level)
    yield from _each(policy, "bindings", "binding", lambda one, place: _binding(one, place, written, roles))


def _binding(one: Node, place: str, written: Written, roles: Roles) -> Statement:
    shown = tuple(member.text() for member in one["members"])
    condition = one["condition"]
    expression = expression_of(condition)
    via = Via(
        ALLOW, "Allow", written, place, one.pointer, str(condition["title"].value or "") if condition.present else ""
    )
    members = tuple(dict.fromkeys(filter(None, map(key_of, shown))))
    role = roles[one.need("role").text()]
    return Statement(ALLOW, written.level, via, members, role, expression=expression, title=via.sid, shown=shown)


def expression_of(condition: Node) -> object:
    """None where there is no condition; an odd one is told as it is, and then not understood."""
    if not condition.present:
        return None
    told = condition["expression"].value
    return told if told is not None else condition.value or None


def deny_rules(policy: Node, level: str) -> Iterator[Statement | str]:
    name = str(policy["displayName"].value or policy["name"].value or "a deny policy")
    written = Written(name, policy.value, policy.ref, policy.pointer, level)
    yield from _each(policy, "rules", "rule", lambda one, place: _rule(one, place, written))


def _rule(one: Node, place: str, written: Written) -> Statement:
    told = one.need("denyRule")
    shown = tuple(member.text() for member in told["deniedPrincipals"])
    condition = told["denialCondition"]
    title = str(condition["title"].value or "") if condition.present else ""
    return Statement(
        DENY,
        written.level,
        Via(DENY, "Deny", written, place, one.pointer, title),
        tuple(dict.fromkeys(filter(None, map(key_of, shown)))),
        denies=denied_permissions(each.text() for each in told["deniedPermissions"]),
        spares=denied_permissions(each.text() for each in told["exceptionPermissions"]),
        spared=tuple(filter(None, (key_of(each.text()) for each in told["exceptionPrincipals"]))),
        expression=expression_of(condition),
        title=title,
        shown=shown,
    )


def dataset_access(policy: Node, level: str, roles: Roles) -> Iterator[Statement | str]:
    """The access list of a BigQuery dataset ("Datasets", BigQuery reference, read 2026-11)."""
    written = Written("access list", policy["access"].value, policy.ref, f"{policy.pointer}/access", level)
    yield from _each(policy, "access", "entry", lambda one, place: _entry(one, place, written, roles))


_ENTRIES = {"userByEmail": "user", "groupByEmail": "group", "domain": "domain"}


def _entry(one: Node, place: str, written: Written, roles: Roles) -> Statement:
    members = []
    for name, kind in _ENTRIES.items():
        if one[name].present:
            told = one[name].text()
            account = name == "userByEmail" and told.endswith(".gserviceaccount.com")
            members.append(f"{'serviceAccount' if account else kind}:{told}")
    if one["specialGroup"].present:
        special = SPECIAL_GROUPS.get(one["specialGroup"].text(), "")
        project = "" if special.startswith("all") else f":{roles.project}"
        members.append(f"{special}{project}")
    if one["iamMember"].present:
        members.append(one["iamMember"].text())
    name = str(one["role"].value or "")
    via = Via(ALLOW, "Allow", written, place, one.pointer)
    return Statement(
        ALLOW, written.level, via, tuple(filter(None, map(key_of, members))),
        roles[DATASET_ROLES.get(name, name)] if name else None,  # entries without a role let views in, and nobody
        expression=expression_of(one["condition"]), shown=tuple(members),
    )  # fmt: skip


def _each(policy: Node, section: str, word: str, make: Callable[[Node, str], Statement]) -> Iterator[Statement | str]:
    try:
        parts = list(policy[section])
    except Unread as unread:
        yield because(unread.gaps)
        return
    for number, one in enumerate(parts, 1):
        try:
            yield make(one, f"{word} {number}")
        except Unread as unread:
            yield f"{word} {number} was not understood: {because(unread.gaps)}"
