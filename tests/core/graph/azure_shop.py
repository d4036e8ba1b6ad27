"""Builders for ways in Azure: for each rule a target worth it, and a caller with just what the rule asks for."""

from __future__ import annotations

from typing import Any

from scanners.access.azure import APPLICATION, GROUP, MEMBERS, OWNERS, PRINCIPAL
from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Answer
from scanners.catalog.escalation import Rule
from scanners.graph.azure.directory import GLOBAL_ADMINISTRATOR, GROUP_OWNERS, PRINCIPAL_OWNERS
from scanners.graph.azure.ground import ELEVATE, AzureGround
from scanners.graph.azure.people import POLICIES, TENANT
from scanners.graph.azure.things import IDENTITY, KINDS, UNLISTED
from scanners.graph.chains import Chains
from scanners.graph.leads import kind_of
from scanners.model import Resource
from tests.core.azure import HOME, ME, TEAM, api, app_role, at, case, directory_role, group, holds, role, subscription
from tests.core.cases import resource

BOSS = "boss"
DEFINITION = "Microsoft.Graph/directoryRoleDefinitions"
TYPES = {word: kind for kind, (word, _) in KINDS.items()} | {word: kind for kind, word in UNLISTED.items()}
SETTINGS: dict[str, dict[str, Any]] = {  # mark → the properties that give it
    "roles": {"enableRbacAuthorization": True},
    "access policies": {"enableRbacAuthorization": False},
}
OTHERWISE: dict[str, dict[str, Any]] = {  # mark → properties or fields that take it away
    "roles": {"enableRbacAuthorization": False},
    "access policies": {"enableRbacAuthorization": True},
    "shared keys": {"disableLocalAuth": True, "allowSharedKeyAccess": False},
    "local accounts": {"disableLocalAccounts": True},
}
DATA = tuple(f"/{one}/action" for one in ("login", "loginAsAdmin", "getSecret", "sign", "decrypt", "unwrap"))
IN_HAND = {"user": "User", "group": "Group"}


def definition(name: str, *actions: str, **more: Any) -> Resource:
    """A role of the directory."""
    told = {"templateId": name, "rolePermissions": [{"allowedResourceActions": list(actions)}], **more}
    return resource(DEFINITION, f"/directoryRoleDefinitions/{name}", region="global", resource=told)


def principal(who: str, **more: Any) -> Resource:
    told = {"id": who, "appId": f"app-{who}", "displayName": who, "servicePrincipalType": "Application",
            "accountEnabled": True, **more}  # fmt: skip
    sections: dict[str, Any] = {"resource": told, PRINCIPAL_OWNERS: []}
    return resource(PRINCIPAL, f"/servicePrincipals/{who}", region="global", **sections)


def application(who: str, *owners: str) -> Resource:
    sections: dict[str, Any] = {"resource": {"appId": f"app-{who}"}, OWNERS: [{"id": one} for one in owners]}
    return resource(APPLICATION, f"/applications/of-{who}", region="global", **sections)


def team(who: str, *members: str, owners: tuple[str, ...] = (), **more: Any) -> Resource:
    named: dict[str, Any] = {MEMBERS: [{"id": one} for one in members], GROUP_OWNERS: [{"id": one} for one in owners]}
    return resource(GROUP, f"/groups/{who}", region="global", resource={"id": who, **more}, **named)


def crown(kind: str = "ServicePrincipal") -> Resource:
    return holds(BOSS, "Owner", kind=kind)


def target(rule: Rule, *, marked: bool = True) -> tuple[Resource, ...]:
    """What the rule is about, run by the boss, or being it.  Without its marks if not `marked`."""
    kind, state = kind_of(rule), rule.target.state
    if kind in TYPES:
        return (thing(TYPES[kind], state, marked),)
    if kind == "user-assigned identity":
        return (at(IDENTITY, "id", properties={"principalId": BOSS}),)
    if kind == "service principal":
        return (principal(BOSS),)
    if kind == "application":
        return (application(BOSS), principal(BOSS))
    if kind == "group":
        more = {
            "dynamic": {"membershipRule": "user.department -eq 'it'"},
            "role-assignable": {"isAssignableToRole": True},
        }
        other = {"plain": {"isAssignableToRole": True}}
        return (team(BOSS, **(more.get(*state, {}) if marked and state else other.get(*state, {}) if state else {})),)
    if kind == "user" and not marked:
        return (directory_role(BOSS, GLOBAL_ADMINISTRATOR),)
    if kind == "conditional access policy":
        sections: dict[str, Any] = {"resource": {"id": "t"}, POLICIES: [{"id": "p1", "displayName": "second factor"}]}
        return (resource(TENANT, "/organization/t", region="global", **sections),)
    return ()


def thing(kind: str, state: tuple[str, ...], marked: bool) -> Resource:
    properties: dict[str, Any] = {}
    for mark in state:
        properties |= SETTINGS.get(mark, {}) if marked else OTHERWISE.get(mark, {})
    body = {"identity": {"system": BOSS}, "kind": "functionapp" if marked else "app"}
    found = at(kind, "it", body=body, properties=properties)
    if kind.startswith("Microsoft.Graph/"):
        return resource(kind, "/agentIdentityBlueprints/it", region="global", resource=found.documents["resource"])
    return found


def asked(rule: Rule) -> list[str]:
    """The permissions of the rule, one for each need."""
    return [need.permission for need in rule.needs]


def grant(permissions: list[str], who: str = ME, scope: str = HOME, **more: Any) -> tuple[Resource, ...]:
    """A role with these permissions and no other, held by somebody; in the directory where they are of it."""
    found: list[Resource] = []
    if ELEVATE in permissions:
        found.append(directory_role(who, GLOBAL_ADMINISTRATOR))
    mine = [one for one in permissions if one != ELEVATE]
    actions = [one for one in mine if one.startswith(("microsoft.directory/", "microsoft.intune/"))]
    named = [one for one in mine if "/" not in one]
    plain = [one for one in mine if one.startswith("Microsoft.") and not one.endswith(DATA)]
    data = [one for one in mine if one.startswith("Microsoft.") and one.endswith(DATA)]
    if actions:
        found += [definition("part", *actions), directory_role(who, "part")]
    if named:
        found += [api(**{f"id{at}": one.replace(".", "_") for at, one in enumerate(named)})]
        found += [app_role(who, f"id{at}") for at, _ in enumerate(named)]
    if plain or data:
        found += [role("Part", plain, data={"dataActions": data}, kind="CustomRole"), holds(who, "part", scope, **more)]
    return tuple(found)


def around(rule: Rule) -> tuple[Resource, ...]:
    """What stands around a caller by the rule: the target, and the boss who is worth it."""
    return (*target(rule), *((crown(IN_HAND.get(kind_of(rule), "ServicePrincipal")),) if gains(rule) else ()))


def gains(rule: Rule) -> bool:
    return rule.gives in ("become", "join")


def ground(*resources: Resource, unread: frozenset[str] = frozenset()) -> AzureGround:
    return AzureGround(case(subscription(), *resources, unread=unread).estate(), AzureEngine)


def used(made: AzureGround, who: str = ME) -> set[str]:
    """The rules that surely, or on a condition, lead a caller to the boss, to an administrator's power, to a thing."""
    chains = Chains(made)
    leads, found = chains.base, set[str]()
    place = chains.place.get(who)
    boss = chains.place.get(BOSS)
    for lead in leads.steps(place).all() if place is not None else ():
        if lead.rule.gives in ("become", "join"):
            hit = boss is not None and bool(lead.gains[0] >> boss & 1)
        elif lead.rule.gives == "admin_self":
            things = [one for at, one in enumerate(leads.things) if lead.things[0] >> at & 1]
            crowned = [made.crowned(leads.principals[place or 0], one) for one in things]
            hit = any(one.answer in (Answer.ALLOWED, Answer.IF) for one in crowned)
        else:
            hit = bool(lead.things[0])
        found |= {lead.rule.id} if hit else set()
    return found


def together(who: str = ME) -> Resource:
    """A group that the caller is in."""
    return group(TEAM, who)
