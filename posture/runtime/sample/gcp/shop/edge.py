"""What stands at the edge: load balancers in front of services, subnets, and what calls by the clock."""

from __future__ import annotations

import base64
from typing import Any

from posture.runtime.sample.gcp.estate import HERE, HOME, NUMBER, Asset, Estate, account

COMPUTE = "https://www.googleapis.com/compute/v1"


def edge(made: Estate) -> None:
    group(made, "orders", "orders-api")
    group(made, "storefront", "storefront")
    backend(made, "web", "EXTERNAL_MANAGED", f"{HOME}/global/securityPolicies/shop", "orders")
    backend(made, "legacy-web", "EXTERNAL_MANAGED", "", "storefront")
    backend(made, "ledger", "INTERNAL_MANAGED", "")
    compute(made, "SslPolicy", "global/sslPolicies/modern", minTlsVersion="TLS_1_2", profile="MODERN")
    compute(made, "SslPolicy", "global/sslPolicies/lenient", minTlsVersion="TLS_1_0", profile="COMPATIBLE")
    balancer(made, "web", "203.0.113.80", "modern")
    balancer(made, "legacy-web", "203.0.113.81", "")
    balancer(made, "partner-web", "203.0.113.82", "lenient", backend="legacy-web")
    rule(made, "web-plain", "203.0.113.81", "80", f"{HOME}/global/targetHttpProxies/legacy-web")
    compute(
        made,
        "TargetHttpProxy",
        "global/targetHttpProxies/legacy-web",
        urlMap=f"{COMPUTE}/{HOME}/global/urlMaps/legacy-web",
    )
    subnet(made, "shop", logConfig={"enable": True, "flowSampling": 0.5})
    subnet(made, "legacy")
    subnet(made, "proxies", purpose="REGIONAL_MANAGED_PROXY", role="ACTIVE")
    job(made, "nightly-receipts", "receipts", oidcToken={"serviceAccountEmail": account("catalog"), "audience": "shop"})
    job(made, "ping-storefront", "storefront")
    topics = {"topicName": f"{HOME}/topics/orders"}
    scheduled(made, "close-the-day", pubsubTarget=topics)


SPECIFIED = """
swagger: "2.0"
securityDefinitions:
  login: {type: oauth2, flow: implicit, authorizationUrl: "", x-google-issuer: "https://login.fernhollow.example"}
  key: {type: apiKey, name: key, in: query}
x-google-backend: {address: "https://SERVICE-NUMBER.HERE.run.app"}
paths:
  /orders:
    get: {operationId: list, security: [WHO], responses: {200: {description: ok}}}
  /health:
    get: {operationId: health, security: [ALSO], responses: {200: {description: ok}}}
"""


def gateways(made: Estate) -> None:
    gateway(made, "orders", "orders-api", "login: []", "login: []")
    gateway(made, "partners", "partner-hook", "key: []", "")
    gateway(made, "prices", "price-feed", "key: []", "key: []")
    api(made, "drafts", "storefront", "", "")


def gateway(made: Estate, name: str, service: str, who: str, also: str) -> None:
    api(made, name, service, who, also)
    path = f"{HOME}/locations/{HERE}/gateways/{name}"
    config = f"projects/{NUMBER}/locations/global/apis/{name}/configs/{name}-v2"
    body = {"name": path, "apiConfig": config, "defaultHostname": f"{name}-1a2b.ew.gateway.dev", "state": "ACTIVE"}
    made.assets.append(Asset("apigateway.googleapis.com/Gateway", f"//apigateway.googleapis.com/{path}", body, HERE))


def api(made: Estate, name: str, service: str, who: str, also: str) -> None:
    """`who` and `also`: what the two operations demand of callers."""
    path = f"{HOME}/locations/global/apis/{name}"
    text = SPECIFIED.replace("SERVICE", service).replace("NUMBER", NUMBER).replace("HERE", HERE)
    text = text.replace("WHO", f"{{{who}}}" if who else "").replace("ALSO", f"{{{also}}}" if also else "")
    document = {"path": "openapi.yaml", "contents": base64.b64encode(text.encode()).decode()}
    named = {"name": f"{path}/configs/{name}-v2", "state": "ACTIVE", "gatewayServiceAccount": account("catalog")}
    body = {**named, "openapiDocuments": [{"document": document}]}
    kind = "apigateway.googleapis.com/Api"
    made.assets.append(Asset(kind, f"//apigateway.googleapis.com/{path}", {"name": path, "state": "ACTIVE"}))
    made.assets.append(Asset(f"{kind}Config", f"//apigateway.googleapis.com/{named['name']}", body, told=named))


def watch(made: Estate) -> None:
    """Somebody hears of two kinds of change, and of nothing else."""
    made.sinks = [
        {"name": "_Default", "destination": f"logging.googleapis.com/{HOME}/locations/global/buckets/_Default",
         "filter": 'NOT LOG_ID("cloudaudit.googleapis.com/activity")'},
        {"name": "errors", "destination": "storage.googleapis.com/fernhollow-old-exports", "filter": "severity>=ERROR"},
    ]  # fmt: skip
    made.metrics = [
        {
            "name": "owners",
            "filter": 'protoPayload.serviceName="cloudresourcemanager.googleapis.com" AND ProjectOwnership',
        },
        {"name": "walls", "filter": 'resource.type="gce_firewall_rule"'},
    ]
    made.alerts = [
        alert("owners", {"conditionThreshold": {"filter": 'metric.type="logging.googleapis.com/user/owners"'}}),
        alert("roles", {"conditionMatchedLog": {"filter": 'resource.type="iam_role"'}}),
        alert(
            "walls", {"conditionThreshold": {"filter": 'metric.type="logging.googleapis.com/user/walls"'}}, heard=False
        ),
    ]
    made.contacts = [
        {"name": f"{HOME}/contacts/1", "email": "bills@fernhollow.example", "languageTag": "en",
         "notificationCategorySubscriptions": ["BILLING"], "validationState": "VALID"}
    ]  # fmt: skip


def alert(name: str, condition: dict[str, Any], *, heard: bool = True) -> dict[str, Any]:
    channels = {"notificationChannels": [f"{HOME}/notificationChannels/7"]} if heard else {}
    return {"name": f"{HOME}/alertPolicies/{name}", "enabled": True, "conditions": [condition], **channels}


def compute(made: Estate, word: str, path: str, **body: Any) -> None:
    name, location = path.rpartition("/")[2], path.split("/")[1] if path.startswith("regions/") else "global"
    region = {} if location == "global" else {"region": f"{COMPUTE}/{HOME}/regions/{location}"}
    whole = {"name": name, "id": str(sum(path.encode())), "selfLink": f"{COMPUTE}/{HOME}/{path}", **region, **body}
    made.assets.append(
        Asset(f"compute.googleapis.com/{word}", f"//compute.googleapis.com/{HOME}/{path}", whole, location)
    )


def group(made: Estate, name: str, service: str) -> None:
    path = f"regions/{HERE}/networkEndpointGroups/{name}"
    compute(made, "NetworkEndpointGroup", path, networkEndpointType="SERVERLESS", cloudRun={"service": service})


def backend(made: Estate, name: str, scheme: str, armor: str, behind: str = "") -> None:
    groups = [{"group": f"{COMPUTE}/{HOME}/regions/{HERE}/networkEndpointGroups/{behind}"}] if behind else []
    filtered = {"securityPolicy": f"{COMPUTE}/{armor}"} if armor else {}
    path = f"global/backendServices/{name}"
    compute(made, "BackendService", path, loadBalancingScheme=scheme, protocol="HTTPS", backends=groups, **filtered)


def balancer(made: Estate, name: str, address: str, tls: str, backend: str = "") -> None:
    policy = {"sslPolicy": f"{COMPUTE}/{HOME}/global/sslPolicies/{tls}"} if tls else {}
    leads = f"{COMPUTE}/{HOME}/global/backendServices/{backend or name}"
    compute(made, "UrlMap", f"global/urlMaps/{name}", defaultService=leads)
    maps = f"{COMPUTE}/{HOME}/global/urlMaps/{name}"
    compute(made, "TargetHttpsProxy", f"global/targetHttpsProxies/{name}", urlMap=maps, **policy)
    rule(made, name, address, "443", f"{HOME}/global/targetHttpsProxies/{name}")


def rule(made: Estate, name: str, address: str, port: str, target: str) -> None:
    body = {"IPAddress": address, "IPProtocol": "TCP", "portRange": f"{port}-{port}", "target": f"{COMPUTE}/{target}"}
    path = f"global/forwardingRules/{name}"
    compute(made, "GlobalForwardingRule", path, loadBalancingScheme="EXTERNAL_MANAGED", **body)


def subnet(made: Estate, name: str, purpose: str = "PRIVATE", **more: Any) -> None:
    network = f"{COMPUTE}/{HOME}/global/networks/shop"
    compute(made, "Subnetwork", f"regions/{HERE}/subnetworks/{name}", network=network, purpose=purpose, **more)


def job(made: Estate, name: str, service: str, **token: Any) -> None:
    target = {"uri": f"https://{service}-{NUMBER}.{HERE}.run.app/run", "httpMethod": "POST", **token}
    scheduled(made, name, httpTarget=target)


def scheduled(made: Estate, name: str, **target: Any) -> None:
    path = f"{HOME}/locations/{HERE}/jobs/{name}"
    body = {"name": path, "schedule": "0 3 * * *", "timeZone": "Etc/UTC", "state": "ENABLED", **target}
    made.assets.append(
        Asset("cloudscheduler.googleapis.com/Job", f"//cloudscheduler.googleapis.com/{path}", body, HERE)
    )
