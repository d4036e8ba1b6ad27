"""What a scan of the sample subscription must find: check id → what must fail, and what must pass.

Names are those of the resources, or the subject that is judged.  `fails` is complete for these checks.
"""

from __future__ import annotations

from posture.runtime.sample.azure.estate import GROUP, SUBSCRIPTION, principal
from posture.runtime.sample.mistakes import Expected, expected

ORDERS, HOOK, STORE = "fernhollow-orders", "fernhollow-webhook", "fernhollow-storefront"
OFFICE, LEDGER = "fernhollow-backoffice", "fernhollow-ledger"
WHOLE = f"/subscriptions/{SUBSCRIPTION}"


def assigned(role: str, who: str, scope: str = WHOLE) -> str:
    """The name that the assignment has."""
    return principal(f"{role}{principal(who)}{scope}")


UNUSED = (assigned("Owner", "grace"), assigned("User Access Administrator", "grace"), assigned("Contributor", OFFICE))
USED = (assigned("Owner", "ada"), assigned("Contributor", "deploy-pipeline"))

EXPECTED: dict[str, Expected] = {
    "azure.function.anonymous_http": expected(HOOK, f"{ORDERS} {LEDGER}"),
    "azure.app.auth_off": expected(f"{HOOK} {OFFICE}", f"{ORDERS} {STORE} {LEDGER}"),
    "azure.app.https_only": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.min_tls": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.public_network": expected(f"{HOOK} {OFFICE}", f"{ORDERS} {STORE} {LEDGER}"),
    "azure.app.identity": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.identity_privileged": expected(OFFICE, f"{ORDERS} {STORE} {LEDGER} catalog partner-api"),
    "azure.app.settings_secret": expected(f"{HOOK} {OFFICE}", f"{ORDERS} {STORE} {LEDGER}"),
    "azure.app.runtime_eol": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.cors_any": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.ftp_basic_auth": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.logging": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.client_cert": expected(HOOK, ORDERS),
    "azure.app.remote_debug": expected(HOOK, f"{ORDERS} {STORE} {OFFICE} {LEDGER}"),
    "azure.app.vnet": expected(f"{HOOK} {STORE} {OFFICE} {LEDGER}", ORDERS),
    "azure.function.storage_keys": expected(HOOK, f"{ORDERS} {LEDGER}"),
    "azure.containerapp.identity_secret": expected("price-feed", "catalog partner-api"),
    "azure.edge.waf": expected("old-gateway fernhollow-door fernhollow-side-door", "shop-gateway"),
    "azure.apim.no_auth": expected("fernhollow-old-api", "fernhollow-api"),
    "azure.apim.plain_named_value": expected("fernhollow-old-api", "fernhollow-api"),
    "azure.apim.transport": expected("fernhollow-old-api", "fernhollow-api"),
    "azure.eventgrid.access": expected("fernhollow-old-events", "fernhollow-orders-made"),
    "azure.logicapp.trigger_open": expected("old-orders", "partner-orders"),
    "azure.aks.hardening": expected("sandbox", "shop"),
    "azure.keyvault.logging": expected("fernhollow-old-vault", "fernhollow-vault"),
    "azure.network.flow_logs": expected("attic", ""),
    "azure.monitor.alerts": expected("Fernhollow-shop", ""),
    "azure.defender.contact": expected("Fernhollow-shop", ""),
    "azure.entra.consent_guest": expected("Fernhollow", ""),
    "azure.containerapp.exposed": expected("price-feed", "catalog partner-api"),
    "azure.acr.access": expected("fernhollowlegacy", "fernhollowshop"),
    "azure.aks.exposed": expected("sandbox", "shop"),
    "azure.servicebus.access": expected("fernhollow-old-bus", "fernhollow-bus"),
    "azure.eventhub.access": expected("fernhollow-clicks", "fernhollow-events"),
    "azure.iam.owner_count": expected("Fernhollow-shop", ""),
    "azure.iam.custom_owner": expected("everything-but-billing", "order-reader scanner-additions"),
    "azure.iam.sp_privileged": expected(f"deploy-pipeline {OFFICE}", f"{ORDERS} catalog-sync hr-sync"),
    "azure.iam.unused_assignment": expected(
        " ".join(UNUSED), " ".join((*USED, assigned("Contributor", "fernhollow-deploys", GROUP)))
    ),
    "azure.entra.admin_mfa": expected("Fernhollow", ""),
    "azure.entra.app_credentials": expected("legacy-export", "shop-web ci"),
    "azure.entra.app_graph_rights": expected("hr-sync", "catalog-sync deploy-pipeline"),
    "azure.entra.federated_open": expected("deploy-pipeline", "ci shop-web"),
    "azure.storage.public": expected("fernhollowimages fernhollowbackups", "fernhollowreceipts drafts"),
    "azure.storage.transport_keys": expected("fernhollowbackups", "fernhollowreceipts fernhollowimages"),
    "azure.keyvault.access": expected("fernhollow-old-vault", "fernhollow-vault"),
    "azure.keyvault.recoverable": expected("fernhollow-old-vault", "fernhollow-vault"),
    "azure.keyvault.expiry": expected("fernhollow-old-vault", "fernhollow-vault"),
    "azure.sql.exposed": expected("fernhollow-reporting", "fernhollow-orders-db"),
    "azure.cosmos.access": expected("fernhollow-carts", "fernhollow-catalog"),
    "azure.network.nsg_open": expected("legacy-nsg", "shop-nsg"),
    "azure.monitor.activity_export": expected("Fernhollow-shop", ""),
    "azure.defender.plans": expected("Fernhollow-shop", "AppServices Arm"),
}
