"""Who may do what in Azure and its directory: `engine.AzureEngine` for whole questions, `rights` for those of checks.

Assignments add up from the root to the resource; a role is its actions less its notActions, which is a subtraction and
no denial: another role may give them back.  Deny assignments come first, whatever is allowed.  What may be activated
(PIM) is not held: it is allowed if it is activated.  Sources: "Understand how access is evaluated", "Understand Azure
role definitions", "List Azure deny assignments", "Azure role assignment condition format and syntax" (Azure RBAC
documentation), "Microsoft Entra built-in roles", read 2026-11.

Limits: management groups above the subscription are known by their names alone, so each that an assignment names is
taken to be above.  Classic administrators ended in 2024.  Members of groups with hidden membership are not told.
That a principal is switched off takes nothing from what it holds.  Data of a resource that its own keys or its own
roles open (storage keys, roles of Cosmos DB, access policies of vaults) are not part of a decision.
"""

from scanners.access.azure.rights import (
    API,
    APP_ROLE,
    APPLICATION,
    ASSIGN,
    ASSIGNMENT,
    DEFINITION,
    DENIAL,
    DIRECTORY_ROLE,
    ELIGIBLE,
    ELIGIBLE_GROUP,
    GROUP,
    MAY_ACTIVATE,
    MEMBERS,
    OWNERS,
    PRINCIPAL,
    RESOURCE,
    RULING_GROUP,
    SUBSCRIPTION,
    Grant,
    allows,
    app_roles,
    covers,
    definition,
    denied,
    directory_roles,
    grants,
    held_by,
    identities,
    is_wide,
    level,
    owned,
    people,
    steps,
    strong,
)

__all__ = [
    "API",
    "APPLICATION",
    "APP_ROLE",
    "ASSIGN",
    "ASSIGNMENT",
    "DEFINITION",
    "DENIAL",
    "DIRECTORY_ROLE",
    "ELIGIBLE",
    "ELIGIBLE_GROUP",
    "GROUP",
    "MAY_ACTIVATE",
    "MEMBERS",
    "OWNERS",
    "PRINCIPAL",
    "RESOURCE",
    "RULING_GROUP",
    "SUBSCRIPTION",
    "Grant",
    "allows",
    "app_roles",
    "covers",
    "definition",
    "denied",
    "directory_roles",
    "grants",
    "held_by",
    "identities",
    "is_wide",
    "level",
    "owned",
    "people",
    "steps",
    "strong",
]
