"""What a scan of the sample account must find: check id → what must fail, and what must pass.

The account is judged as on the day it was founded; `aws.lambda.runtime_near_eol` depends on the date (ruby3.3 of
`notifications-sms` comes within 120 days of its end on 2026-12-01) and is left out. Names are those a person would use:
of functions, APIs, domains, people, roles, policies, buckets, queues, topics, tables, secrets, trails, databases and
their snapshots, load balancers, repositories, families of tasks, services, clusters, pools; of distributions their
domain, of keys the alias, of networks and machines their Name tag, of security groups their name, and of the account
its number. `fails` is complete for these checks unless the comment says otherwise; `passes` is a choice.
"""

from __future__ import annotations

from typing import NamedTuple

ACCOUNT = "424242424242"


class Expected(NamedTuple):
    fails: frozenset[str]
    passes: frozenset[str]


def expected(fails: str, passes: str) -> Expected:
    return Expected(frozenset(fails.split()), frozenset(passes.split()))


FUNCTIONS = {
    "aws.lambda.public_policy": expected(
        "legacy-report-export price-feed payments-webhook", "orders-api images-resize fraud-score partner-api"
    ),
    "aws.lambda.cross_account_invoke": expected("exports-partner", "fraud-score partner-api orders-api"),
    "aws.lambda.service_principal_unscoped": expected("images-watermark", "images-resize orders-api secrets-rotator"),
    "aws.lambda.url_no_auth": expected("payments-webhook", "partner-api"),
    "aws.lambda.url_cors_any_origin": expected("payments-webhook", "partner-api"),
    "aws.lambda.role_trust_extra": expected("admin-toolbox", "orders-api edge-headers reporting-daily"),
    "aws.lambda.runtime_deprecated": expected(
        "legacy-report-export search-reindex reporting-adhoc", "orders-api checkout-api images-resize"
    ),
    "aws.lambda.env_secret": expected("payments-webhook reporting-adhoc", "orders-api search-api checkout-api"),
    "aws.lambda.foreign_layer": expected("notifications-sms", "orders-api orders-worker"),
    # Not complete: whether what stands behind a public API counts as exposed is the check's to say.
    "aws.lambda.no_concurrency_limit": expected("payments-webhook", "partner-api orders-api"),
    "aws.lambda.log_retention": expected(
        "payments-webhook legacy-report-export price-feed images-watermark reporting-adhoc",
        "orders-api reporting-daily",
    ),
    "aws.lambda.data_events_off": expected(
        "price-feed legacy-report-export edge-headers", "orders-api payments-webhook reporting-daily"
    ),
    "aws.lambda.foreign_event_source": expected("fraud-feed", "orders-worker catalog-indexer notifications-email"),
}
GATEWAYS = {
    "aws.apigw.method_no_auth": expected("legacy-orders", "storefront partner"),
    "aws.apigw.v2_route_no_auth": expected("search order-ticker", "shop support-chat"),
    "aws.apigw.public_endpoint": expected("storefront legacy-orders", "partner ledger payments-internal"),
    "aws.apigw.policy_open_private": expected("payments-internal", "ledger"),
    "aws.apigw.no_waf": expected(
        "legacy-orders", "storefront"
    ),  # not complete: `partner` is public to some addresses only
    "aws.apigw.no_access_log": expected("legacy-orders search order-ticker", "storefront partner shop support-chat"),
    "aws.apigw.no_request_validation": expected("legacy-orders payments-internal", "storefront partner"),
    "aws.apigw.no_throttle": expected("legacy-orders search order-ticker", "storefront shop"),
    "aws.apigw.stage_secret": expected("payments-internal", "storefront partner"),
    "aws.apigw.backend_client_cert": expected("payments-internal", "ledger"),
    "aws.apigw.cache_unencrypted": expected("payments-internal", "storefront partner"),
    "aws.apigw.full_data_trace": expected("payments-internal", "storefront partner"),
    "aws.apigw.http_backend": expected("payments-internal", "storefront partner"),
    "aws.apigw.tls_policy": expected("orders.fernhollow.test", "api.fernhollow.test shop.fernhollow.test"),
}
PEOPLE = {
    "aws.iam.root_mfa": expected(ACCOUNT, ""),
    "aws.iam.root_access_key": expected("", ACCOUNT),
    "aws.iam.root_recent_use": expected("", ACCOUNT),
    "aws.iam.user_mfa": expected("ben.osei", "alice.martin carla.reyes dmitri.novak"),
    "aws.iam.access_key_age": expected("ci-deploy old-contractor", "carla.reyes reporting-sync"),
    "aws.iam.unused_credentials": expected("dmitri.novak old-contractor", "alice.martin reporting-sync ci-deploy"),
    "aws.iam.long_lived_user_keys": expected("ci-deploy reporting-sync", "alice.martin"),
    "aws.iam.policy_admin": expected("break-glass", "read-orders deploy-functions no-iam-boundary"),
    "aws.iam.kms_decrypt_all": expected(
        "decrypt-anything", "decrypt-in-sqs-only read-orders"
    ),  # not complete: administrators may too
    "aws.iam.trust_everyone": expected("open-door", "family-readers PostureAudit github-deploy"),
    "aws.iam.trust_external_no_condition": expected("analytics-vendor", "parcel-partner"),
    "aws.iam.password_policy": expected(ACCOUNT, ""),
    "aws.iam.two_active_keys": expected("reporting-sync", "carla.reyes ci-deploy old-contractor alice.martin"),
    "aws.iam.boundary_missing": expected("builder", "github-deploy orders-api-role"),
    "aws.iam.user_attached_policy": expected("ci-deploy", "alice.martin reporting-sync"),
    "aws.iam.notaction_allow": expected("all-but-people", "break-glass read-orders no-iam-boundary"),
    "aws.iam.service_wildcard": expected("queue-keeper", "trail-keeper read-orders all-but-people break-glass"),
    "aws.iam.cloudtrail_full": expected("trail-keeper all-but-people no-iam-boundary", "queue-keeper read-orders"),
    "aws.iam.trust_confused_deputy": expected("builder", "checkout-flow"),
    "aws.iam.cognito_trust_unscoped": expected("widget-visitors", "shop-visitors"),
    "aws.iam.oidc_unscoped": expected("github-any-repository github-no-subject", "github-deploy"),
}
STORES = {
    "aws.s3.public": expected(
        "fernhollow-images-public fernhollow-press-kit",
        "fernhollow-partner-feeds fernhollow-orders-archive fernhollow-exports",
    ),
    "aws.s3.account_bpa": expected(ACCOUNT, ""),
    "aws.s3.tls_only": expected(
        "fernhollow-press-kit fernhollow-exports fernhollow-old-backups", "fernhollow-invoices fernhollow-images-public"
    ),
    "aws.s3.cross_account": expected("fernhollow-exports", "fernhollow-invoices fernhollow-audit-trail"),
    "aws.kms.public_key_policy": expected("images-shared", "orders payments audit"),
    "aws.kms.rotation": expected(
        "reports images-shared", "orders payments audit"
    ),  # not complete: `old-exports` is leaving
    "aws.kms.pending_deletion": expected("old-exports", "orders reports"),
    "aws.secretsmanager.rotation": expected("orders/database", "payments/provider search/cluster"),
    "aws.secretsmanager.public": expected("partner/api-token exports/sftp", "reporting/warehouse payments/provider"),
    "aws.sqs.public": expected("partner-inbox", "orders notifications"),
    "aws.sqs.unencrypted": expected("legacy-exports", "orders notifications partner-inbox"),
    # Not complete: one queue of the shop has such a statement.
    "aws.sqs.no_tls_deny": expected("notifications partner-inbox legacy-exports", "orders"),
    "aws.sqs.no_dlq": expected("notifications catalog-changes partner-inbox", "orders"),
    "aws.logs.public_policy": expected("legacy-shipping", "search-logs"),
    "aws.sns.public": expected("shop-announcements", "partner-drops order-events on-call stock-alerts"),
    "aws.sns.unencrypted": expected("shop-announcements partner-drops", "order-events on-call"),
    "aws.dynamodb.pitr": expected("sessions legacy-customers", "orders carts"),
    "aws.dynamodb.resource_policy": expected("partner-stock", "orders"),
}
NETWORK = {
    "aws.ec2.sg_open_admin": expected("vendor-support windows-jump allow-all-temp", "bastion web functions"),
    "aws.ec2.sg_open_data": expected("legacy-database allow-all-temp", "orders-database warehouse"),
    "aws.ec2.sg_open_all": expected("allow-all-temp", "web legacy-database"),
    "aws.vpc.flow_logs": expected(
        "legacy default-us-east-1 default-eu-central-1", "shop reports default-eu-west-1 default-eu-south-1"
    ),
    "aws.vpc.peering_wide": expected("shop-old", "reports-old"),
    # Not complete: those of the default networks do so too.
    "aws.vpc.subnet_auto_public": expected("legacy-public", "shop-public shop-private legacy-private"),
    "aws.ec2.imdsv2": expected("legacy-reporting", "bastion search-warmup"),
    "aws.cloudtrail.multi_region": expected("", ACCOUNT),
    "aws.cloudtrail.integrity": expected("legacy-local", "everything"),
}

PLATFORM = {
    "aws.rds.unencrypted": expected(
        "legacy-shop-db catalog-aurora legacy-shop-final catalog-aurora-export",
        "orders-db warehouse-db orders-aurora orders-before-migration orders-aurora-yearly orders-aurora-1",
    ),
    "aws.rds.snapshot_public": expected(
        "legacy-shop-final catalog-aurora-export", "orders-before-migration orders-aurora-yearly warehouse-for-auditor"
    ),
    "aws.elbv2.http_listener": expected("legacy-front old-app", "shop-front back-office partner-feed"),
    "aws.elbv2.tls_policy": expected("legacy-front partner-feed", "shop-front back-office"),
    "aws.elbv2.waf": expected("legacy-front", "shop-front back-office partner-feed"),
    "aws.cloudfront.viewer_https": expected("press.fernhollow.test", "www.fernhollow.test"),
    "aws.ecr.scan": expected("legacy-batch", "orders-worker search-indexer reports-export"),
    "aws.ecr.vulnerable_in_use": expected("legacy-batch", "orders-worker search-indexer"),
    "aws.ecr.mutable_tags": expected("legacy-batch", "orders-worker base-images"),
    "aws.ecr.public_policy": expected("base-images", "search-indexer orders-worker"),
    "aws.ecs.privileged": expected("node-agent", "orders-worker search-indexer legacy-batch"),
    "aws.ecs.root_user": expected("legacy-batch", "orders-worker search-indexer node-agent"),
    "aws.ecs.env_secret": expected("legacy-batch", "orders-worker search-indexer node-agent"),
    "aws.ecs.exec_enabled": expected("legacy-batch", "orders-worker search-indexer"),
    "aws.ecs.service_connect_tls": expected("search-indexer", "orders-worker"),
    "aws.ecs.public_ip": expected("search-indexer", "orders-worker legacy-batch"),
    "aws.eks.public_endpoint": expected("experiments", "platform build"),
    "aws.events.bus_public": expected("partner-events", "shop-events"),
    "aws.appsync.api_key_auth": expected("widgets-graph", "catalog-graph"),
    "aws.cognito.mfa": expected("partners customers", "staff"),
}

UPKEEP = {
    "aws.lambda.apigw_wildcard_source": expected(
        "catalog-api search-api", "orders-api checkout-api identity-authorizer images-resize"
    ),
    # Not complete from here to the end of these five: most functions of the shop lack them.
    "aws.lambda.tracing_off": expected("orders-worker search-api payments-webhook", "orders-api"),
    "aws.lambda.vpc_single_az": expected("orders-worker checkout-api reporting-adhoc", "orders-api"),
    "aws.lambda.long_timeout_exposed": expected("payments-webhook", "catalog-indexer search-api orders-api"),
    "aws.lambda.env_cmk": expected("orders-worker search-api payments-webhook", "orders-api images-resize"),
    "aws.lambda.code_signing": expected("orders-worker checkout-api price-feed", "orders-api"),
    "aws.lambda.vpc_open_egress": expected("orders-worker checkout-api", "orders-api"),
    "aws.lambda.async_no_failure_target": expected("images-watermark", "images-resize orders-api catalog-indexer"),
}
DOORS = {
    "aws.apigw.jwt_no_audience": expected("loyalty", "shop"),
    "aws.apigw.apikey_only": expected("partner", "storefront ledger"),
    "aws.apigw.no_mtls": expected("partners.fernhollow.test", "carriers.fernhollow.test"),
    "aws.apigw.default_endpoint_open": expected("storefront", "shop legacy-orders search"),
    "aws.cognito.self_signup": expected("customers partners", "staff"),
    "aws.cognito.threat_protection": expected("customers partners", "staff"),
    "aws.cognito.client_flows": expected("mobile-2019", "staff-desk"),
    "aws.appsync.introspection": expected("widgets-graph", "catalog-graph"),
    "aws.appsync.no_logging": expected("widgets-graph", "catalog-graph"),
    "aws.cloudfront.waf": expected("press.fernhollow.test", "www.fernhollow.test"),
    "aws.cloudfront.s3_no_oac": expected("press.fernhollow.test", "www.fernhollow.test"),
    "aws.wafv2.empty_acl": expected("storefront", "edge"),
    "aws.wafv2.no_logging": expected("storefront", "edge"),
}
BASEMENT = {
    "aws.s3.kms": expected("fernhollow-exports", "fernhollow-orders-archive fernhollow-invoices fernhollow-press-kit"),
    "aws.rds.tls": expected("legacy-shop-db warehouse-db catalog-aurora", "orders-db orders-aurora"),
    "aws.rds.iam_auth": expected("legacy-shop-db warehouse-db catalog-aurora", "orders-db orders-aurora"),
    "aws.ecs.writable_root": expected("search-indexer node-agent legacy-batch", "orders-worker"),
    "aws.ecs.no_logging": expected("search-indexer node-agent legacy-batch", "orders-worker"),
    "aws.eks.secrets_encryption": expected("build experiments", "platform"),
    "aws.eks.control_plane_logs": expected("build experiments", "platform"),
    "aws.eks.version": expected("build experiments", "platform"),
    "aws.eks.access_admins": expected("experiments", "platform build"),
    "aws.ec2.default_sg": expected("default", "shop-default"),
    "aws.vpc.no_endpoints": expected("reports", "shop"),
    "aws.vpc.endpoint_policy_open": expected("shop-dynamodb shop-api", "shop-s3"),
    "aws.lambda.efs_no_transit": expected("checkout-api", "orders-worker"),
    "aws.lattice.no_auth": expected("legacy-mesh partner-mesh", "orders-mesh shop-mesh"),
}
FAMILY = {
    "aws.org.member": expected("", ACCOUNT),
}

WATCH = {  # what stands in each region once is called by its region; of eu-south-1 nothing is said
    "aws.iam.access_analyzer": expected("eu-central-1", "eu-west-1 us-east-1"),
    "aws.guardduty.enabled": expected("eu-central-1 us-east-1 LAMBDA_NETWORK_LOGS", "eu-west-1 S3_DATA_EVENTS"),
    "aws.account.security_contact": expected("", ACCOUNT),
    "aws.guardduty.open_findings": expected("eu-west-1", "us-east-1"),
    "aws.iam.access_analyzer_findings": expected("eu-west-1", "us-east-1"),
    "aws.config.recorder": expected("us-east-1 eu-central-1", "eu-west-1"),
    "aws.securityhub.enabled": expected("us-east-1 eu-central-1", "eu-west-1"),
    "aws.macie.enabled": expected("us-east-1 eu-central-1", "eu-west-1"),
    "aws.inspector.lambda": expected("eu-central-1", "eu-west-1 us-east-1"),
    "aws.lambda.vulnerable_code": expected("legacy-report-export search-reindex", "orders-api checkout-api"),
    "aws.cloudtrail.s3_data_events": expected("", ACCOUNT),
    "aws.cloudtrail.alerting": expected("iam key sign-in network", "root trail"),
    "aws.response.finding_route": expected("", ACCOUNT),
    "aws.codebuild.env_secret": expected("release legacy-build", "shop-build docs-build"),
}
STREAMS = {
    "aws.ssm.plain_secret": expected(
        "/search/api-key legacy_ftp_password", "/orders/database-password /orders/page-size /search/api-key-arn"
    ),
    "aws.kinesis.unencrypted": expected("legacy-clicks", "clicks orders-changes"),
    "aws.msk.unauthenticated": expected("legacy-log", "order-log"),
    "aws.elasticache.transit": expected("legacy-cache", "sessions-cache catalog-cache"),
    "aws.opensearch.exposed": expected("legacy-search", "catalog-search"),
    "aws.sfn.no_logging": expected("legacy-import", "checkout"),
    "aws.sfn.definition_secret": expected("legacy-import", "checkout"),
    "aws.cfn.output_secret": expected("legacy-tools", "shop-network"),
    "aws.codebuild.untrusted_trigger": expected("docs-build", "shop-build release legacy-build"),
    "aws.codebuild.privileged": expected("legacy-build", "shop-build release docs-build"),
    "aws.cfn.drift": expected("legacy-tools", "shop-network"),
    "aws.sns.http_subscription": expected("shop-announcements", "stock-alerts"),
}

RIGHTS = {  # who may do what in the end; of wide data and whole services administrators' functions are left out
    "aws.lambda.role_admin": expected("admin-toolbox", "orders-api exports-partner legacy-report-export"),
    "aws.lambda.role_privilege_escalation": expected("exports-partner", "orders-api legacy-report-export"),
    "aws.lambda.role_wildcard_data": expected("legacy-report-export", "orders-api checkout-api search-api"),
    "aws.lambda.role_service_wildcard": expected("legacy-report-export", "orders-api exports-partner"),
    "aws.lambda.role_shared": expected("notifications-email notifications-sms", "orders-api search-reindex"),
    "aws.lambda.role_invoke_any": expected("exports-partner", "orders-api legacy-report-export"),
    "aws.lambda.logs_missing": expected("price-feed", "orders-api notifications-sms reporting-daily"),
    "aws.lambda.esm_public_source": expected("search-reindex", "orders-worker catalog-indexer images-resize"),
    "aws.lambda.blast_radius": expected("admin-toolbox", "orders-api exports-partner"),
    "aws.lambda.role_can_change_code": expected("admin-toolbox", "orders-api exports-partner"),
    "aws.lambda.code_changers": expected("catalog-api catalog-indexer", "orders-api search-api"),
    "aws.lambda.vpc_private_data": expected("search-reindex", "orders-api reporting-adhoc search-api"),
    "aws.cognito.guest_access": expected("avatars", "shop wish-lists"),
    "aws.iam.role_admin_principals": expected(
        f"{ACCOUNT} admin-toolbox-role batch-everything release-builder", "break-glass-role"
    ),
    "aws.iam.privilege_escalation": expected(
        "ci-deploy github-deploy github-any-repository exports-partner-role", "carla.reyes orders-api-role open-door"
    ),
    "aws.iam.passrole_any": expected("exports-partner-role", "github-any-repository orders-api-role ci-deploy"),
    "aws.sfn.role_wide": expected("legacy-import", "checkout"),
    "aws.events.target_role_wide": expected("page-seen", "order-paid threats"),
    "aws.rds.public": expected("legacy-shop-db", "orders-db warehouse-db"),
    "aws.secretsmanager.readers": expected("search/cluster partner/api-token", "orders/database exports/sftp"),
    "aws.ecs.task_role_admin": expected("legacy-batch", "orders-worker"),
    "aws.codebuild.role_admin": expected("release", "shop-build docs-build"),
}

IDLE = {
    "aws.iam.role_unused": expected(
        "github-no-subject family-readers gateway-logs parcel-partner", "orders-api-role github-deploy"
    ),
    # Not complete: wide policies of AWS give far more than anybody uses.
    "aws.iam.role_unused_services": expected("search-reindex-role PostureAudit", "orders-api-role checkout-flow"),
    "aws.lambda.role_unused_services": expected("search-reindex admin-toolbox", "orders-api legacy-report-export"),
    "aws.lambda.role_unused_actions": expected("checkout-api", "orders-api orders-worker"),
    "aws.lambda.stale": expected("legacy-report-export reporting-adhoc", "orders-api edge-headers price-feed"),
    # Not complete: a stage is called by its name, and most are called `prod`.
    "aws.apigw.stale_stage": expected("legacy-orders", "storefront shop partner"),
    "aws.secretsmanager.unused": expected("orders/database", "payments/provider reporting/warehouse"),
}

EXPECTED: dict[str, Expected] = {
    **FUNCTIONS,
    **GATEWAYS,
    **PEOPLE,
    **STORES,
    **NETWORK,
    **PLATFORM,
    **FAMILY,
    **WATCH,
    **UPKEEP,
    **STREAMS,
    **DOORS,
    **BASEMENT,
    **RIGHTS,
    **IDLE,
}

SECRETS = {  # planted values: not one of them may be found in a table, log, page or export
    "payments-webhook": "sk_" + "live_" + "FakeFernhollowKey0000417",
    "payments-internal": "Fernhollow-fake-stage-2251",
    "reporting-adhoc": "Fernhollow-fake-8813",
    "legacy-reporting": "Fernhollow-fake-4417-Zx9!",
    "legacy-batch": "sk_" + "live_" + "FakeFernhollowBatch00231",
    "press.fernhollow.test": "Fernhollow-fake-origin-6620",
    "release": "ghp_" + "FakeFernhollowBuildToken000000000417",
    "legacy-build": "Fernhollow-fake-mirror-5518",
    "legacy-import": "sk_" + "live_" + "FakeFernhollowFlow000519",
    "legacy-tools": "ghp_" + "FakeFernhollowStackToken000000000661",
}
