"""What stands in Fernhollow's Google project: the shop's second home, with sound things and planted mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posture.runtime.sample.gcp.family import Folder, Project

PROJECT, NUMBER = "fernhollow-shop", "424242424242"
FOLDER, ORGANIZATION = "folders/555000111222", "organizations/987654321012"
HOME = f"projects/{PROJECT}"
HERE = "europe-west1"
DOMAIN = "fernhollow.example"
DEFAULT_COMPUTE = f"{NUMBER}-compute@developer.gserviceaccount.com"
DEFAULT_ENGINE = f"{PROJECT}@appspot.gserviceaccount.com"
Policy = dict[str, Any]


@dataclass(frozen=True)
class Asset:
    """`body` is what the inventory tells, `told` what the service's own API tells where that differs."""

    kind: str
    name: str  # full: "//…"
    body: dict[str, Any]
    location: str = "global"
    policy: Policy | None = None
    told: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        """The name within its service."""
        return self.name.removeprefix("//").partition("/")[2]


@dataclass
class Estate:
    assets: list[Asset] = field(default_factory=list)
    policies: dict[str, Policy] = field(default_factory=dict)  # of the project and what is above it
    roles: dict[str, list[str]] = field(default_factory=dict)
    roles_above: dict[str, list[str]] = field(default_factory=dict)  # custom ones of the organisation
    runtimes: list[dict[str, Any]] = field(default_factory=list)
    constraints: dict[str, dict[str, Any]] = field(default_factory=dict)  # constraint → effective spec
    deny: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # attachment point → deny policies
    boundaries: list[dict[str, Any]] = field(default_factory=list)  # of the organisation
    active: dict[str, str] = field(default_factory=dict)  # account → when it last authenticated; empty: never
    versions: dict[str, list[str]] = field(default_factory=dict)  # secret → when its versions were made
    sinks: list[dict[str, Any]] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)  # full name → tags of its own, "org/key": value
    bounded: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # level → bindings of boundaries
    recommendations: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)  # of the directory: address → members
    insights: list[dict[str, Any]] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)  # API → its state
    folders: list[Folder] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)  # of the whole organisation

    def of(self, *kinds: str) -> list[Asset]:
        return [asset for asset in self.assets if asset.kind in kinds]


def account(name: str) -> str:
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


def bound(*bindings: tuple[str, str], **more: Any) -> Policy:
    """A policy of (role, members parted by blanks)."""
    return {
        "version": 1,
        "bindings": [{"role": role, "members": members.split()} for role, members in bindings],
        "etag": "BwYmZXJuaG8=",
        **more,
    }


def estate() -> Estate:
    from posture.runtime.sample.gcp.family import family
    from posture.runtime.sample.gcp.shop import code, edge, identity, platform, stores

    made = Estate()
    for build in (
        family,
        identity.above,
        identity.people,
        code.services,
        code.functions,
        stores.stores,
        stores.messages,
        platform.platform,
        edge.edge,
        edge.watch,
        edge.gateways,
    ):
        build(made)
    return made
