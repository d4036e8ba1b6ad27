"""The directory behind a subscription, as ways need it: who holds which of its roles, who owns what, whom it protects.

Sources: "Microsoft Entra built-in roles" (who can reset passwords), "Use Microsoft Entra groups to manage role
assignments", "Default user permissions" (what owners may do), "Elevate access to manage all Azure subscriptions", read
2026-11.

Limits: roles over a part of the directory (administrative units, one object) are the engine's; here they are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanners.access.azure import (
    APPLICATION,
    DIRECTORY_ROLE,
    GROUP,
    MEMBERS,
    OWNERS,
    PRINCIPAL,
    RESOURCE,
)
from scanners.access.azure.rights import ELIGIBLE_GROUP, RULING_GROUP
from scanners.access.explorer import Via, Written
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
OVER_ANYBODY = frozenset({GLOBAL_ADMINISTRATOR, "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"})  # and its authentication twin
# Roles whose holders a helpdesk may still give a new password.
HARMLESS = frozenset(
    {
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
        "95e79109-95c0-4d8e-aee3-d01accf2d47b",  # Guest Inviter
        "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",  # Message Center Reader
        "4a5d8f65-41da-4de4-8968-e035b65339cf",  # Reports Reader
        "75934031-6c7e-415a-99d7-48dbd49e875e",  # Usage Summary Reports Reader
    }
)
GROUP_OWNERS, PRINCIPAL_OWNERS = "groups.owners.list", "service_principals.owners.list"
OWNED = {  # what the owner of an object may do to it, by the kind of the object
    APPLICATION: (OWNERS, ("applications/credentials/update", "applications/owners/update")),
    PRINCIPAL: (PRINCIPAL_OWNERS, ("servicePrincipals/credentials/update", "servicePrincipals/owners/update")),
    GROUP: (
        GROUP_OWNERS,
        (
            "groups/members/update",
            "groups/owners/update",
            "groupsAssignableToRoles/members/update",
            "groupsAssignableToRoles/owners/update",
        ),
    ),
}
PREFIX = "microsoft.directory/"
NOT_ASKED = "of some objects of the directory nobody asked who owns them"


@dataclass(frozen=True)
class Directory:
    """Names are object ids in small letters.  `unread` says what was not read of roles, `ungrouped` of groups."""

    roles: dict[str, dict[str, Via]]  # principal → role → the assignment, its groups' roles among them
    groups: dict[str, tuple[str, ...]]  # member → groups
    owners: dict[tuple[str, str], Via]  # (owner, ref of the object) → the bond
    owned: dict[str, frozenset[str]]  # owner → refs of its objects
    unowned: dict[str, str]  # ref of an object → why its owners are not known
    hidden: frozenset[str]  # those of them whose owners were asked for, and not told
    role_groups: frozenset[str]  # groups that may hold directory roles
    unread: tuple[str, ...] = ()
    ungrouped: tuple[str, ...] = ()

    def protects(self, user: str) -> bool:
        """Whether only those over anybody give this user a new password."""
        in_one = any(group in self.role_groups for group in self.groups.get(user, ()))
        return in_one or not self.roles.get(user, {}).keys() <= HARMLESS

    def is_over_anybody(self, who: str) -> bool:
        return bool(OVER_ANYBODY & self.roles.get(who, {}).keys())

    def names(self, who: str) -> tuple[str, ...]:
        """The principal and the groups that it is in."""
        return (who, *self.groups.get(who, ()))


def directory(estate: Estate) -> Directory:
    return estate.derived("ways azure directory", lambda: _directory(estate))


def told(gaps: list[Gap]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{gap.call} was not read ({gap.code})" for gap in gaps))


def seen(estate: Estate, kind: str, gaps: list[Gap]) -> Iterator[Resource]:
    """What was seen of a kind; what was not, into `gaps`."""
    try:
        yield from estate.all(kind)
    except Unread as unread:
        gaps.extend(unread.gaps)


def group_rows(estate: Estate, gaps: list[Gap]) -> Iterator[Resource]:
    """All that a scan read of groups, each once: those that hold roles of Azure, may activate one, or rule."""
    known = set[str]()
    for kind in (GROUP, ELIGIBLE_GROUP, RULING_GROUP):
        for row in seen(estate, kind, gaps):
            if object_id(row) not in known:
                known.add(object_id(row))
                yield row


def object_id(row: Resource) -> str:
    return row.ref.rpartition("/")[2].casefold()


def _directory(estate: Estate) -> Directory:
    ungrouped, unread = list[Gap](), list[Gap]()
    rows = list(group_rows(estate, ungrouped))
    groups: dict[str, list[str]] = {}
    for row in rows:
        for member in _each(row, MEMBERS, ungrouped):
            groups.setdefault(member, []).append(object_id(row))
    owners, unowned = _owners(estate)
    return Directory(
        roles=_roles(estate, groups, unread),
        groups={who: tuple(several) for who, several in groups.items()},
        owners=owners,
        owned=_by_owner(owners),
        unowned=unowned,
        hidden=frozenset(ref for ref, why in unowned.items() if why != NOT_ASKED),
        role_groups=frozenset(object_id(row) for row in rows if _assignable(row)),
        unread=told(unread),
        ungrouped=told(ungrouped),
    )


def _each(row: Resource, section: str, gaps: list[Gap]) -> Iterator[str]:
    try:
        yield from (one.need("id").text().casefold() for one in row[section])
    except Unread as unread:
        gaps.extend(unread.gaps)


def _assignable(row: Resource) -> bool:
    """A group of which nobody knows is taken for one."""
    try:
        return row[RESOURCE]["isAssignableToRole"].value is True
    except Unread:
        return True


def _roles(estate: Estate, groups: dict[str, list[str]], gaps: list[Gap]) -> dict[str, dict[str, Via]]:
    direct: dict[str, dict[str, Via]] = {}
    for row in seen(estate, DIRECTORY_ROLE, gaps):
        try:
            said = row[RESOURCE]
            if said["directoryScopeId"].value == "/":
                who, role = said.need("principalId").text(), said.need("roleDefinitionId").text()
                written = Written("directory role", said.value, row.ref, RESOURCE)
                via = Via("directory", "Allow", written, "role of the directory")
                direct.setdefault(who.casefold(), {})[role.casefold()] = via
        except Unread as unread:
            gaps.extend(unread.gaps)
    found = {who: dict(held) for who, held in direct.items()}
    for member, several in groups.items():
        for group in several:
            if group in direct:
                found[member] = {**direct[group], **found.get(member, {})}
    return found


def _owners(estate: Estate) -> tuple[dict[tuple[str, str], Via], dict[str, str]]:
    owners: dict[tuple[str, str], Via] = {}
    unowned: dict[str, str] = {}
    for kind, (section, _) in OWNED.items():
        for row in group_rows(estate, []) if kind == GROUP else seen(estate, kind, []):
            if not row.asked(section) and kind != APPLICATION:
                unowned[ref_of(row)] = NOT_ASKED
                continue
            try:
                for one in row[section]:
                    owners[one.need("id").text().casefold(), ref_of(row)] = _bond(row, one)
            except Unread as unread:
                unowned[ref_of(row)] = told(list(unread.gaps))[0]
    return owners, unowned


def _by_owner(owners: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for owner, ref in owners:
        found.setdefault(owner, set()).add(ref)
    return {owner: frozenset(refs) for owner, refs in found.items()}


def ref_of(row: Resource) -> str:
    """Of a group the address that it has in Microsoft Graph, whichever listing told of it."""
    return f"/groups/{object_id(row)}" if row.kind in (GROUP, ELIGIBLE_GROUP, RULING_GROUP) else row.ref


def _bond(row: Resource, owner: Node) -> Via:
    return Via("owners", "Allow", Written(f"owners of {row.name}", owner.value, row.ref, owner.pointer), "an owner")


def owners_may(kind: str, permission: str) -> bool:
    """Whether the owner of an object of that kind may do this to it."""
    _, allowed = OWNED.get(kind, ("", ()))
    return permission.casefold() in {f"{PREFIX}{one}".casefold() for one in allowed}
