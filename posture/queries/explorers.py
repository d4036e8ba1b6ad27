"""Which engine answers questions about the accounts of a cloud: one row a cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.access.azure import rights as azure_rights
from scanners.access.azure import targets as azure_targets
from scanners.access.explorer import Explorer, Principal
from scanners.access.gcp import CUSTOM, PREDEFINED
from scanners.access.gcp import kinds as gcp_kinds
from scanners.access.gcp.roles import OF_ORGANIZATION
from scanners.graph import aws_explorer, azure, gcp
from scanners.graph.azure import fronts as azure_fronts
from scanners.graph.azure import reach as azure_reach
from scanners.graph.fronts import Front
from scanners.graph.gcp import fronts as gcp_fronts
from scanners.graph.gcp import reach as gcp_reach
from scanners.graph.reach import Reach
from scanners.graph.targets import POLICIES
from scanners.model import Provider, Resource
from scanners.model.estate import Estate


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands in front of a function, with what was not read of it; and what an identity of it can do to things.

    `beyond`: what may stand in front and is not collected, for people.
    """

    fronts: Callable[[Any, Resource], tuple[list[Front], list[str]]]
    beyond: str
    reach: Callable[[Any, Resource, Principal], Reach]


@dataclass(frozen=True, slots=True)
class Row:
    """`together`: kinds that every question needs, read at once; `refs`: how ids that can be asked about begin.

    `principals`: kinds of resources that are principals, with (what stands before, "ref", "name" or "tail") of how the
    engine names one.  `kept`: scans keep what everybody can do; of other clouds it is worked out when somebody asks.
    """

    explorer: Callable[[Estate], Explorer]
    together: tuple[str, ...]
    refs: str
    principals: Mapping[str, tuple[str, str]]
    kept: bool = False
    not_targets: tuple[str, ...] = ()  # kinds that nobody asks about as a resource
    suggested: tuple[str, ...] = ()  # kinds whose resources a form names
    # Whom a function's page names even when nothing does: (ref, label, note).
    strangers: tuple[tuple[str, str, str], ...] = field(default=())
    doors: Doors | None = None  # None: its functions have a page of their own making


AZURE_ROLES = (azure_rights.ASSIGNMENT, azure_rights.DEFINITION, azure_rights.DENIAL, azure_rights.ELIGIBLE)
AZURE_DIRECTORY = tuple(
    f"Microsoft.Graph/{name}"
    for name in (
        "apis", "appRoleAssignments", "applications", "directoryRoleAssignments", "directoryRoleDefinitions",
        "directoryRoleEligibilities", "groups", "organization", "servicePrincipals",
    )
)  # fmt: skip
ROWS: dict[str, Row] = {
    Provider.AWS: Row(
        aws_explorer.explorer,
        aws_explorer.IDENTITIES,
        "arn:",
        {"AWS::IAM::User": ("", "ref"), "AWS::IAM::Role": ("", "ref"), "AWS::Account": ("", "ref")},
        kept=True,
        not_targets=("AWS::IAM::Group",),
        suggested=tuple(POLICIES),
    ),
    Provider.GCP: Row(
        gcp.explorer,
        (*gcp_kinds.LEVELS, *gcp_kinds.KINDS, PREDEFINED, OF_ORGANIZATION),
        "//",
        {gcp_kinds.ACCOUNT: ("serviceAccount:", "name")},
        not_targets=(PREDEFINED, CUSTOM),
        suggested=gcp_kinds.POLICED,
        strangers=(
            ("allUsers", "Anyone", "without signing in"),
            ("allAuthenticatedUsers", "Any Google account", "whoever has one"),
        ),
        doors=Doors(gcp_fronts.fronts, gcp_fronts.BEYOND, gcp_reach.reach),
    ),
    Provider.AZURE: Row(
        azure.explorer,
        (azure_rights.SUBSCRIPTION, *AZURE_ROLES, *AZURE_DIRECTORY, *azure_targets.KINDS),
        "/",
        {"Microsoft.Graph/servicePrincipals": ("", "tail"), "Microsoft.Graph/groups": ("", "tail")},
        not_targets=(*AZURE_ROLES, *AZURE_DIRECTORY),
        suggested=azure_targets.KINDS,
        doors=Doors(azure_fronts.fronts, azure_fronts.BEYOND, azure_reach.reach),
    ),
}


def of(estate: Estate, provider: str) -> Explorer:
    """Raises KeyError for a cloud that has no engine."""
    return ROWS[provider].explorer(estate)


def principal_ref(provider: str, kind: str, ref: str, name: str) -> str:
    """How the engine names the principal that a stored resource is; empty for what is none."""
    if provider not in ROWS or kind not in ROWS[provider].principals:
        return ""
    before, part = ROWS[provider].principals[kind]
    return before + {"ref": ref, "name": name, "tail": ref.rpartition("/")[2]}[part]
