"""Names of actions: on which plane they are, how grave they are, and what people ask first.

Three systems have actions: Azure itself ("Microsoft.Web/sites/write"), on the control plane or on data; the directory
("microsoft.directory/applications/credentials/update"); and Microsoft Graph's application permissions
("Application.ReadWrite.All").  Of Azure's the plane is told by a role or the catalogue that names the action; where
stars of both planes cover it, nobody told; where no role's stars for data do, it is of the control plane.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanners.access.azure.roles import Role
from scanners.access.explorer import NotFound
from scanners.catalog import azure_actions
from scanners.model.globs import matches

DIRECTORY, INTUNE = "microsoft.directory/", "microsoft.intune/"  # roles of the directory name actions of both
GRAPH = "microsoft.graph/"
NAME = re.compile(r"[A-Za-z0-9.\-]+(/[A-Za-z0-9.\-_$]+)+")
PERMISSION = re.compile(r"(?:Microsoft\.Graph/)?([A-Z][A-Za-z]+(?:[.-][A-Z][A-Za-z0-9]*)+)", re.IGNORECASE)
OFTEN = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Web/sites/publish/action",
    "Microsoft.Web/sites/host/listkeys/action",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "microsoft.directory/applications/credentials/update",
    "Application.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
)
# They change who may do what, though their provider is another.
ALSO_RIGHTS = frozenset(
    one.casefold()
    for one in (
        "Microsoft.KeyVault/vaults/accessPolicies/write",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions/write",
        "Microsoft.Sql/servers/administrators/write",
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators/write",
        "Microsoft.ManagedServices/registrationAssignments/write",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/modifyPermissions/action",
    )
)


@dataclass(frozen=True, eq=False)
class Actions:
    """`spelled`: by name in small letters, as it is written; `control` and `data` are those whose plane is told."""

    spelled: dict[str, str]
    control: frozenset[str]
    data: frozenset[str]
    data_stars: tuple[str, ...]

    def planes(self, action: str) -> tuple[bool, ...]:
        """False: control, True: data; both where nobody told which."""
        name = action.casefold()
        told = tuple(plane for plane, names in ((False, self.control), (True, self.data)) if name in names)
        if told:
            return told
        if not any(matches(one, name) for one in self.data_stars):
            return (False,)
        return (False, True)

    def why_both(self, action: str) -> str:
        """Why both planes were asked, and no answer follows where they differ."""
        if action.casefold() in self.control & self.data:
            return f"{action} is an action on both planes, which answer differently"
        return f"nobody told whether {action} is an action on data"

    def names(self) -> Iterable[tuple[str, bool]]:
        """(name in small letters, whether on data) of all that is known."""
        yield from ((name, False) for name in sorted(self.control))
        yield from ((name, True) for name in sorted(self.data - self.control))


def gathered(roles: Iterable[Role | str]) -> Actions:
    """Of the catalogue and of what roles name without a star."""
    spelled: dict[str, str] = {}
    names: dict[bool, set[str]] = {False: set(), True: set()}
    stars: dict[bool, set[str]] = {False: set(), True: set()}
    for role in roles:
        for text, data in _told(role) if isinstance(role, Role) else ():
            if "*" in text:
                stars[data].add(text.casefold())
            elif "/" in text:
                names[data].add(text.casefold())
                spelled[text.casefold()] = text
    for data in (False, True):
        for one in azure_actions.actions(data=data):
            names[data].add(one.casefold())
            spelled[one.casefold()] = one
    narrow = tuple(sorted(one for one in stars[True] if one.strip("*/")))
    return Actions(spelled, frozenset(names[False]), frozenset(names[True]), narrow)


def _told(role: Role) -> Iterator[tuple[str, bool]]:
    """As the role spells them; those that it subtracts as well."""
    told = role.document.get("permissions") if isinstance(role.document, dict) else None
    for permission in told if isinstance(told, list) else ():
        for name, data in (("actions", False), ("notActions", False), ("dataActions", True), ("notDataActions", True)):
            texts = permission.get(name) if isinstance(permission, dict) else None
            for text in texts if isinstance(texts, list) else ():
                if isinstance(text, str):
                    yield text, data


def graph_permission(action: str) -> str | None:
    """The name of an application permission of Microsoft Graph, without the word before it; None for other actions."""
    found = PERMISSION.fullmatch(action)
    return found[1] if found else None


def is_of_directory(action: str) -> bool:
    return action.casefold().startswith((DIRECTORY, INTUNE))


def one_action(text: str, known: Actions) -> str:
    """Raises NotFound for what names no single action."""
    told = text.strip()
    if permission := graph_permission(told):
        return permission
    if not NAME.fullmatch(told):
        what = "names many actions: ask for one" if "*" in told else "is no action"
        raise NotFound(f"{told[:80]!r} {what}, as Microsoft.Web/sites/write is")
    return known.spelled.get(told.casefold(), told)


def provider(action: str) -> str:
    """In small letters."""
    return action.casefold().partition("/")[0]


def access_level(action: str) -> str:
    """By the verb that ends its name: what is neither read nor listed changes something, or hands something out."""
    name = action.casefold()
    verb = name.rpartition("/")[2]
    if verb == "read":
        return "Read"
    if name.startswith("microsoft.authorization/") or name in ALSO_RIGHTS:
        return "Permissions management"
    return "Tagging" if name.startswith("microsoft.resources/tags/") or name.endswith("/tags/write") else "Write"
