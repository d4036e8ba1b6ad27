"""Who is bound to what in the project, and above it."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.emulator import ACCOUNT as AWS_ACCOUNT
from posture.runtime.sample.gcp.estate import (
    DEFAULT_COMPUTE,
    DEFAULT_ENGINE,
    DOMAIN,
    FOLDER,
    HOME,
    NUMBER,
    ORGANIZATION,
    PROJECT,
    Asset,
    Estate,
    account,
    bound,
)

CI = f"principalSet://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/ci"
FROM_AWS = {  # what the console maps for a provider of AWS
    "google.subject": "assertion.arn",
    "attribute.aws_role": "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}assumed-role/')"
    " + 'assumed-role/' + assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn",
}
RECOMMENDER = f"projects/{NUMBER}/locations/global/recommenders/google.iam.policy.Recommender"

ROLES = {
    "roles/owner": "resourcemanager.projects.setIamPolicy iam.serviceAccounts.actAs run.routes.invoke"
    " secretmanager.versions.access storage.objects.get cloudfunctions.functions.invoke",
    "roles/editor": "iam.serviceAccounts.actAs storage.buckets.create run.services.update"
    " cloudfunctions.functions.update",
    "roles/viewer": "run.services.get storage.buckets.list resourcemanager.projects.get",
    "roles/browser": "resourcemanager.projects.get",
    "roles/run.invoker": "run.routes.invoke run.jobs.run",
    "roles/run.viewer": "run.services.get run.services.list",
    "roles/run.admin": "run.routes.invoke run.services.setIamPolicy run.services.update",
    "roles/cloudfunctions.invoker": "cloudfunctions.functions.invoke",
    "roles/cloudfunctions.viewer": "cloudfunctions.functions.get",
    "roles/iam.serviceAccountTokenCreator": "iam.serviceAccounts.getAccessToken iam.serviceAccounts.signBlob",
    "roles/iam.serviceAccountUser": "iam.serviceAccounts.actAs",
    "roles/iam.workloadIdentityUser": "iam.serviceAccounts.getAccessToken iam.serviceAccounts.getOpenIdToken",
    "roles/resourcemanager.projectIamAdmin": "resourcemanager.projects.setIamPolicy"
    " resourcemanager.projects.getIamPolicy",
    "roles/secretmanager.secretAccessor": "secretmanager.versions.access",
    "roles/bigquery.dataViewer": "bigquery.datasets.get bigquery.tables.get bigquery.tables.getData",
    "roles/storage.objectViewer": "storage.objects.get storage.objects.list",
    "roles/storage.legacyBucketReader": "storage.buckets.get storage.objects.list",
    "roles/storage.objectUser": "storage.objects.get storage.objects.create",
    "roles/pubsub.publisher": "pubsub.topics.publish",
    "roles/pubsub.subscriber": "pubsub.subscriptions.consume",
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": "cloudkms.cryptoKeyVersions.useToDecrypt",
    "roles/artifactregistry.reader": "artifactregistry.repositories.downloadArtifacts",
    "roles/datastore.user": "datastore.entities.get datastore.entities.create",
    "roles/logging.logWriter": "logging.logEntries.create",
}

CUSTOM = {
    "orderReader": "datastore.entities.get",
    "reportRunner": "datastore.entities.list iam.serviceAccounts.getAccessToken",
}


def above(made: Estate) -> None:
    """The organisation and the folder are kept well; the project has grown."""
    everything = {"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}
    made.policies = {
        ORGANIZATION: bound(("roles/resourcemanager.organizationAdmin", f"group:cloud-admins@{DOMAIN}")),
        FOLDER: bound(("roles/viewer", f"group:auditors@{DOMAIN}")),
        HOME: bound(
            ("roles/owner", f"user:rowan@{DOMAIN}"),
            ("roles/editor", f"serviceAccount:{DEFAULT_COMPUTE}"),
            ("roles/viewer", f"group:engineers@{DOMAIN} user:sorrel.contracts@gmail.com"),
            ("roles/browser", "allAuthenticatedUsers"),
            ("roles/datastore.user", f"serviceAccount:{account('orders-api')} serviceAccount:{account('catalog')}"),
            ("roles/resourcemanager.projectIamAdmin", f"serviceAccount:{account('deployer')}"),
            (f"{HOME}/roles/reportRunner", f"serviceAccount:{account('reports')}"),
            ("roles/iam.serviceAccountTokenCreator", f"group:platform@{DOMAIN}"),
            ("roles/secretmanager.secretAccessor", f"serviceAccount:{account('reports')}"),
            auditConfigs=[everything],
        ),
    }
    made.roles = {name: held.split() for name, held in ROLES.items()}
    made.roles["roles/resourcemanager.organizationAdmin"] = ["resourcemanager.organizations.setIamPolicy"]
    made.constraints = {
        "iam.disableServiceAccountKeyCreation": {"rules": [{"enforce": False}]},
        "iam.allowedPolicyMemberDomains": {"rules": [{"allowAll": True}]},
        "iam.automaticIamGrantsForDefaultServiceAccounts": {"rules": [{"enforce": True}]},
        "run.allowedIngress": {"rules": [{"allowAll": True}]},
        "cloudfunctions.allowedIngressSettings": {"rules": [{"values": {"allowedValues": ["ALLOW_INTERNAL_ONLY"]}}]},
        "storage.publicAccessPrevention": {"rules": [{"enforce": False}]},
        "sql.restrictPublicIp": {"rules": [{"enforce": True}]},
    }
    made.services = {"containerscanning.googleapis.com": "ENABLED"}
    made.deny = {
        HOME: [
            {
                "name": f"policies/cloudresourcemanager.googleapis.com%2Fprojects%2F{NUMBER}/denypolicies/no-new-keys",
                "displayName": "Nobody makes keys",
                "kind": "DenyPolicy",
                "rules": [
                    {
                        "denyRule": {
                            "deniedPrincipals": ["principalSet://goog/public:all"],
                            "deniedPermissions": ["iam.googleapis.com/serviceAccountKeys.create"],
                            "exceptionPrincipals": [f"principalSet://goog/group/break-glass@{DOMAIN}"],
                        }
                    }
                ],
            }
        ],
        FOLDER: [],
        ORGANIZATION: [],
    }
    bounds(made)
    made.active = {account("legacy-batch"): "2026-03-02T07:00:00Z", account("partner-sync"): ""}
    made.tags = {
        f"//cloudresourcemanager.googleapis.com/{HOME}": {"987654321012/env": "prod"},
        f"//secretmanager.googleapis.com/projects/{NUMBER}/secrets/partner-token": {"987654321012/env": "dev"},
    }
    made.recommendations = [
        recommendation("1", "REMOVE_ROLE", "ACTIVE", account("catalog"), "roles/datastore.user"),
        recommendation("2", "REPLACE_ROLE", "SUCCEEDED", account("orders-api"), "roles/editor"),
    ]
    made.insights = [
        insight("1", account("catalog"), "roles/datastore.user", ""),
        insight("2", account("orders-api"), "roles/datastore.user", "datastore.entities.get"),
        insight("3", DEFAULT_COMPUTE, "roles/editor", "run.services.update", "storage.buckets.create"),
    ]
    made.groups = {
        f"break-glass@{DOMAIN}": [f"user:rowan@{DOMAIN}"],
        f"cloud-admins@{DOMAIN}": [f"user:rowan@{DOMAIN}"],
        f"auditors@{DOMAIN}": [f"user:sage@{DOMAIN}", f"user:linden@{DOMAIN}"],
        f"engineers@{DOMAIN}": [f"user:{name}@{DOMAIN}" for name in ("hazel", "alder", "linden")],
        f"platform@{DOMAIN}": [f"user:hazel@{DOMAIN}", f"serviceAccount:{account('deployer')}"],
    }
    made.roles_above = {f"{ORGANIZATION}/roles/incidentReader": ["resourcemanager.projects.get", "run.services.get"]}


def bounds(made: Estate) -> None:
    """People stay within the organisation; one account stays out of the shop."""
    manager = "//cloudresourcemanager.googleapis.com"
    made.boundaries = [
        boundary("own-organisation", f"{manager}/{ORGANIZATION}"),
        boundary("partners-elsewhere", f"{manager}/projects/fernhollow-data"),
    ]
    partner = f"principal.subject == '{account('partner-sync')}'"
    people = "principal.type == 'iam.googleapis.com/WorkspaceIdentity'"
    made.bounded = {
        HOME: [bound_to(HOME, "partners", f"{manager}/{HOME}", "partners-elsewhere", partner)],
        FOLDER: [],
        ORGANIZATION: [bound_to(ORGANIZATION, "people", f"{manager}/{ORGANIZATION}", "own-organisation", people)],
    }


def boundary(name: str, *resources: str) -> dict[str, Any]:
    return {
        "name": f"{ORGANIZATION}/locations/global/principalAccessBoundaryPolicies/{name}",
        "uid": f"puid_{sum(name.encode())}",
        "etag": "W/x",
        "displayName": name,
        "createTime": "2026-02-01T09:00:00Z",
        "details": {"rules": [{"resources": list(resources), "effect": "ALLOW"}], "enforcementVersion": "4"},
    }


def bound_to(level: str, name: str, target: str, policy: str, condition: str) -> dict[str, Any]:
    return {
        "name": f"{level}/locations/global/policyBindings/{name}",
        "uid": f"buid_{sum(name.encode())}",
        "etag": "W/x",
        "displayName": name,
        "target": {"principalSet": target},
        "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
        "policy": f"{ORGANIZATION}/locations/global/principalAccessBoundaryPolicies/{policy}",
        "condition": {"title": name, "expression": condition},
        "createTime": "2026-02-01T09:00:00Z",
    }


def insight(number: str, member: str, role: str, used: str, likely: str = "") -> dict[str, Any]:
    return {
        "name": f"projects/{NUMBER}/locations/global/insightTypes/google.iam.policy.Insight/insights/{number}",
        "description": "Permissions of a role that were used.",
        "category": "SECURITY",
        "insightSubtype": "PERMISSIONS_USAGE",
        "stateInfo": {"state": "ACTIVE"},
        "observationPeriod": "7776000s",
        "lastRefreshTime": "2026-11-21T06:00:00Z",
        "content": {
            "member": f"serviceAccount:{member}",
            "role": role,
            "exercisedPermissions": [{"permission": one} for one in used.split()],
            "inferredPermissions": [{"permission": one} for one in likely.split()],
        },
    }


def recommendation(number: str, subtype: str, state: str, member: str, role: str) -> dict[str, Any]:
    return {
        "name": f"{RECOMMENDER}/recommendations/{number}",
        "description": "This role has not been used during the observation window.",
        "recommenderSubtype": subtype,
        "priority": "P2",
        "stateInfo": {"state": state},
        "content": {"overview": {"member": f"serviceAccount:{member}", "removedRole": role}},
        "lastRefreshTime": "2026-11-21T06:00:00Z",
    }


def people(made: Estate) -> None:
    """Service accounts, their keys, custom roles, and the pipelines that come in by federation."""
    emails = [
        account(name) for name in ("orders-api", "catalog", "reports", "deployer", "legacy-batch", "partner-sync")
    ]
    keys = {  # whose → (its key's day, disabled)
        account("legacy-batch"): ("2023-02-11T08:00:00Z", False),
        account("partner-sync"): ("2026-10-30T08:00:00Z", False),
        account("deployer"): ("2022-01-01T08:00:00Z", True),
    }
    policies = {
        account("orders-api"): bound(("roles/iam.serviceAccountUser", f"serviceAccount:{account('deployer')}")),
        account("deployer"): bound(
            (
                "roles/iam.workloadIdentityUser",
                f"{CI}/attribute.repository/fernhollow/shop"
                f" {CI}/attribute.aws_role/arn:aws:sts::{AWS_ACCOUNT}:assumed-role/github-any-repository",
            )
        ),
    }
    for number, email in enumerate([*emails, DEFAULT_COMPUTE, DEFAULT_ENGINE], 100):
        body = {
            "name": f"{HOME}/serviceAccounts/{email}",
            "email": email,
            "projectId": PROJECT,
            "uniqueId": f"1{number:020d}",
            "displayName": email.partition("@")[0],
            "etag": "MDEwMjE5MjA=",
            "oauth2ClientId": f"1{number:020d}",
        }
        name = f"//iam.googleapis.com/{HOME}/serviceAccounts/{body['uniqueId']}"
        made.assets.append(Asset("iam.googleapis.com/ServiceAccount", name, body, policy=policies.get(email)))
        kinds = [("USER_MANAGED", *keys[email])] if email in keys else []
        for kind, made_at, disabled in [*kinds, ("SYSTEM_MANAGED", "2026-11-20T00:00:00Z", False)]:
            key: dict[str, Any] = {
                "name": f"{body['name']}/keys/{kind.lower()[:4]}{number:036x}",
                "keyType": kind,
                "keyOrigin": "GOOGLE_PROVIDED",
                "keyAlgorithm": "KEY_ALG_RSA_2048",
                "validAfterTime": made_at,
                "validBeforeTime": "9999-12-31T23:59:59Z",
                **({"disabled": True} if disabled else {}),
            }
            made.assets.append(
                Asset("iam.googleapis.com/ServiceAccountKey", f"{name}/keys/{key['name'].rpartition('/')[2]}", key)
            )
    for name, held in CUSTOM.items():
        role = {"name": f"{HOME}/roles/{name}", "title": name, "stage": "GA", "includedPermissions": held.split()}
        made.assets.append(Asset("iam.googleapis.com/Role", f"//iam.googleapis.com/{role['name']}", role))
    github, own = "https://token.actions.githubusercontent.com", f"https://login.{DOMAIN}"
    federate(made, "ci/github", github, "assertion.repository_owner == 'fernhollow'")
    federate(made, "ci/github-any", github, "")
    federate(made, "ci/gitlab-loose", "https://gitlab.com", "assertion.ref_type == 'branch'")
    federate(made, "staff/own-login", own, "")
    provide(made, "ci/aws", FROM_AWS, aws={"accountId": AWS_ACCOUNT})


def federate(made: Estate, name: str, issuer: str, condition: str) -> None:
    mapping = {"google.subject": "assertion.sub"}
    if "github" in name:
        mapping["attribute.repository"] = "assertion.repository"
    provide(made, name, mapping, oidc={"issuerUri": issuer}, **({"attributeCondition": condition} if condition else {}))


def provide(made: Estate, name: str, mapping: dict[str, str], **more: Any) -> None:
    pool, provider = name.split("/")
    parent = f"projects/{NUMBER}/locations/global/workloadIdentityPools/{pool}"
    body = {"name": f"{parent}/providers/{provider}", "state": "ACTIVE", "attributeMapping": mapping, **more}
    made.assets.append(
        Asset("iam.googleapis.com/WorkloadIdentityPoolProvider", f"//iam.googleapis.com/{body['name']}", body)
    )
