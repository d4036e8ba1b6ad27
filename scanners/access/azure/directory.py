"""The second system: what roles of the directory, application permissions of Microsoft Graph and ownership allow.

A role's actions are told by its definition ("microsoft.directory/applications/credentials/update"); "allProperties" and
"allTasks" in them stand for whatever is asked there.  A role is held over the whole directory, over one object, or over
an administrative unit, whose members are not read.  An application's owners may change everything of it.  Sources:
"Microsoft Entra built-in roles", "Overview of role-based access control in Microsoft Entra ID", "Object ownership" in
"Default user permissions", "Microsoft Graph permissions reference", read 2026-11.

Limits: what every member of the directory may do by default (read, register applications, make groups) is a setting
that is not read.  A permission of Microsoft Graph is asked by its own name: that one includes another is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanners.access.azure.actions import graph_permission
from scanners.access.azure.rights import (
    API,
    APP_ROLE,
    APPLICATION,
    DIRECTORY_ROLE,
    OWNERS,
    PRINCIPAL,
    RESOURCE,
    read,
)
from scanners.access.azure.rights import (
    MAY_ACTIVATE as MAY_ACTIVATE,
)
from scanners.access.azure.standing import because
from scanners.access.explorer import Written
from scanners.model import Gap, Resource, Unread
from scanners.model.estate import Estate

ROLE_DEFINITION = "Microsoft.Graph/directoryRoleDefinitions"
OWNED_BY = {APPLICATION: OWNERS, PRINCIPAL: "service_principals.owners.list"}


Definition = tuple[str, tuple[tuple[tuple[str, ...], str], ...], Any]  # name, (actions, condition), document


@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """Something that somebody holds in the directory.  `scope` in small letters: "/", or an object's id."""

    who: str
    actions: tuple[str, ...]
    scope: str
    written: Written
    condition: str = ""
    eligible: bool = False
    unknown: str = ""  # why nobody knows what it allows


@dataclass(frozen=True, eq=False)
class Directory:
    """`rights` by holder; `permissions` are application permissions by holder, in small letters, with their proof."""

    rights: Mapping[str, tuple[Right, ...]]
    permissions: Mapping[str, tuple[Right, ...]]
    unread: tuple[str, ...]
    unread_eligible: tuple[str, ...]
    unread_permissions: tuple[str, ...]
    unread_owners: Mapping[
        tuple[str, str], str
    ]  # ("applications", object id) of those whose owners were not read → why
    definitions: Mapping[str, Definition]
    known: Mapping[str, str]  # actions and permissions by small letters, as they are spelled


def directory(estate: Estate) -> Directory:
    return estate.derived("azure directory", lambda: _directory(estate))


def _directory(estate: Estate) -> Directory:
    gaps, later, unnamed = list[Gap](), list[Gap](), list[Gap]()
    roles = _definitions(estate, gaps)
    rights = list(_held(estate, DIRECTORY_ROLE, roles, gaps))
    rights += _held(estate, MAY_ACTIVATE, roles, later)
    owners, hidden = _owners(estate, gaps)
    permissions = list(_permissions(estate, unnamed))
    return Directory(
        _by_holder([*rights, *owners]),
        _by_holder(permissions),
        because(gaps),
        because(later),
        because(unnamed),
        hidden,
        roles,
        _known(estate, roles),
    )


def _known(estate: Estate, roles: Mapping[str, Definition]) -> dict[str, str]:
    """What single things can be asked: definitions name some, and the APIs tell their permissions."""
    told = {one for _, parts, _ in roles.values() for actions, _ in parts for one in actions}
    found = {one.casefold(): one for one in told if not one.casefold().endswith(("/alltasks", "/allproperties/read"))}
    for api in read(estate.all(API), []):
        found.update((name.casefold(), name) for _, name in read(_app_roles(api), []) if graph_permission(name))
    return found


def _by_holder(rights: Iterable[Right]) -> dict[str, tuple[Right, ...]]:
    found: dict[str, list[Right]] = {}
    for one in rights:
        found.setdefault(one.who, []).append(one)
    return {who: tuple(several) for who, several in found.items()}


def _definitions(estate: Estate, gaps: list[Gap]) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for row in read(estate.all(ROLE_DEFINITION), gaps):
        try:
            told = row[RESOURCE]
            parts = tuple(
                (tuple(one.text() for one in part["allowedResourceActions"]), str(part["condition"].value or ""))
                for part in told["rolePermissions"]
            )
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        made = (row.name, parts, told.value)
        for name in (row.ref.rpartition("/")[2], told["templateId"].value):
            if isinstance(name, str):
                found[name.casefold()] = made
    return found


def _held(estate: Estate, kind: str, roles: Mapping[str, Definition], gaps: list[Gap]) -> Iterator[Right]:
    for row in read(estate.all(kind), gaps):
        told = row[RESOURCE]
        try:
            who = told.need("principalId").text().casefold()
            role = told.need("roleDefinitionId").text().casefold()
            scope = told["directoryScopeId"].text().casefold() if told["directoryScopeId"].present else "/"
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        eligible = kind == MAY_ACTIVATE
        if role not in roles:
            written = Written(role, told.value, row.ref, "resource", scope)
            yield Right(who, (), scope, written, eligible=eligible, unknown=f"the directory role {role} was not read")
            continue
        name, parts, document = roles[role]
        written = Written(name, {"assignment": told.value, "role": document}, row.ref, "resource", _level(scope))
        for actions, condition in parts:
            yield Right(who, actions, scope, written, condition, eligible)


def _level(scope: str) -> str:
    if scope == "/":
        return "the whole directory"
    return f"the administrative unit {scope.rpartition('/')[2]}" if "administrativeunits" in scope else "one object"


def _owners(estate: Estate, gaps: list[Gap]) -> tuple[list[Right], dict[tuple[str, str], str]]:
    found, hidden = list[Right](), dict[tuple[str, str], str]()
    for kind, section in OWNED_BY.items():
        word = kind.rpartition("/")[2]
        for row in read(estate.all(kind), gaps):
            ref = row.ref.rpartition("/")[2].casefold()
            try:
                found += _owned(row, section, word, ref) if row.asked(section) else ()
                if not row.asked(section):
                    hidden[word.casefold(), ref] = f"who owns {row.name} was not asked"
            except Unread as unread:
                hidden[word.casefold(), ref] = because(unread.gaps)[0]
    return found, hidden


def _owned(row: Resource, section: str, word: str, ref: str) -> Iterator[Right]:
    for owner in row[section]:
        written = Written(f"owner of {row.name}", owner.value, row.ref, section, "one object")
        yield Right(owner.need("id").text().casefold(), (f"microsoft.directory/{word}/allProperties/allTasks",),
                    f"/{ref}", written)  # fmt: skip


def _app_roles(api: Resource) -> Iterator[tuple[str, str]]:
    """(id, name)"""
    for one in api[RESOURCE]["appRoles"]:
        if isinstance(one["id"].value, str) and isinstance(one["value"].value, str):
            yield one["id"].value, one["value"].value


def _permissions(estate: Estate, gaps: list[Gap]) -> Iterator[Right]:
    names = dict[tuple[str, str], tuple[str, str]]()
    for api in read(estate.all(API), gaps):
        for id_, value in read(_app_roles(api), gaps):
            names[api.ref.rpartition("/")[2].casefold(), id_.casefold()] = value, api.name
    for row in read(estate.all(APP_ROLE), gaps):
        told = row[RESOURCE]
        try:
            who, role, of = (told.need(name).text() for name in ("principalId", "appRoleId", "resourceId"))
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        name, api_name = names.get((of.casefold(), role.casefold()), ("", ""))
        written = Written(name or role, told.value, row.ref, "resource", api_name or "Microsoft Graph")
        unknown = "" if name else f"the app role {role} has no name"
        yield Right(who.casefold(), (name,) if name else (), "/", written, unknown=unknown)
