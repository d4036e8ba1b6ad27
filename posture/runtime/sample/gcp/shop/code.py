"""What runs: Cloud Run services, and functions of both generations."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.gcp.estate import (
    DEFAULT_COMPUTE,
    DEFAULT_ENGINE,
    DOMAIN,
    HERE,
    HOME,
    NUMBER,
    PROJECT,
    Asset,
    Estate,
    Policy,
    account,
    bound,
)

PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


def services(made: Estate) -> None:
    run(
        made,
        "orders-api",
        account("orders-api"),
        ingress="internal-and-cloud-load-balancing",
        policy=bound(("roles/run.invoker", f"serviceAccount:{account('catalog')}")),
        env=[{"name": "REGION", "value": HERE}, secret("DB_PASSWORD", "orders-db-password")],
        notes={"run.googleapis.com/binary-authorization": "default"},
        egress="all-traffic",
    )
    run(made, "storefront", account("catalog"), policy=bound(("roles/run.invoker", "allUsers")))
    run(
        made,
        "price-feed",
        "",
        policy=bound(("roles/run.admin", "allAuthenticatedUsers")),
        env=[{"name": "PARTNER_API_KEY", "value": "pf-live-0c1d2e3f4a5b6c7d"}],
        cap="",
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
        egress="private-ranges-only",
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
    cap: str = "20",
    egress: str = "",
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
                "metadata": {"annotations": _template_notes(cap, egress)},
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


def _template_notes(cap: str, egress: str) -> dict[str, str]:
    """`egress`: what goes through the network."""
    scaling = {"autoscaling.knative.dev/maxScale": cap} if cap else {}
    network = {
        "run.googleapis.com/network-interfaces": '[{"network":"shop","subnetwork":"shop"}]',
        "run.googleapis.com/vpc-access-egress": egress,
    }
    return {**scaling, **(network if egress else {})}


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
        connector="shop",
    )
    first(
        made,
        "legacy-export",
        "python38",
        DEFAULT_ENGINE,
        env={"EXPORT_TOKEN": "ghp_" + "Zq8f3KdP0sVb7YtR2mXc5LhN9wJe1uAoG6iT"},
        policy=bound(("roles/cloudfunctions.invoker", "allUsers")),
        security="SECURE_OPTIONAL",
    )
    first(made, "thumbnailer", "nodejs20", account("catalog"), ingress="ALLOW_INTERNAL_AND_GCLB")
    second(
        made,
        "fraud-score",
        "python313",
        account("orders-api"),
        ingress="ALLOW_INTERNAL_ONLY",
        policy=bound(("roles/run.invoker", f"serviceAccount:{account('orders-api')}")),
        topic=f"{HOME}/topics/orders",
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
    security: str = "SECURE_ALWAYS",
    connector: str = "",
) -> None:
    path = f"{HOME}/locations/{HERE}/functions/{name}"
    network = {"vpcConnector": f"{HOME}/locations/{HERE}/connectors/{connector}"} if connector else {}
    url = f"https://{HERE}-{PROJECT}.cloudfunctions.net/{name}"
    body = {
        "name": path, "status": "ACTIVE", "runtime": runs_on, "entryPoint": "main", "ingressSettings": ingress,
        "serviceAccountEmail": runs_as, "environmentVariables": env or {}, "versionId": "4",
        "maxInstances": 3,
        "httpsTrigger": {"url": url, "securityLevel": security}, **network,
    }  # fmt: skip
    told = {
        "name": path, "environment": "GEN_1", "state": "ACTIVE", "url": url,
        "buildConfig": {"runtime": runs_on, "entryPoint": "main"},
        "serviceConfig": {"ingressSettings": ingress, "serviceAccountEmail": runs_as, "uri": url,
                          "securityLevel": security, "maxInstanceCount": 3, **network,
                          "environmentVariables": env or {}},
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
    topic: str = "",
) -> None:
    """A function of the second generation is a Cloud Run service underneath, and that one says who may call it."""
    path = f"{HOME}/locations/{HERE}/functions/{name}"
    body = {
        "name": path, "environment": "GEN_2", "state": "ACTIVE", "url": f"https://{name}.example",
        "buildConfig": {"runtime": runs_on, "entryPoint": "main", "environmentVariables": build or {}},
        "serviceConfig": {"service": f"{HOME}/locations/{HERE}/services/{name}", "ingressSettings": ingress,
                          "serviceAccountEmail": runs_as, "environmentVariables": {"LOG_EXECUTION_ID": "true"}},
        **({"eventTrigger": {"eventType": PUBLISHED, "pubsubTopic": topic}} if topic else {}),
        "updateTime": "2026-11-01T10:00:00Z",
    }  # fmt: skip
    full = f"//cloudfunctions.googleapis.com/{path}"
    made.assets.append(Asset("cloudfunctions.googleapis.com/Function", full, body, HERE))
    run(made, name, runs_as, ingress="all" if ingress == "ALLOW_ALL" else "internal", policy=policy)
