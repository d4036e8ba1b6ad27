"""User-assigned managed identities, and whom they trust: federated credentials let another issuer's tokens be them."""

from __future__ import annotations

from scanners.collectors.azure.words import ask, by_id, keep, two_roads
from scanners.collectors.cloud import Detail

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"

COLLECTORS = (
    two_roads(
        IDENTITY,
        service="msi",
        listed="user_assigned_identities.list_by_subscription",
        fields=("principalId", "clientId", "tenantId"),
        details=(
            Detail(
                ask(
                    "msi",
                    "federated_identity_credentials.list",
                    f"{IDENTITY}/federatedIdentityCredentials/read",
                    items="value",
                ),
                bind=by_id,
                shape=keep("name", "properties.issuer", "properties.subject", "properties.audiences"),
            ),
        ),
    ),
)
