"""What holds data, and the messages between services."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.gcp.estate import DOMAIN, HERE, HOME, NUMBER, PROJECT, Asset, Estate, Policy, account, bound


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
    made.versions = {"orders-db-password": ["2025-01-05T10:00:00Z", "2026-10-20T10:00:00Z"],
                     "partner-token": ["2024-03-01T10:00:00Z"]}  # fmt: skip
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
        ("orders-to-receipts", {"pushEndpoint": f"https://receipts-{NUMBER}.{HERE}.run.app/events", **push}, None),
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
