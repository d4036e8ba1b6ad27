"""Who holds what, as rows of a scan tell it: assignments, roles of the directory, permissions of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanners.access.azure import APP_ROLE, ASSIGNMENT, DENIAL, DIRECTORY_ROLE, ELIGIBLE, RESOURCE
from scanners.access.azure.rights import MAY_ACTIVATE
from scanners.graph.azure.directory import seen
from scanners.graph.azure.people import ROOT
from scanners.model import Gap, Resource, Unread
from scanners.model.estate import Estate


@dataclass(frozen=True, slots=True)
class Held:
    """One assignment; `scope` as it is written."""

    who: str
    scope: str
    role: str
    conditional: bool
    row: Resource


def holder_of(row: Resource) -> str:
    try:
        said = row[RESOURCE]
        inner = said["properties"] if said["properties"].present else said
        return inner.need("principalId").text().casefold()
    except Unread:
        return ""


def assignments(estate: Estate) -> tuple[list[Held], bool]:
    """All that are held or may be activated, and whether some were not read."""
    gaps: list[Gap] = []
    found = []
    for kind in (ASSIGNMENT, ELIGIBLE):
        for row in seen(estate, kind, gaps):
            try:
                said = row[RESOURCE]["properties"]
                who, role = said.need("principalId").text(), said.need("roleDefinitionId").text()
                scope, conditional = said.need("scope").text(), bool(said["condition"].value)
                found.append(Held(who.casefold(), scope, role.rpartition("/")[2].casefold(), conditional, row))
            except Unread as unread:
                gaps.extend(unread.gaps)
    return found, bool(gaps)


def holders(estate: Estate) -> tuple[frozenset[str], bool, bool]:
    """Who holds something of the directory or may activate it; whether over a part of it; whether some was unread."""
    gaps: list[Gap] = []
    found, parts = set[str](), False
    for kind in (DIRECTORY_ROLE, MAY_ACTIVATE, APP_ROLE):
        for row in seen(estate, kind, gaps):
            try:
                said = row[RESOURCE]
                parts = parts or (kind != APP_ROLE and said["directoryScopeId"].value != ROOT)
                found.add(said.need("principalId").text().casefold())
            except Unread as unread:
                gaps.extend(unread.gaps)
    return frozenset(found), parts, bool(gaps)


def scopes_of_denials(estate: Estate) -> Iterator[str]:
    for row in seen(estate, DENIAL, []):
        try:
            yield str(row[RESOURCE]["properties"]["scope"].value or ROOT)
        except Unread:
            yield ROOT
