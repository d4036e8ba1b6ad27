"""Who is there: people, service principals and managed identities, by the object ids that assignments name.

People have no listing of their own: they are known by what they hold, as members of groups, as owners of applications,
and by the reports of sign-in.  A group is nobody by itself: its members are asked about, and the group only where
nobody knows who is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanners.access.azure.rights import (
    A_GROUP,
    APP_ROLE,
    APPLICATION,
    DIRECTORY_ROLE,
    ELIGIBLE_GROUP,
    GROUP,
    MAY_ACTIVATE,
    MEMBERS,
    OWNERS,
    PRINCIPAL,
    RESOURCE,
    RULING_GROUP,
    SUBSCRIPTION,
    identities,
    read,
)
from scanners.access.azure.standing import Standing, because
from scanners.access.explorer import NotFound, Principal
from scanners.model import Gap, Node, Resource
from scanners.model.estate import Estate

TENANT = "Microsoft.Graph/organization"
REGISTERED = "reports.authentication_methods.user_registration_details.list"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
RUNNING = ("Microsoft.Web/sites", "Microsoft.App/containerApps")
KINDS = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "service principal",
    "foreigngroup": "group of another directory",
    "device": "device",
}


@dataclass(frozen=True, eq=False)
class Everybody:
    """`by_ref`: object ids in small letters, the groups among them; `unread` says what of them was not read."""

    by_ref: Mapping[str, Principal]
    by_name: Mapping[str, tuple[str, ...]]
    asked: tuple[Principal, ...]
    unread: tuple[str, ...]

    def named(self, text: str) -> Principal:
        """Raises NotFound."""
        wanted = text.strip().casefold()
        if found := self.by_ref.get(wanted):
            return found
        refs = self.by_name.get(wanted, ())
        if len(refs) == 1:
            return self.by_ref[refs[0]]
        if refs:
            raise NotFound(f"{len(refs)} principals are called {text[:80]!r}: name one by its object id")
        raise NotFound(f"no principal is called {text[:80]!r}, or has this object id")


def everybody(estate: Estate, on: Standing) -> Everybody:
    gaps, found = list[Gap](), dict[str, Principal]()
    for one in (*_named(estate, gaps), *_assigned(on), *_told_of(estate, gaps)):
        held = found.get(one.ref)
        found[one.ref] = one if held is None else _better(held, one)
    by_name: dict[str, list[str]] = {}
    for one in found.values():
        for name in {one.name.casefold(), one.name.casefold().partition("@")[0]}:
            by_name.setdefault(name, []).append(one.ref)
    listed = sorted(found.values(), key=lambda one: (one.name.casefold(), one.ref))
    asked = tuple(one for one in listed if "group" not in one.kind or one.ref in on.closed)
    return Everybody(found, {name: tuple(refs) for name, refs in by_name.items()}, asked, because(gaps))


def _better(held: Principal, other: Principal) -> Principal:
    """A name goes before an id, a name to sign in with before others, and a kind before none."""
    names = sorted((held.name, other.name), key=lambda one: (one == held.ref, "@" not in one))
    kind = held.kind if held.kind != "principal" else other.kind
    return replace(held, name=names[0], kind=kind, outside=held.outside or other.outside)


def _named(estate: Estate, gaps: list[Gap]) -> Iterator[Principal]:
    """Service principals by their listing; groups and those who are in them."""
    home, running = _tenant(estate), _identities(estate)
    for row in read(estate.all(PRINCIPAL), gaps):
        yield from read(_service(row, home, running), gaps)
    yield from running.values()
    for row in (row for kind in (GROUP, ELIGIBLE_GROUP, RULING_GROUP) for row in read(estate.all(kind), gaps)):
        yield Principal(row.ref.rpartition("/")[2].casefold(), row.name, "group")
        yield from read(_people(row, MEMBERS), gaps)


def _service(row: Resource, home: str, running: Mapping[str, Principal]) -> Iterator[Principal]:
    told, ref = row[RESOURCE], row.ref.rpartition("/")[2].casefold()
    managed = told["servicePrincipalType"].value == "ManagedIdentity"
    owner = told["appOwnerOrganizationId"].value
    outside = bool(home and isinstance(owner, str) and owner.casefold() != home and not managed)
    kind = "managed identity" if managed else "service principal"
    yield Principal(ref, row.name, running[ref].kind if ref in running else kind, outside)


def _people(row: Resource, section: str) -> Iterator[Principal]:
    for told in row[section]:
        yield from _person(told)


def _person(told: Node) -> Iterator[Principal]:
    ref = told["id"].value
    if not isinstance(ref, str):
        return
    kind = told["@odata.type"].value
    word = {A_GROUP: "group", "#microsoft.graph.user": "user", "#microsoft.graph.servicePrincipal": "service principal",
            "#microsoft.graph.device": "device"}.get(kind if isinstance(kind, str) else "", "principal")  # fmt: skip
    names = (told["userPrincipalName"].value, told["displayName"].value)
    name = next((one for one in names if isinstance(one, str) and one), ref)
    yield Principal(ref.casefold(), name, word)


def _assigned(on: Standing) -> Iterator[Principal]:
    for one in on.assignments():
        kind = KINDS.get(one.kind.casefold(), "principal")
        yield Principal(one.who, one.who, kind, kind == "group of another directory")


def _told_of(estate: Estate, gaps: list[Gap]) -> Iterator[Principal]:
    """Owners of applications, holders in the directory, administrators in the reports."""
    for row in read(estate.all(APPLICATION), gaps):
        yield from read(_people(row, OWNERS), gaps)
    for kind in (DIRECTORY_ROLE, MAY_ACTIVATE, APP_ROLE):
        for row in read(estate.all(kind), gaps):
            yield from read(_holder(row), gaps)
    for row in read(estate.all(TENANT), []):
        yield from read(_people(row, REGISTERED), [])


def _holder(row: Resource) -> Iterator[Principal]:
    told = row[RESOURCE]
    if isinstance(who := told["principalId"].value, str):
        yield Principal(who.casefold(), who, KINDS.get(str(told["principalType"].value).casefold(), "principal"))
        if told["principal"].present:
            yield from _person(told["principal"])


def _tenant(estate: Estate) -> str:
    """In small letters; nothing where it was not read."""
    for kind, field in ((SUBSCRIPTION, "tenantId"), (TENANT, "id")):
        for row in read(estate.all(kind), []):
            for told in read(iter((row[RESOURCE],)), []):
                if isinstance(told.value, dict) and isinstance(found := told[field].value, str):
                    return found.casefold()
    return ""


def _identities(estate: Estate) -> dict[str, Principal]:
    """Those that resources run as: one of its own is named after its resource, one that was given has a name."""
    found: dict[str, Principal] = {}
    for row in read(estate.all(IDENTITY), []):
        for told in read(_each_id(row), []):
            found[told.casefold()] = Principal(told.casefold(), row.name, "user-assigned identity")
    for kind in RUNNING:
        for row in read(estate.all(kind), []):
            for who, proof in read(_runs_as(row), []):
                own = proof.pointer.endswith("/system")
                name = row.name if own else proof.pointer.replace("~1", "/").rpartition("/")[2]
                found[who] = Principal(who, name, "system-assigned identity" if own else "user-assigned identity")
    return found


def _each_id(row: Resource) -> Iterator[str]:
    yield row[RESOURCE]["properties"].need("principalId").text()


def _runs_as(row: Resource) -> Iterator[tuple[str, Node]]:
    yield from identities(row[RESOURCE])
