"""What a question is about: a scope of Azure by its id or name, or a thing of the directory.

Limits: by name are found what the scan listed in the subscription, its resource groups and the management groups above
it.  By id anything may be asked about; what no scan saw is decided by its id alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scanners.access.azure.calling import notes
from scanners.access.azure.places import kind_of, place
from scanners.access.azure.rights import APPLICATION, GROUP, MANAGEMENT, PRINCIPAL, SUBSCRIPTION, read, steps
from scanners.access.azure.standing import Standing
from scanners.access.explorer import NotFound, Target
from scanners.model import Gap, Resource
from scanners.model.estate import Estate

KINDS = (
    "Microsoft.Web/sites", "Microsoft.App/containerApps", "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults", "Microsoft.Sql/servers", "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.ServiceBus/namespaces", "Microsoft.EventHub/namespaces", "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerService/managedClusters", "Microsoft.Network/networkSecurityGroups",
    "Microsoft.ManagedIdentity/userAssignedIdentities", "Microsoft.Logic/workflows", "Microsoft.ApiManagement/service",
    "Microsoft.EventGrid/topics", "Microsoft.Network/virtualNetworks", "Microsoft.Network/applicationGateways",
    "Microsoft.Cdn/profiles",
)  # fmt: skip
IN_DIRECTORY = {  # the word an id of Microsoft Graph begins with → kind
    "applications": APPLICATION, "serviceprincipals": PRINCIPAL, "groups": GROUP, "users": "user",
    "directory": "directory", "administrativeunits": "administrative unit", "devices": "device",
}  # fmt: skip
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ANY = "*"


def found(text: str, estate: Estate, on: Standing) -> Target:
    """Raises NotFound for a name that none has, or several."""
    told = text.strip()
    if told in ("", ANY):
        return Target(ANY, "anything in the subscription", "", seen=True)
    if told.startswith("/"):
        return _by_id(told, estate, on)
    named = list(_by_name(told.casefold(), estate, on)) or list(_in_directory(told.casefold(), estate))
    if len(named) > 1:
        raise NotFound(f"{len(named)} things are called {told[:80]!r}: name one by its id")
    if not named:
        raise NotFound(f"nothing that was listed is called {told[:80]!r}; ask by its full id")
    return named[0]


def _by_id(told: str, estate: Estate, on: Standing) -> Target:
    low = steps(told)
    if "*" in told:
        raise NotFound("an id with stars names many things: ask for one, or for * in all")
    if low[:1] and low[0] in IN_DIRECTORY:
        kind = IN_DIRECTORY[low[0]]
        rows = _rows(estate, kind) if kind.startswith("Microsoft.") else ()
        row = next((one for one in rows if one.ref.casefold() == told.casefold()), None)
        return Target(row.ref, row.name, kind, seen=True) if row else Target(told.rstrip("/"), low[-1], kind)
    doubts = _doubts(low, on)
    kind = kind_of(low)
    for known in KINDS:
        if known.casefold() == kind.casefold():
            for row in _rows(estate, known):
                if row.ref.casefold() == f"/{'/'.join(low)}":
                    return Target(row.ref, row.name, known, True, doubts, notes(row))
            return Target(told.rstrip("/"), told.rstrip("/").rpartition("/")[2], known, False, doubts)
    seen = place(told).path in (f"/subscriptions/{on.account}", "/", *on.above)
    return Target(told.rstrip("/") or "/", told.rstrip("/").rpartition("/")[2] or "/", kind, seen, doubts)


def _doubts(low: list[str], on: Standing) -> tuple[str, ...]:
    if low[:1] == ["subscriptions"] and low[1:2] and low[1] != on.account:
        return ("it stands in another subscription, which this scan did not look into",)
    return ()


def _by_name(wanted: str, estate: Estate, on: Standing) -> Iterator[Target]:
    whole = f"/subscriptions/{estate.account}"
    groups = dict[str, str]()
    for row in read(estate.all(SUBSCRIPTION), []):
        if wanted in (row.name.casefold(), estate.account.casefold()):
            yield Target(whole, row.name, SUBSCRIPTION, seen=True)
    for known in KINDS:
        for row in _rows(estate, known):
            if row.name.casefold() == wanted:
                yield Target(row.ref, row.name, known, True, (), notes(row))
            told = row.ref.strip("/").split("/")
            if len(told) > 3 and told[2].casefold() == "resourcegroups":
                groups.setdefault(told[3].casefold(), f"{whole}/resourceGroups/{told[3]}")
    above = {group.rpartition("/")[2]: group for group in on.above}
    for one in on.assignments():
        low = steps(one.scope)
        if len(low) > 3 and low[2] == "resourcegroups" and low[1] == on.account:
            groups.setdefault(low[3], f"{whole}/resourceGroups/{low[3]}")
        if one.scope.startswith(MANAGEMENT):
            above[one.scope.rpartition("/")[2]] = one.scope
    if wanted in groups:
        yield Target(groups[wanted], wanted, "resource group", seen=True)
    if wanted in above:
        yield Target(above[wanted], wanted, "management group", seen=True)


def _in_directory(wanted: str, estate: Estate) -> Iterator[Target]:
    """The application goes before its principal: both often have the name of what they serve."""
    for kind in (APPLICATION, PRINCIPAL, GROUP):
        named = [row for row in _rows(estate, kind) if row.name.casefold() == wanted]
        yield from (Target(row.ref, row.name, kind, seen=True) for row in named)
        if named:
            return


def _rows(estate: Estate, kind: str) -> Iterable[Resource]:
    gaps = list[Gap]()
    return read(estate.all(kind), gaps)
