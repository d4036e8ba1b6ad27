"""Pub/Sub, API keys, load balancers, firewalls, repositories and clusters of Google Cloud."""

from tests.core.cases import Cases, resource
from tests.core.google import ROBOT, case, policy, project

PUSH = {"pushEndpoint": "https://shop.example/in"}
TOKEN = {"oidcToken": {"serviceAccountEmail": ROBOT}}
TARGETS, CLIENTS = (
    {"apiTargets": [{"service": "maps.googleapis.com"}]},
    {"serverKeyRestrictions": {"allowedIps": ["198.51.100.7"]}},
)
YOUNG, OLD = "2026-11-01T00:00:00Z", "2026-01-01T00:00:00Z"


def thing(kind, subject="", bound=None, around=(), **body):
    return case(resource(f"{kind}", f"//x/{kind}", resource=body, iamPolicy=bound or {}), *around, subject=subject)


def pubsub(word, who):
    return thing(f"pubsub.googleapis.com/{word}", "access", policy(("roles/x", who)))


def push(config):
    return thing("pubsub.googleapis.com/Subscription", name="s", **({"pushConfig": config} if config else {}))


def api_key(restrictions, made=YOUNG):
    return thing(
        "apikeys.googleapis.com/Key", createTime=made, **({"restrictions": restrictions} if restrictions else {})
    )


def backend(scheme="EXTERNAL_MANAGED", **more):
    return thing("compute.googleapis.com/BackendService", loadBalancingScheme=scheme, **more)


def firewall(subject="", sources=("0.0.0.0/0",), protocol="tcp", ports=(), **more):
    allowed = [{"IPProtocol": protocol, **({"ports": list(ports)} if ports else {})}]
    body = {"direction": "INGRESS", "sourceRanges": list(sources), "allowed": allowed, **more}
    return thing("compute.googleapis.com/Firewall", subject, **body)


def repository(subject, state="", allowed=None, format="DOCKER", api="ENABLED"):
    scan = {"vulnerabilityScanningConfig": {"enablementState": state}} if state else {}
    around = (project(**{"services.get": {"state": api}}),)
    return thing("artifactregistry.googleapis.com/Repository", subject, allowed, around, format=format, **scan)


def cluster(subject, **body):
    return thing("container.googleapis.com/Cluster", subject, **body)


def endpoint(**said):
    return cluster("endpoint", **said)


def nodes(subject, account=ROBOT, mode="GKE_METADATA", **more):
    config = {"serviceAccount": account, "workloadMetadataConfig": {"mode": mode}}
    workloads = {"workloadIdentityConfig": {"workloadPool": "shop.svc.id.goog"}}
    return cluster(subject, **{**workloads, "nodePools": [{"name": "main", "config": config}], **more})


SOUND = {
    "networkPolicy": {"enabled": True},
    "databaseEncryption": {"state": "ENCRYPTED"},
    "binaryAuthorization": {"enabled": True},
    "shieldedNodes": {"enabled": True},
    "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]}},
}


def hard(subject, **more):
    return cluster(subject, **{**SOUND, **more})


CASES = {
    "gcp.pubsub.public": Cases(
        fails=(pubsub("Topic", "allUsers"), pubsub("Subscription", "allAuthenticatedUsers")),
        passes=(pubsub("Topic", f"serviceAccount:{ROBOT}"), pubsub("Subscription", "domain:shop.example")),
    ),
    "gcp.pubsub.push_no_auth": Cases(
        fails=(push(PUSH), push({**PUSH, "oidcToken": {}}), push({"pushEndpoint": "http://shop.example", **TOKEN})),
        passes=(push({**PUSH, **TOKEN}), push({"pushEndpoint": "HTTPS://shop.example", **TOKEN})),
        neutral=(push(None), push({})),
    ),
    "gcp.apikeys.unrestricted": Cases(
        fails=(api_key(None), api_key(TARGETS), api_key(CLIENTS), api_key({**TARGETS, **CLIENTS}, OLD)),
        passes=(api_key({**TARGETS, **CLIENTS}),),
    ),
    "gcp.lb.armor": Cases(
        fails=(backend(), backend("EXTERNAL", protocol="HTTPS"), backend(iap={"enabled": True})),
        passes=(backend(securityPolicy="https://x/securityPolicies/shop"),),
        neutral=(backend("INTERNAL_MANAGED"), backend("EXTERNAL", protocol="UDP"), backend("INTERNAL_SELF_MANAGED")),
    ),
    "gcp.compute.firewall_open": Cases(
        fails=(
            firewall("22", ports=["22"]),
            firewall("22", sources=["::/0"], ports=["20-25"]),
            firewall("5432", sources=["128.0.0.0/1"], ports=["443", "5432"]),
            firewall("3389", protocol="17", ports=["3389"]),
            firewall("all", protocol="all"),
            firewall("all"),
            firewall("all", protocol="6", ports=["0-65535"]),
            firewall("22", sources=(), ports=["22"]),
        ),
        passes=(
            firewall(ports=["443"]),
            firewall(sources=["198.51.100.0/24"], ports=["22"]),
            firewall(protocol="icmp"),
            firewall(protocol="udp", ports=["22"]),
            firewall(sources=(), ports=["22"], sourceTags=["bastion"]),
        ),
        neutral=(firewall(disabled=True), firewall(direction="EGRESS"), firewall(allowed=None)),
        unknown=(firewall(sources=["somewhere"], ports=["22"]), firewall(ports=["ssh"])),
    ),
    "gcp.artifacts.scanning": Cases(
        fails=(
            repository("scanning", "SCANNING_DISABLED"),
            repository("scanning", api="DISABLED"),
            repository("access", "SCANNING_ACTIVE", policy(("roles/artifactregistry.reader", "allUsers"))),
        ),
        passes=(repository("scanning", "SCANNING_ACTIVE"), repository("scanning"), repository("access")),
        neutral=(repository("scanning", "SCANNING_UNSUPPORTED"), repository("scanning", format="GENERIC")),
    ),
    "gcp.gke.exposed": Cases(
        fails=(
            endpoint(),
            endpoint(privateClusterConfig={"enablePrivateNodes": True}),
            endpoint(masterAuthorizedNetworksConfig={"enabled": True, "cidrBlocks": [{"cidrBlock": "0.0.0.0/0"}]}),
            endpoint(
                privateClusterConfig={"enablePrivateEndpoint": True},
                controlPlaneEndpointsConfig={"ipEndpointsConfig": {"enabled": True, "enablePublicEndpoint": True}},
            ),
            cluster("authorization", legacyAbac={"enabled": True}),
        ),
        passes=(
            endpoint(privateClusterConfig={"enablePrivateEndpoint": True}),
            endpoint(
                masterAuthorizedNetworksConfig={"enabled": True, "cidrBlocks": [{"cidrBlock": "198.51.100.0/24"}]}
            ),
            endpoint(controlPlaneEndpointsConfig={"ipEndpointsConfig": {"enablePublicEndpoint": False}}),
            cluster("authorization", legacyAbac={}),
        ),
    ),
    "gcp.gke.identity": Cases(
        fails=(
            nodes("", workloadIdentityConfig={}),
            nodes("main", mode="GCE_METADATA"),
            nodes("main", account="default"),
            nodes("main", account="424242424242-compute@developer.gserviceaccount.com"),
        ),
        passes=(nodes("main"), cluster("", autopilot={"enabled": True})),
    ),
    "gcp.gke.hardening": Cases(
        fails=(
            hard("network policy", networkPolicy={}),
            hard("network policy", networkPolicy={}, networkConfig={"datapathProvider": "LEGACY_DATAPATH"}),
            hard("secrets", databaseEncryption={"state": "DECRYPTED"}),
            hard("secrets", databaseEncryption={}, autopilot={"enabled": True}),
            hard("images", binaryAuthorization={"evaluationMode": "DISABLED"}),
            hard("nodes", shieldedNodes={"enabled": False}),
            hard("logging", loggingConfig={"componentConfig": {"enableComponents": ["WORKLOADS"]}}),
            hard("logging", loggingConfig={}),
        ),
        passes=(
            *(hard(one) for one in ("network policy", "secrets", "images", "nodes", "logging")),
            hard("network policy", networkPolicy={}, networkConfig={"datapathProvider": "ADVANCED_DATAPATH"}),
            hard("network policy", networkPolicy={}, autopilot={"enabled": True}),
            hard("nodes", shieldedNodes={}, autopilot={"enabled": True}),
            hard("images", binaryAuthorization={"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"}),
        ),
    ),
}
