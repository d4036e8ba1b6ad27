"""What roles hold, as the cloud told it, and the permissions that are known by it.

Sources: "Roles and permissions", "Create and manage custom roles" (IAM documentation), read 2026-11: a disabled role
holds nothing while it is disabled, a deleted one nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from scanners.access.gcp.bindings import CUSTOM, PREDEFINED, RESOURCE
from scanners.model import Gap, Resource, Unread
from scanners.model.estate import Estate

OF_ORGANIZATION = "iam.googleapis.com/OrganizationRole"
KINDS = (PREDEFINED, CUSTOM, OF_ORGANIZATION)
SPELLED = re.compile(r"[a-zA-Z][\w-]*(?:\.[\w-]+){2,4}")


@dataclass(frozen=True, slots=True)
class Role:
    """`unread`: why it is not known what it holds; `off`: why it holds nothing."""

    name: str
    held: frozenset[str] = frozenset()
    unread: str = ""
    off: str = ""
    title: str = ""
    ref: str = ""


@dataclass(slots=True)
class Roles:
    """All roles of an estate, each read once."""

    by_name: dict[str, Role]
    gaps: tuple[str, ...]
    whole: frozenset[str]  # kinds whose list was read in full
    project: str
    universe: frozenset[str]
    spelled: dict[str, str]  # in lower case → as the cloud spells it
    _missing: dict[str, Role] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Role:
        found = self.by_name.get(name) or self._missing.get(name)
        if found is None:
            found = self._missing[name] = self._unknown(name)
        return found

    def _unknown(self, name: str) -> Role:
        """A role of this project that the full list of its roles does not show has been deleted."""
        if name.startswith(f"projects/{self.project}/roles/") and CUSTOM in self.whole and self.by_name:
            return Role(name, off="the project has no such role; it was deleted")
        return Role(name, unread=f"{name} was not read")

    def predefined(self) -> Iterator[Role]:
        for role in self.by_name.values():
            if role.name.startswith("roles/") and role.held:
                yield role


def roles_of(estate: Estate) -> Roles:
    found: dict[str, Role] = {}
    gaps: list[str] = []
    whole = set()
    for kind in KINDS:
        try:
            for resource in estate.all(kind):
                role = _role(resource)
                found[role.name] = role
            whole.add(kind)
        except Unread as unread:
            gaps.append(f"not all roles were read: {because(unread.gaps)}")
    universe = frozenset[str]().union(*(role.held for role in found.values()))
    return Roles(found, tuple(gaps), frozenset(whole), estate.account, universe, {one.lower(): one for one in universe})


def _role(resource: Resource) -> Role:
    name = resource.ref.removeprefix("//iam.googleapis.com/")
    try:
        told = resource[RESOURCE]
        if told["deleted"].value is True:
            return Role(name, off="the role is deleted", ref=resource.ref)
        if told["stage"].value == "DISABLED":
            return Role(name, off="the role is disabled", ref=resource.ref)
        held = frozenset(one.text() for one in told["includedPermissions"])
    except Unread as unread:
        return Role(name, unread=f"{name} was not read: {because(unread.gaps)}", ref=resource.ref)
    return Role(name, held, title=str(told["title"].value or ""), ref=resource.ref)


def because(gaps: tuple[Gap, ...]) -> str:
    return "; ".join(dict.fromkeys(f"{gap.call} ({gap.code})" for gap in gaps))


@lru_cache(maxsize=65_536)
def service_of(permission: str) -> str:
    return permission.partition(".")[0]


LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")  # the gravest first
_MANAGES = frozenset(
    [
        "actas", "bind", "escalate", "getaccesstoken", "getopenidtoken", "impersonate", "implicitdelegation",
        "setiampolicy", "setpolicy", "signblob", "signjwt",
    ]
)  # fmt: skip
_MANAGED = ("serviceaccountkeys", "roles", "denypolicies", "hmackeys", "principalaccessboundarypolicies")


@lru_cache(maxsize=65_536)
def level_of(permission: str) -> str:
    """Of access, by the permission's verb.  A permission that lets somebody grant or become is the gravest."""
    _, _, rest = permission.partition(".")
    what, _, verb = rest.rpartition(".")
    verb, what = verb.lower(), what.lower()
    reads = verb.startswith(
        ("get", "read", "search", "query", "access", "download", "view", "export", "check", "fetch")
    )
    if verb in _MANAGES or (what in _MANAGED and not reads and not verb.startswith("list")):
        return "Permissions management"
    tags = "tagbinding" in verb or (what.startswith("tag") and "binding" in what)
    if tags and not reads and not verb.startswith("list"):
        return "Tagging"
    if verb.startswith("list"):
        return "List"
    return "Read" if reads else "Write"
