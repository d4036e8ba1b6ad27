"""What stands in a subscription and its directory, as rules of escalation see it.

Of kinds that no scan lists, nobody knows whether there are any: `missing` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanners.access.azure import ASSIGNMENT, PRINCIPAL, RESOURCE, SUBSCRIPTION
from scanners.access.azure import identities as runs_as
from scanners.access.explorer import Principal, Target
from scanners.graph.azure.directory import Directory, object_id, seen, told
from scanners.graph.azure.people import (
    OWN,
    ROOT,
    applications,
    groups,
    is_off,
    people_of,
    policies,
    roles,
    service_principals,
    type_of,
)
from scanners.graph.ground import Thing
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

IDENTITY, GIVEN = "Microsoft.ManagedIdentity/userAssignedIdentities", "user-assigned identity"
ORDINARY = ("ManagedIdentity", "Application", "Legacy", "SocialIdp")  # types of service principals
Marks = Callable[[Node], Iterable[str]]


def _plain(said: Node) -> Iterable[str]:
    return ()


def _site(said: Node) -> Iterable[str]:
    return ("function app",) if "functionapp" in str(said["kind"].value).casefold() else ()


def _vault(said: Node) -> Iterable[str]:
    return ("roles",) if said["properties"]["enableRbacAuthorization"].value is True else ("access policies",)


def _unless(field: str, means: bool, mark: str) -> Marks:
    """Marked unless a setting has this value."""
    return lambda said: () if said["properties"][field].value is means else (mark,)


_KEYS = _unless("disableLocalAuth", True, "shared keys")
# The kind of the cloud → the kind that rules speak of, and its marks.
KINDS: Mapping[str, tuple[str, Marks]] = {
    "Microsoft.Web/sites": ("site", _site),
    "Microsoft.App/containerApps": ("container app", _plain),
    "Microsoft.ContainerRegistry/registries": ("registry", _plain),
    "Microsoft.ContainerService/managedClusters": (
        "cluster",
        _unless("disableLocalAccounts", True, "local accounts"),
    ),
    "Microsoft.KeyVault/vaults": ("vault", _vault),
    "Microsoft.Storage/storageAccounts": (
        "storage account",
        _unless("allowSharedKeyAccess", False, "shared keys"),
    ),
    "Microsoft.DocumentDB/databaseAccounts": ("cosmos account", _KEYS),
    "Microsoft.Sql/servers": ("sql server", _plain),
    "Microsoft.ServiceBus/namespaces": ("service bus", _KEYS),
    "Microsoft.EventHub/namespaces": ("event hub", _KEYS),
    "Microsoft.Logic/workflows": ("logic app", _plain),
    "Microsoft.ApiManagement/service": ("api management", _plain),
}
# Kinds that no scan lists; where an estate has some all the same, they count.
UNLISTED: Mapping[str, str] = {
    "Microsoft.Compute/virtualMachines": "virtual machine",
    "Microsoft.Compute/virtualMachineScaleSets": "scale set",
    "Microsoft.Compute/disks": "disk",
    "Microsoft.Compute/snapshots": "snapshot",
    "Microsoft.Automation/automationAccounts": "automation account",
    "Microsoft.ContainerInstance/containerGroups": "container group",
    "Microsoft.App/jobs": "container app job",
    "Microsoft.MachineLearningServices/workspaces": "workspace of machine learning",
    "Microsoft.DBforPostgreSQL/flexibleServers": "database server",
    "Microsoft.CognitiveServices/accounts": "ai account",
    "Microsoft.Search/searchServices": "search service",
    "Microsoft.DesktopVirtualization/hostpools": "host pool",
    "Microsoft.HybridCompute/machines": "arc machine",
    "Microsoft.Graph/agentIdentityBlueprints": "agent blueprint",
}
_RUNNING = frozenset(
    {"virtual machine", "scale set", "automation account", "logic app", "container group", "container app job",
     "workspace of machine learning", "api management", "arc machine", "site", "container app", "registry", "cluster",
     GIVEN}
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """`missing` by kind; `managed`: managed identities that no listed resource has of its own."""

    things: tuple[Thing, ...]
    scopes: tuple[Thing, ...]
    missing: Mapping[str, tuple[str, ...]]
    managed: frozenset[str]
    agents: frozenset[str]
    idle: frozenset[str]
    names: Mapping[str, str]  # of service principals and groups

    def possible(self, kind: str) -> frozenset[str]:
        """Whose power may come with things of a kind that was not listed."""
        return self.managed if kind in _RUNNING else self.agents if kind == "agent blueprint" else frozenset()


def scene(estate: Estate, facts: Directory, people: Iterable[Principal]) -> Scene:
    """`people`: all principals of the account."""
    missing: dict[str, tuple[str, ...]] = dict.fromkeys(UNLISTED.values(), ())
    running, levels = _running(estate, missing), _Levels(estate)
    gaps: list[Gap] = []
    principals = list(seen(estate, PRINCIPAL, gaps))
    if gaps:
        missing["service principal"] = missing["application"] = told(gaps)
    given, own = _given(running), {who for one, system, _ in running for who in system}
    kinds = {object_id(row): type_of(row) for row in principals}
    identities = _identities(estate, given, missing)
    found = [
        *(one for one, _, _ in running),
        *identities,
        *service_principals(principals, {one.identities[0] for one in identities}),
        *applications(estate, principals, missing),
        *people_of(people, facts),
        *groups(estate, missing),
        *roles(estate, facts, missing),
        *policies(estate, missing),
    ]
    scopes = levels.scopes([*found, *_assigned(estate)])
    managed = {who for who, kind in kinds.items() if kind == "ManagedIdentity"} | {
        one.identities[0] for one in identities
    }
    return Scene(
        things=(*scopes, *(levels.placed(one) for one in found)),
        scopes=scopes,
        missing={kind: why for kind, why in missing.items() if why},
        managed=frozenset(managed - own),
        agents=frozenset(
            who for who, kind in kinds.items() if kind not in ("ManagedIdentity", "Application", "Legacy")
        ),
        idle=frozenset(object_id(row) for row in principals if is_off(row)),
        names={object_id(row): row.name for row in principals},
    )


class _Levels:
    """The directory, the subscription and its resource groups, and what lies in which."""

    def __init__(self, estate: Estate) -> None:
        self.whole = f"/subscriptions/{estate.account}"

    def scopes(self, found: Iterable[Thing]) -> tuple[Thing, ...]:
        groups = {self.group(one.ref).casefold(): self.group(one.ref) for one in found}
        groups.pop("", None)
        return (
            Thing("directory", Target(ROOT, "the directory", "directory", seen=True)),
            Thing("subscription", Target(self.whole, "the subscription", SUBSCRIPTION, seen=True)),
            *(
                Thing(
                    "resource group",
                    Target(ref, ref.rpartition("/")[2], "resource group", seen=True),
                    (),
                    (self.whole,),
                )
                for _, ref in sorted(groups.items())
            ),
        )

    def _resource_group(self, ref: str) -> Thing:
        target = Target(ref, ref.rpartition("/")[2], "resource group", seen=True)
        return Thing("resource group", target, (), (self.whole,))

    def group(self, ref: str) -> str:
        """The resource group of an id, spelled alike whoever names it; empty for what lies in none."""
        steps = ref.strip("/").split("/")
        if len(steps) < 4 or f"/{steps[0]}/{steps[1]}".casefold() != self.whole.casefold():
            return ""
        return f"{self.whole}/resourceGroups/{steps[3].casefold()}" if steps[2].casefold() == "resourcegroups" else ""

    def placed(self, thing: Thing) -> Thing:
        if thing.within:
            return thing
        group = self.group(thing.ref)
        within = (self.whole, group) if group else (ROOT,)
        return Thing(thing.kind, thing.target, thing.identities, within, thing.marks, thing.unsure)


def _assigned(estate: Estate) -> Iterator[Thing]:
    """Scopes that assignments name: a resource group in which nothing was listed has grants all the same."""
    for row in seen(estate, ASSIGNMENT, []):
        try:
            yield Thing("", Target(row[RESOURCE]["properties"].need("scope").text()))
        except Unread:
            continue


Running = tuple[Thing, tuple[str, ...], Mapping[str, str]]  # with its own identity, and those it was given by id


def _running(estate: Estate, missing: dict[str, tuple[str, ...]]) -> list[Running]:
    found = []
    for kind, (word, marks) in KINDS.items():
        gaps: list[Gap] = []
        found += [_runs(row, word, marks) for row in seen(estate, kind, gaps)]
        missing[word] = told(gaps)
    for kind, word in UNLISTED.items():
        found += [_runs(row, word, _plain) for row in seen(estate, kind, [])]
        missing[word] = (f"{kind} is not collected",)
    return found


def _runs(row: Resource, kind: str, marks: Marks) -> Running:
    target = Target(row.ref, row.name, row.kind, seen=True)
    try:
        said = row[RESOURCE]
        all_of = tuple(dict.fromkeys(who for who, _ in runs_as(said)))
        system = said["identity"]["system"].value
        given = {name: one.text().casefold() for name, one in said["identity"]["user"].items() if one.value}
        untold = [name for name, one in said["identity"]["user"].items() if not one.value]
        unsure = tuple(f"who {name.rpartition('/')[2]} is was not told" for name in untold)
        thing = Thing(kind, target, all_of, (), frozenset(marks(said)), unsure)
        return thing, (system.casefold(),) if isinstance(system, str) else (), given
    except Unread as unread:
        return Thing(kind, target, unsure=told(list(unread.gaps))), (), {}


def _given(running: Iterable[Running]) -> dict[str, tuple[str, str]]:
    """Of user-assigned identities that resources run as: id in small letters → (id, object id)."""
    return {name.casefold(): (name, who) for _, _, given in running for name, who in given.items()}


def _identities(estate: Estate, given: dict[str, tuple[str, str]], missing: dict[str, tuple[str, ...]]) -> list[Thing]:
    gaps: list[Gap] = []
    listed = list(seen(estate, IDENTITY, gaps))
    for row in listed:
        try:
            who = row[RESOURCE]["properties"].need("principalId").text().casefold()
            given[row.ref.casefold()] = (row.ref, who)
        except Unread as unread:
            gaps.extend(unread.gaps)
    missing[GIVEN] = told(gaps) or (
        () if listed else ("user-assigned identities that nothing listed runs as were not read",)
    )
    marks = frozenset({OWN})
    return [
        Thing(GIVEN, Target(ref, ref.rpartition("/")[2], IDENTITY, seen=True), (who,), (), marks)
        for ref, who in given.values()
    ]
