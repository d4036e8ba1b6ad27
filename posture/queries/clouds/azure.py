"""Azure: subscriptions, a custom role in each, and application permissions of Microsoft Graph in the directory.

A role never holds permissions of Microsoft Graph: an administrator of the directory consents to those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from posture.queries.clouds import azure_functions
from posture.queries.clouds.cloud import Cloud, Document, Level, Remedy

ROLE = "posture reads"
SUBSCRIPTION, IDENTITY = "SUBSCRIPTION_ID", "OBJECT_ID_OF_THE_IDENTITY"
GROUP = "/providers/Microsoft.Management/managementGroups/GROUP_ID"
GRAPH = "Microsoft.Graph/"  # before a permission of Microsoft Graph, as the call tables write it
GRAPH_APP = "00000003-0000-0000-c000-000000000000"  # of Microsoft Graph in every directory
CREDENTIALS = {
    "AuthenticationFailed", "ClientAuthenticationError", "CredentialUnavailableError", "ExpiredAuthenticationToken",
    "InvalidAuthenticationToken", "InvalidAuthenticationTokenTenant",
}  # fmt: skip


def role(actions: Iterable[str], scope: str = f"/subscriptions/{SUBSCRIPTION}") -> Document:
    """As `az role definition create --role-definition` takes it."""
    return {
        "Name": ROLE,
        "IsCustom": True,
        "Description": "Reads settings and policies, never data, and changes nothing.",
        "Actions": sorted(action for action in actions if not action.startswith(GRAPH)),
        "NotActions": [],
        "AssignableScopes": [scope],
    }


def consents(actions: Iterable[str]) -> Document:
    """Application permissions of Microsoft Graph, by name."""
    wanted = sorted(action.removeprefix(GRAPH) for action in actions if action.startswith(GRAPH))
    return {"Api": "Microsoft Graph", "ApplicationPermissions": wanted}


def documents(actions: Iterable[str]) -> list[Document]:
    """The role, and what is consented to in the directory; of either only where something is in it."""
    return _documents(actions, f"/subscriptions/{SUBSCRIPTION}")


def documents_above(actions: Iterable[str]) -> list[Document]:
    """The same for a management group: a role that is made there holds in everything below."""
    return _documents(actions, GROUP)


def _documents(actions: Iterable[str], scope: str) -> list[Document]:
    wanted = list(actions)
    return [one for one in (role(wanted, scope), consents(wanted)) if _held(one)]


def written(document: Document) -> str:
    return json.dumps(document, indent=2)


def _held(document: Document) -> list[str]:
    held: list[str] = document["Actions"] if "Actions" in document else document["ApplicationPermissions"]
    return held


def commands(scope: str = f"/subscriptions/{SUBSCRIPTION}") -> str:
    """The role, made and given to the identity that this machine signs in with."""
    return "\n".join(
        [
            CREATE,
            f"az role assignment create --assignee-object-id {IDENTITY} --assignee-principal-type ServicePrincipal \\",
            f'  --role "{ROLE}" --scope {scope}',
        ]
    )


def consent(actions: Iterable[str]) -> str:
    """What an administrator of the directory runs."""
    names = " ".join(consents(actions)["ApplicationPermissions"])
    assigned = f"https://graph.microsoft.com/v1.0/servicePrincipals/{IDENTITY}/appRoleAssignments"
    said = {"principalId": IDENTITY, "resourceId": "'$graph'", "appRoleId": "'$id'"}
    return "\n".join(
        [
            f"graph=$(az ad sp show --id {GRAPH_APP} --query id -o tsv)",
            f"for name in {names}; do",
            f"  id=$(az ad sp show --id {GRAPH_APP} --query \"appRoles[?value=='$name'].id | [0]\" -o tsv)",
            f"  az rest --method post --url {assigned} \\",
            f"    --body '{json.dumps(said)}'",
            "done",
        ]
    )


def addition(actions: Iterable[str], account: str) -> str:
    return "\n".join(written(one) for one in documents(actions))


def denied(code: str, message: str) -> Remedy:
    if code in CREDENTIALS:
        return "The credentials of the scan were not accepted any more. Scan again with fresh ones.", False
    return "Add this to the scanning role, or consent to it in the directory; a deny assignment outweighs that.", True


CREATE = "az role definition create --role-definition @posture-role.json"
CLOUD = Cloud(
    name="Azure",
    account="subscription",
    article="an",
    family="management group",
    trusts="tenants",
    cli="Azure CLI",
    regional=False,
    closed="Its resource provider is not registered in this subscription, so nothing of its kind can be made there.",
    written=written,
    documents=documents,
    document_name="custom role",
    measured=lambda document: f"{len(_held(document))} permissions",
    levels={
        "subscription": Level(make=CREATE),
        "management-group": Level(make=CREATE, lists=True, documents=documents_above),
    },
    addition=addition,
    addition_name="Permissions to add",
    denied=denied,
    acts="identity",
    runs=azure_functions.RUNS,
    open_to=azure_functions.OPEN_TO,
)
