"""What a scan of the sample project must find: check id → what must fail, and what must pass.

Names are those of the resources, or the subject that is judged.  `fails` is complete for these checks.
"""

from __future__ import annotations

from posture.runtime.sample.gcp.estate import account
from posture.runtime.sample.mistakes import Expected, expected

RUNS = "orders-api storefront receipts deploy-hook"
PROJECT = "fernhollow-shop"

EXPECTED: dict[str, Expected] = {
    "gcp.run.public_invoker": expected(
        "storefront price-feed receipts partner-hook", "orders-api deploy-hook fraud-score"
    ),
    "gcp.run.ingress_all": expected("storefront price-feed partner-hook", "orders-api receipts deploy-hook"),
    "gcp.run.default_sa": expected("price-feed partner-hook", RUNS),
    "gcp.run.sa_privileged": expected("deploy-hook price-feed partner-hook", "orders-api storefront receipts"),
    "gcp.run.env_secret": expected("price-feed", RUNS),
    "gcp.functions.public_invoker": expected("legacy-export partner-hook", "send-receipt fraud-score thumbnailer"),
    "gcp.functions.ingress_all": expected("legacy-export partner-hook", "send-receipt fraud-score thumbnailer"),
    "gcp.functions.default_sa": expected("legacy-export partner-hook", "send-receipt fraud-score thumbnailer"),
    "gcp.functions.runtime_deprecated": expected("legacy-export thumbnailer", "send-receipt fraud-score partner-hook"),
    "gcp.functions.env_secret": expected("legacy-export partner-hook", "send-receipt fraud-score thumbnailer"),
    "gcp.apikeys.unrestricted": expected("legacy-key", "maps-web"),
    "gcp.run.vpc_egress": expected("storefront price-feed receipts deploy-hook fraud-score partner-hook", "orders-api"),
    "gcp.run.binauthz": expected("storefront price-feed receipts deploy-hook fraud-score partner-hook", "orders-api"),
    "gcp.run.no_max_instances": expected("price-feed", "storefront orders-api receipts partner-hook"),
    "gcp.run.sa_shared": expected("orders-api fraud-score storefront receipts", "deploy-hook price-feed"),
    "gcp.functions.http_plain": expected("legacy-export", "send-receipt thumbnailer fraud-score"),
    "gcp.functions.vpc": expected("legacy-export thumbnailer fraud-score partner-hook", "send-receipt"),
    "gcp.gke.hardening": expected("sandbox", "shop"),
    "gcp.secretmanager.rotation": expected("partner-token", "orders-db-password"),
    "gcp.logging.sink": expected(PROJECT, ""),
    "gcp.logging.alerts": expected(PROJECT, "ownership"),
    "gcp.essential_contacts": expected(PROJECT, ""),
    "gcp.iam.sa_unused": expected(
        f"{account('legacy-batch')} {account('partner-sync')}", f"{account('orders-api')} {account('deployer')}"
    ),
    "gcp.apigateway.no_security": expected("partners-v2 prices-v2", "orders-v2 drafts-v2"),
    "gcp.lb.tls_policy": expected("legacy-web partner-web", "web"),
    "gcp.compute.flow_logs": expected("legacy", "shop proxies"),
    "gcp.scheduler.http_no_auth": expected("ping-storefront", "nightly-receipts close-the-day"),
    "gcp.lb.armor": expected("legacy-web", "web"),
    "gcp.pubsub.public": expected("page-views orders-archive", "orders orders-to-receipts"),
    "gcp.pubsub.push_no_auth": expected("orders-to-partner orders-in-clear", "orders-to-receipts"),
    "gcp.iam.public_member": expected(PROJECT, "folders/555000111222 organizations/987654321012"),
    "gcp.iam.basic_roles": expected(PROJECT, "folders/555000111222 organizations/987654321012"),
    "gcp.iam.external_member": expected(PROJECT, "folders/555000111222 organizations/987654321012"),
    "gcp.iam.sa_impersonation_wide": expected(PROJECT, "folders/555000111222 organizations/987654321012"),
    "gcp.iam.sa_user_keys": expected(
        f"{account('legacy-batch')} {account('partner-sync')}", f"{account('orders-api')} {account('deployer')}"
    ),
    "gcp.iam.unused_permissions": expected(PROJECT, ""),
    "gcp.iam.wif_open": expected("ci/github-any ci/gitlab-loose", "ci/github staff/own-login"),
    "gcp.org.constraints": expected(
        "iam.disableServiceAccountKeyCreation iam.allowedPolicyMemberDomains run.allowedIngress"
        " storage.publicAccessPrevention",
        "iam.automaticIamGrantsForDefaultServiceAccounts cloudfunctions.allowedIngressSettings sql.restrictPublicIp",
    ),
    "gcp.storage.public": expected(
        "fernhollow-product-images fernhollow-old-exports", "fernhollow-receipts fernhollow-was-public"
    ),
    "gcp.storage.ubla": expected("fernhollow-old-exports", "fernhollow-receipts fernhollow-product-images"),
    "gcp.secretmanager.access": expected("partner-token orders-db-password", ""),
    "gcp.kms.public_or_stale": expected("exports archive", "orders signing"),
    "gcp.sql.exposed": expected("reporting staging", "orders"),
    "gcp.bigquery.public": expected("open_catalog shared_prices", "sales"),
    "gcp.compute.firewall_open": expected("allow-ssh-anywhere allow-postgres-range", "allow-office allow-web"),
    "gcp.logging.audit_config": expected(PROJECT, ""),
    "gcp.artifacts.scanning": expected("open-source unscanned", "shop"),
    "gcp.gke.exposed": expected("sandbox", "shop"),
    "gcp.gke.identity": expected("sandbox", "shop"),
}
