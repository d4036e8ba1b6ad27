"""The shop's resources, theme by theme.  EXPECTED of mistakes.py says which of them are mistakes."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.gcp.estate import (
    DEFAULT_COMPUTE,
    DEFAULT_ENGINE,
    DOMAIN,
    FOLDER,
    HERE,
    HOME,
    NUMBER,
    ORGANIZATION,
    PROJECT,
    Asset,
    Estate,
    Policy,
    account,
    bound,
)

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
    "roles/storage.objectViewer": "storage.objects.get storage.objects.list",
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
                        }
                    }
                ],
            }
        ],
        FOLDER: [],
        ORGANIZATION: [],
    }
    made.recommendations = [
        recommendation("1", "REMOVE_ROLE", "ACTIVE", account("catalog"), "roles/datastore.user"),
        recommendation("2", "REPLACE_ROLE", "SUCCEEDED", account("orders-api"), "roles/editor"),
    ]


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
                f"principalSet://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/ci"
                "/attribute.repository/fernhollow/shop",
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


def federate(made: Estate, name: str, issuer: str, condition: str) -> None:
    pool, provider = name.split("/")
    body = {
        "name": f"projects/{NUMBER}/locations/global/workloadIdentityPools/{pool}/providers/{provider}",
        "state": "ACTIVE",
        "attributeMapping": {"google.subject": "assertion.sub"},
        "oidc": {"issuerUri": issuer},
        **({"attributeCondition": condition} if condition else {}),
    }
    made.assets.append(
        Asset("iam.googleapis.com/WorkloadIdentityPoolProvider", f"//iam.googleapis.com/{body['name']}", body)
    )


def services(made: Estate) -> None:
    run(
        made,
        "orders-api",
        account("orders-api"),
        ingress="internal-and-cloud-load-balancing",
        policy=bound(("roles/run.invoker", f"serviceAccount:{account('catalog')}")),
        env=[{"name": "REGION", "value": HERE}, secret("DB_PASSWORD", "orders-db-password")],
    )
    run(made, "storefront", account("catalog"), policy=bound(("roles/run.invoker", "allUsers")))
    run(
        made,
        "price-feed",
        "",
        policy=bound(("roles/run.admin", "allAuthenticatedUsers")),
        env=[{"name": "PARTNER_API_KEY", "value": "pf-live-0c1d2e3f4a5b6c7d"}],
    )
    run(
        made,
        "receipts",
        account("catalog"),
        ingress="internal",
        notes={"run.googleapis.com/invoker-iam-disabled": "true"},
    )
    run(
        made,
        "deploy-hook",
        account("deployer"),
        ingress="internal",
        policy=bound(("roles/run.viewer", "allUsers"), ("roles/run.invoker", f"group:platform@{DOMAIN}")),
    )


def secret(name: str, of: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": of, "key": "latest"}}}


def run(
    made: Estate,
    name: str,
    runs_as: str,
    *,
    ingress: str = "all",
    policy: Policy | None = None,
    env: list[dict[str, Any]] | None = None,
    notes: dict[str, str] | None = None,
) -> None:
    body = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": NUMBER,
            "uid": f"00000000-0000-4000-8000-{sum(name.encode()):012d}",
            "generation": 7,
            "labels": {"cloud.googleapis.com/location": HERE},
            "annotations": {
                "run.googleapis.com/ingress": ingress,
                "run.googleapis.com/client-name": "gcloud",
                **(notes or {}),
            },
        },
        "spec": {
            "template": {
                "metadata": {"annotations": {"autoscaling.knative.dev/maxScale": "20"}},
                "spec": {
                    "containers": [
                        {"name": name, "image": f"{HERE}-docker.pkg.dev/{PROJECT}/shop/{name}:v3", "env": env or []}
                    ],
                    **({"serviceAccountName": runs_as} if runs_as else {}),
                },
            }
        },
        "status": {"url": f"https://{name}-{NUMBER}.{HERE}.run.app"},
    }
    full = f"//run.googleapis.com/{HOME}/locations/{HERE}/services/{name}"
    made.assets.append(Asset("run.googleapis.com/Service", full, body, HERE, policy))


def functions(made: Estate) -> None:
    made.runtimes = [
        runtime("python313", "GA", (2029, 10, 10)),
        runtime("nodejs22", "GA", (2027, 4, 30)),
        runtime("nodejs20", "DEPRECATED", (2026, 4, 30)),
        runtime("python38", "DECOMMISSIONED", (2024, 10, 14)),
    ]
    first(
        made,
        "send-receipt",
        "nodejs22",
        account("catalog"),
        ingress="ALLOW_INTERNAL_ONLY",
        policy=bound(("roles/cloudfunctions.invoker", f"serviceAccount:{account('orders-api')}")),
    )
    first(
        made,
        "legacy-export",
        "python38",
        DEFAULT_ENGINE,
        env={"EXPORT_TOKEN": "ghp_" + "Zq8f3KdP0sVb7YtR2mXc5LhN9wJe1uAoG6iT"},
        policy=bound(("roles/cloudfunctions.invoker", "allUsers")),
    )
    first(made, "thumbnailer", "nodejs20", account("catalog"), ingress="ALLOW_INTERNAL_AND_GCLB")
    second(
        made,
        "fraud-score",
        "python313",
        account("orders-api"),
        ingress="ALLOW_INTERNAL_ONLY",
        policy=bound(("roles/run.invoker", f"serviceAccount:{account('orders-api')}")),
    )
    second(
        made,
        "partner-hook",
        "python313",
        DEFAULT_COMPUTE,
        policy=bound(("roles/run.invoker", "allUsers")),
        build={"NPM_TOKEN": "npm_" + "Ab3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lR5"},
    )


def runtime(name: str, stage: str, until: tuple[int, int, int]) -> dict[str, Any]:
    day = dict(zip(("year", "month", "day"), until, strict=True))
    return {"name": name, "displayName": name, "stage": stage, "environment": "GEN_2", "deprecationDate": day}


def first(
    made: Estate,
    name: str,
    runs_on: str,
    runs_as: str,
    *,
    ingress: str = "ALLOW_ALL",
    env: dict[str, str] | None = None,
    policy: Policy | None = None,
) -> None:
    path = f"{HOME}/locations/{HERE}/functions/{name}"
    url = f"https://{HERE}-{PROJECT}.cloudfunctions.net/{name}"
    body = {
        "name": path, "status": "ACTIVE", "runtime": runs_on, "entryPoint": "main", "ingressSettings": ingress,
        "serviceAccountEmail": runs_as, "environmentVariables": env or {}, "versionId": "4",
        "httpsTrigger": {"url": url, "securityLevel": "SECURE_ALWAYS"},
    }  # fmt: skip
    told = {
        "name": path, "environment": "GEN_1", "state": "ACTIVE", "url": url,
        "buildConfig": {"runtime": runs_on, "entryPoint": "main"},
        "serviceConfig": {"ingressSettings": ingress, "serviceAccountEmail": runs_as, "uri": url,
                          "securityLevel": "SECURE_ALWAYS", "environmentVariables": env or {}},
    }  # fmt: skip
    full = f"//cloudfunctions.googleapis.com/{path}"
    made.assets.append(Asset("cloudfunctions.googleapis.com/CloudFunction", full, body, HERE, policy, told))


def second(
    made: Estate,
    name: str,
    runs_on: str,
    runs_as: str,
    *,
    ingress: str = "ALLOW_ALL",
    policy: Policy | None = None,
    build: dict[str, str] | None = None,
) -> None:
    """A function of the second generation is a Cloud Run service underneath, and that one says who may call it."""
    path = f"{HOME}/locations/{HERE}/functions/{name}"
    body = {
        "name": path, "environment": "GEN_2", "state": "ACTIVE", "url": f"https://{name}.example",
        "buildConfig": {"runtime": runs_on, "entryPoint": "main", "environmentVariables": build or {}},
        "serviceConfig": {"service": f"{HOME}/locations/{HERE}/services/{name}", "ingressSettings": ingress,
                          "serviceAccountEmail": runs_as, "environmentVariables": {"LOG_EXECUTION_ID": "true"}},
        "updateTime": "2026-11-01T10:00:00Z",
    }  # fmt: skip
    full = f"//cloudfunctions.googleapis.com/{path}"
    made.assets.append(Asset("cloudfunctions.googleapis.com/Function", full, body, HERE))
    run(made, name, runs_as, ingress="all" if ingress == "ALLOW_ALL" else "internal", policy=policy)


def stores(made: Estate) -> None:
    bucket(made, "fernhollow-receipts", prevention="enforced")
    bucket(made, "fernhollow-product-images", policy=bound(("roles/storage.objectViewer", "allUsers")))
    bucket(
        made,
        "fernhollow-old-exports",
        uniform=False,
        policy=bound(("roles/storage.legacyBucketReader", "allAuthenticatedUsers")),
    )
    bucket(
        made, "fernhollow-was-public", prevention="enforced", policy=bound(("roles/storage.objectViewer", "allUsers"))
    )
    dataset(made, "sales", [{"role": "READER", "specialGroup": "projectReaders"}])
    dataset(made, "open_catalog", [{"role": "READER", "specialGroup": "allAuthenticatedUsers"}])
    dataset(made, "shared_prices", [{"role": "roles/bigquery.dataViewer", "iamMember": "allUsers"}])
    database(
        made,
        "orders",
        {"ipv4Enabled": False, "privateNetwork": f"{HOME}/global/networks/shop", "sslMode": "ENCRYPTED_ONLY"},
    )
    database(
        made,
        "reporting",
        {
            "ipv4Enabled": True,
            "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
            "authorizedNetworks": [{"value": "0.0.0.0/0", "name": "everyone"}],
        },
    )
    database(
        made,
        "staging",
        {"ipv4Enabled": True, "sslMode": "ENCRYPTED_ONLY", "authorizedNetworks": [{"value": "198.51.100.0/24"}]},
    )
    for name, policy in {
        "orders-db-password": bound(("roles/secretmanager.secretAccessor", f"serviceAccount:{account('orders-api')}")),
        "partner-token": bound(("roles/secretmanager.secretAccessor", "allAuthenticatedUsers")),
    }.items():
        body = {
            "name": f"projects/{NUMBER}/secrets/{name}",
            "replication": {"automatic": {}},
            "createTime": "2025-01-05T10:00:00Z",
            "etag": '"162"',
        }
        made.assets.append(
            Asset(
                "secretmanager.googleapis.com/Secret",
                f"//secretmanager.googleapis.com/{body['name']}",
                body,
                policy=policy,
            )
        )
    ring = f"{HOME}/locations/{HERE}/keyRings/shop"
    made.assets.append(
        Asset(
            "cloudkms.googleapis.com/KeyRing",
            f"//cloudkms.googleapis.com/{ring}",
            {"name": ring, "createTime": "2024-01-01T00:00:00Z"},
            HERE,
        )
    )
    key(made, ring, "orders", rotation="7776000s")
    key(
        made,
        ring,
        "exports",
        policy=bound(("roles/cloudkms.cryptoKeyEncrypterDecrypter", "allUsers")),
        rotation="7776000s",
    )
    key(made, ring, "archive")
    key(made, ring, "signing", purpose="ASYMMETRIC_SIGN")


def bucket(
    made: Estate, name: str, *, prevention: str = "inherited", uniform: bool = True, policy: Policy | None = None
) -> None:
    body = {
        "kind": "storage#bucket", "id": name, "name": name, "projectNumber": NUMBER, "location": HERE.upper(),
        "storageClass": "STANDARD", "etag": "CAE=", "metageneration": "3", "updated": "2026-11-02T08:00:00Z",
        "iamConfiguration": {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": {"enabled": uniform}},
    }  # fmt: skip
    made.assets.append(
        Asset(
            "storage.googleapis.com/Bucket",
            f"//storage.googleapis.com/{name}",
            body,
            HERE,
            policy or bound(("roles/storage.legacyBucketOwner", f"projectOwner:{PROJECT}")),
        )
    )


def dataset(made: Estate, name: str, access: list[dict[str, str]]) -> None:
    body = {
        "kind": "bigquery#dataset", "id": f"{PROJECT}:{name}", "location": "EU",
        "datasetReference": {"projectId": PROJECT, "datasetId": name},
        "access": [{"role": "OWNER", "specialGroup": "projectOwners"}, *access], "lastModifiedTime": "1762000000000",
    }  # fmt: skip
    made.assets.append(
        Asset("bigquery.googleapis.com/Dataset", f"//bigquery.googleapis.com/{HOME}/datasets/{name}", body, "eu")
    )


def database(made: Estate, name: str, ip: dict[str, Any]) -> None:
    body = {
        "kind": "sql#instance", "name": name, "project": PROJECT, "region": HERE, "databaseVersion": "POSTGRES_16",
        "instanceType": "CLOUD_SQL_INSTANCE", "state": "RUNNABLE", "etag": "e1",
        "settings": {"ipConfiguration": ip, "backupConfiguration": {"enabled": True}},
    }  # fmt: skip
    made.assets.append(
        Asset("sqladmin.googleapis.com/Instance", f"//cloudsql.googleapis.com/{HOME}/instances/{name}", body, HERE)
    )


def key(
    made: Estate,
    ring: str,
    name: str,
    *,
    rotation: str = "",
    purpose: str = "ENCRYPT_DECRYPT",
    policy: Policy | None = None,
) -> None:
    body = {
        "name": f"{ring}/cryptoKeys/{name}", "purpose": purpose, "createTime": "2024-01-01T00:00:00Z",
        "primary": {"name": f"{ring}/cryptoKeys/{name}/cryptoKeyVersions/1", "state": "ENABLED"},
        **({"rotationPeriod": rotation, "nextRotationTime": "2026-12-01T00:00:00Z"} if rotation else {}),
    }  # fmt: skip
    made.assets.append(
        Asset("cloudkms.googleapis.com/CryptoKey", f"//cloudkms.googleapis.com/{body['name']}", body, HERE, policy)
    )


def messages(made: Estate) -> None:
    for name, who in {"orders": f"serviceAccount:{account('orders-api')}", "page-views": "allUsers"}.items():
        path = f"{HOME}/topics/{name}"
        made.assets.append(
            Asset(
                "pubsub.googleapis.com/Topic",
                f"//pubsub.googleapis.com/{path}",
                {"name": path},
                policy=bound(("roles/pubsub.publisher", who)),
            )
        )
    push = {"oidcToken": {"serviceAccountEmail": account("catalog"), "audience": f"https://receipts.{DOMAIN}"}}
    for name, config, policy in (
        ("orders-to-receipts", {"pushEndpoint": f"https://receipts.{DOMAIN}/events", **push}, None),
        ("orders-to-partner", {"pushEndpoint": "https://partner.example/in"}, None),
        ("orders-in-clear", {"pushEndpoint": "http://old.example/in", **push}, None),
        ("orders-archive", None, bound(("roles/pubsub.subscriber", "allAuthenticatedUsers"))),
    ):
        path = f"{HOME}/subscriptions/{name}"
        body = {
            "name": path,
            "topic": f"{HOME}/topics/orders",
            "state": "ACTIVE",
            **({"pushConfig": config} if config else {}),
        }
        made.assets.append(
            Asset("pubsub.googleapis.com/Subscription", f"//pubsub.googleapis.com/{path}", body, policy=policy)
        )


def platform(made: Estate) -> None:
    firewall(made, "allow-ssh-anywhere", ["0.0.0.0/0"], [{"IPProtocol": "tcp", "ports": ["22"]}])
    firewall(made, "allow-everything", ["0.0.0.0/0", "::/0"], [{"IPProtocol": "all"}], disabled=True)
    firewall(made, "allow-postgres-range", ["0.0.0.0/1"], [{"IPProtocol": "tcp", "ports": ["5000-6000"]}])
    firewall(made, "allow-office", ["198.51.100.0/24"], [{"IPProtocol": "tcp", "ports": ["22", "3389"]}])
    firewall(made, "allow-web", ["0.0.0.0/0"], [{"IPProtocol": "tcp", "ports": ["443"]}])
    backend(made, "web", "EXTERNAL_MANAGED", f"{HOME}/global/securityPolicies/shop")
    backend(made, "legacy-web", "EXTERNAL_MANAGED", "")
    backend(made, "ledger", "INTERNAL_MANAGED", "")
    sound = {
        "privateClusterConfig": {"enablePrivateEndpoint": True, "enablePrivateNodes": True},
        "masterAuthorizedNetworksConfig": {"enabled": True},
        "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
        "nodePools": [pool("default-pool", account("catalog"), "GKE_METADATA")],
    }
    cluster(made, "shop", sound)
    cluster(made, "sandbox", {"legacyAbac": {"enabled": True}, "nodePools": [pool("old", "default", "GCE_METADATA")]})
    for name, policy, scanning in (
        ("shop", bound(("roles/artifactregistry.reader", f"serviceAccount:{DEFAULT_COMPUTE}")), "SCANNING_ACTIVE"),
        ("open-source", bound(("roles/artifactregistry.reader", "allUsers")), "SCANNING_ACTIVE"),
        ("unscanned", None, "SCANNING_DISABLED"),
    ):
        path = f"{HOME}/locations/{HERE}/repositories/{name}"
        body = {
            "name": path,
            "format": "DOCKER",
            "mode": "STANDARD_REPOSITORY",
            "sizeBytes": "812345",
            "vulnerabilityScanningConfig": {"enablementState": scanning},
        }
        made.assets.append(
            Asset(
                "artifactregistry.googleapis.com/Repository",
                f"//artifactregistry.googleapis.com/{path}",
                body,
                HERE,
                policy,
            )
        )
    api_key(
        made,
        "maps-web",
        "2026-10-20T09:00:00Z",
        {
            "apiTargets": [{"service": "maps-backend.googleapis.com"}],
            "browserKeyRestrictions": {"allowedReferrers": ["shop.fernhollow.example/*"]},
        },
    )
    api_key(made, "legacy-key", "2021-03-01T09:00:00Z", None)


def firewall(
    made: Estate, name: str, sources: list[str], allowed: list[dict[str, Any]], *, disabled: bool = False
) -> None:
    path = f"{HOME}/global/firewalls/{name}"
    body = {
        "kind": "compute#firewall", "id": str(sum(name.encode())), "name": name, "direction": "INGRESS",
        "priority": 1000,
        "network": f"https://www.googleapis.com/compute/v1/{HOME}/global/networks/shop", "disabled": disabled,
        "selfLink": f"https://www.googleapis.com/compute/v1/{path}", "sourceRanges": sources, "allowed": allowed,
    }  # fmt: skip
    made.assets.append(Asset("compute.googleapis.com/Firewall", f"//compute.googleapis.com/{path}", body))


def backend(made: Estate, name: str, scheme: str, armor: str) -> None:
    path = f"{HOME}/global/backendServices/{name}"
    body = {
        "kind": "compute#backendService", "id": str(sum(name.encode())), "name": name, "loadBalancingScheme": scheme,
        "protocol": "HTTPS", "selfLink": f"https://www.googleapis.com/compute/v1/{path}", "fingerprint": "abc=",
        **({"securityPolicy": f"https://www.googleapis.com/compute/v1/{armor}"} if armor else {}),
    }  # fmt: skip
    made.assets.append(Asset("compute.googleapis.com/BackendService", f"//compute.googleapis.com/{path}", body))


def pool(name: str, runs_as: str, mode: str) -> dict[str, Any]:
    config = {
        "serviceAccount": runs_as,
        "workloadMetadataConfig": {"mode": mode},
        "oauthScopes": ["https://www.googleapis.com/auth/cloud-platform"],
        "machineType": "e2-medium",
    }
    return {"name": name, "config": config, "status": "RUNNING"}


def cluster(made: Estate, name: str, more: dict[str, Any]) -> None:
    body = {
        "name": name,
        "location": HERE,
        "status": "RUNNING",
        "endpoint": "203.0.113.9",
        "etag": "x",
        "masterAuth": {"clusterCaCertificate": "LS0t"},
        **more,
    }
    made.assets.append(
        Asset(
            "container.googleapis.com/Cluster",
            f"//container.googleapis.com/{HOME}/locations/{HERE}/clusters/{name}",
            body,
            HERE,
        )
    )


def api_key(made: Estate, name: str, made_at: str, restrictions: dict[str, Any] | None) -> None:
    uid = f"00000000-0000-4000-8000-{sum(name.encode()):012d}"
    path = f"projects/{NUMBER}/locations/global/keys/{uid}"
    body = {
        "name": path,
        "uid": uid,
        "displayName": name,
        "createTime": made_at,
        "etag": "W/x",
        **({"restrictions": restrictions} if restrictions else {}),
    }
    made.assets.append(Asset("apikeys.googleapis.com/Key", f"//apikeys.googleapis.com/{path}", body))
