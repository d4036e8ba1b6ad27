"""Clusters of Google Kubernetes Engine: who reaches the control plane, and whose identity a pod has."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import RESOURCE
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import DEFAULT
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

CLUSTER = "container.googleapis.com/Cluster"


@check(
    "gcp.gke.exposed",
    on=CLUSTER,
    severity=Severity.HIGH,
    title="Cluster control plane exposed",
    reads=(RESOURCE,),
    fix=Fix(
        console="Kubernetes Engine > the cluster > Control plane networking: no external IP access, or authorized"
        " networks; Security: legacy authorization off.",
        cli="gcloud container clusters update NAME --location LOCATION --enable-master-authorized-networks"
        " --master-authorized-networks 198.51.100.0/24 --no-enable-legacy-authorization",
        terraform='resource "google_container_cluster" "this" { private_cluster_config { enable_private_endpoint = true'
        "  enable_private_nodes = true } }",
    ),
)
def control_plane(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever reaches the API server can try stolen tokens and fresh exploits on it; legacy authorization gives every
    service account of the cluster all of it.
    """
    told = cluster[RESOURCE]
    yield _endpoint(told)
    abac = told["legacyAbac"]["enabled"]
    if abac.value is True:
        yield failed("Legacy authorization is on", abac, subject="authorization")
    else:
        yield passed("Legacy authorization is off", abac, subject="authorization")


def _endpoint(told: Node) -> Verdict:
    """The newer fields of the control plane's endpoints count before the older ones of private clusters."""
    endpoints = told["controlPlaneEndpointsConfig"]["ipEndpointsConfig"]
    newer, older = endpoints["enablePublicEndpoint"], told["privateClusterConfig"]["enablePrivateEndpoint"]
    private = newer.value is False or endpoints["enabled"].value is False or (not newer.present and older.value is True)
    if private:
        return passed("The control plane has no public address", newer, older, subject="endpoint")
    networks = endpoints["authorizedNetworksConfig"]
    networks = networks if networks.present else told["masterAuthorizedNetworksConfig"]
    if networks["enabled"].value is not True:
        return failed(
            "The control plane answers the whole internet", networks["enabled"], newer, older, subject="endpoint"
        )
    for block in networks["cidrBlocks"]:
        if is_internet(block.need("cidrBlock")):
            return failed(f"The control plane answers {block['cidrBlock'].value}", block, subject="endpoint")
    return passed("The control plane answers named networks only", networks, subject="endpoint")


@check(
    "gcp.gke.identity",
    on=CLUSTER,
    severity=Severity.HIGH,
    title="Pods share node identity",
    reads=(RESOURCE,),
    fix=Fix(
        console="Kubernetes Engine > the cluster > Security > Workload Identity; each node pool: GKE metadata server,"
        " and a service account of its own.",
        cli="gcloud container clusters update NAME --location LOCATION --workload-pool PROJECT.svc.id.goog; gcloud"
        " container node-pools update POOL --cluster NAME --location LOCATION --workload-metadata GKE_METADATA",
        terraform='resource "google_container_cluster" "this" { workload_identity_config { workload_pool ='
        ' "PROJECT.svc.id.goog" } }',
    ),
)
def pod_identity(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any pod takes the node's token from the metadata server, and with it all that the node may do."""
    told = cluster[RESOURCE]
    workloads, autopilot = told["workloadIdentityConfig"]["workloadPool"], told["autopilot"]["enabled"]
    if not workloads.value and autopilot.value is not True:
        yield failed("Pods have no identities of their own", workloads)
    for pool in told["nodePools"] if autopilot.value is not True else ():
        config, name = pool["config"], pool.need("name").text()
        account, mode = config["serviceAccount"], config["workloadMetadataConfig"]["mode"]
        if mode.value != "GKE_METADATA":
            yield failed("Its pods reach the node's own metadata server", mode, subject=name)
        elif not account.value or account.value == "default" or DEFAULT.fullmatch(account.text()):
            yield failed("Its nodes run as the Compute Engine default account", account, subject=name)
        else:
            yield passed("Its pods get their own identity, and its nodes have an account of their own", mode, account,
                         subject=name)  # fmt: skip
    yield passed("Pods have identities of their own", workloads, autopilot)


@check(
    "gcp.gke.hardening",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Cluster hardening gaps",
    reads=(RESOURCE,),
    fix=Fix(
        console="Kubernetes Engine > the cluster > Details: network policy, application-layer secrets encryption,"
        " Binary Authorization, shielded nodes and system logging, each on.",
        cli="gcloud container clusters update NAME --location LOCATION --enable-shielded-nodes; and likewise"
        " --enable-network-policy, --database-encryption-key KEY, --binauthz-evaluation-mode"
        " PROJECT_SINGLETON_POLICY_ENFORCE, --logging SYSTEM,WORKLOAD",
        terraform='resource "google_container_cluster" "this" { enable_shielded_nodes = true  network_policy { enabled'
        ' = true }  database_encryption { state = "ENCRYPTED"  key_name = google_kms_crypto_key.this.id } }',
    ),
)
def hardening(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of these holds up somebody who has come into one pod, or shows what he did."""
    told = cluster[RESOURCE]
    for subject, (sound, missing, decides) in HARDENED.items():
        proof = [_at(told, path) for path in decides]
        if any(one.value in good for one, good in zip(proof, decides.values(), strict=True)):
            yield passed(sound, *proof, subject=subject)
        elif told["autopilot"]["enabled"].value is True and subject in OF_AUTOPILOT:
            yield passed(f"{sound}, for Autopilot sees to it", told["autopilot"]["enabled"], subject=subject)
        else:
            yield failed(missing, *proof, subject=subject)
    parts = told["loggingConfig"]["componentConfig"]["enableComponents"]
    if "SYSTEM_COMPONENTS" in {one.value for one in parts}:
        yield passed("Logs of the system are kept", parts, subject="logging")
    else:
        yield failed("No logs of the system are kept", parts, subject="logging")


# what → (sound, missing, field → values that are sound).  "Harden your cluster's security" (GKE), read 2026-11
HARDENED: dict[str, tuple[str, str, dict[str, tuple[object, ...]]]] = {
    "network policy": (
        "Traffic between pods can be limited",
        "Network policies have no effect: any pod speaks to any",
        {"networkPolicy.enabled": (True,), "networkConfig.datapathProvider": ("ADVANCED_DATAPATH",)},
    ),
    "secrets": (
        "Secrets are encrypted with a key of yours",
        "Secrets are not encrypted with a key of yours",
        {"databaseEncryption.state": ("ENCRYPTED",)},
    ),
    "images": (
        "Binary Authorization decides which images run",
        "Any image runs",
        {
            "binaryAuthorization.enabled": (True,),
            "binaryAuthorization.evaluationMode": (
                "PROJECT_SINGLETON_POLICY_ENFORCE",
                "POLICY_BINDINGS",
                "POLICY_BINDINGS_AND_PROJECT_SINGLETON_POLICY_ENFORCE",
            ),
        },
    ),
    "nodes": (
        "Nodes prove what they are",
        "Nodes are not shielded: a stolen bootstrap credential makes one",
        {"shieldedNodes.enabled": (True,)},
    ),
}
OF_AUTOPILOT = ("network policy", "nodes")  # "Autopilot overview", section on security (GKE), read 2026-11


def _at(told: Node, path: str) -> Node:
    for step in path.split("."):
        told = told[step]
    return told
