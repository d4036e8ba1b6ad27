"""Networks, clusters, image repositories and API keys."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.gcp.estate import (
    DEFAULT_COMPUTE,
    HERE,
    HOME,
    NUMBER,
    PROJECT,
    Asset,
    Estate,
    account,
    bound,
)


def platform(made: Estate) -> None:
    firewall(made, "allow-ssh-anywhere", ["0.0.0.0/0"], [{"IPProtocol": "tcp", "ports": ["22"]}])
    firewall(made, "allow-everything", ["0.0.0.0/0", "::/0"], [{"IPProtocol": "all"}], disabled=True)
    firewall(made, "allow-postgres-range", ["0.0.0.0/1"], [{"IPProtocol": "tcp", "ports": ["5000-6000"]}])
    firewall(made, "allow-office", ["198.51.100.0/24"], [{"IPProtocol": "tcp", "ports": ["22", "3389"]}])
    firewall(made, "allow-web", ["0.0.0.0/0"], [{"IPProtocol": "tcp", "ports": ["443"]}])
    sound = {
        "privateClusterConfig": {"enablePrivateEndpoint": True, "enablePrivateNodes": True},
        "masterAuthorizedNetworksConfig": {"enabled": True},
        "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
        "nodePools": [pool("default-pool", account("catalog"), "GKE_METADATA")],
        "networkConfig": {"datapathProvider": "ADVANCED_DATAPATH"},
        "databaseEncryption": {
            "state": "ENCRYPTED",
            "keyName": f"{HOME}/locations/{HERE}/keyRings/shop/cryptoKeys/orders",
        },
        "binaryAuthorization": {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
        "shieldedNodes": {"enabled": True},
        "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
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
