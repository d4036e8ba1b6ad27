"""Pub/Sub, API keys, load balancers, firewalls and image repositories of Google Cloud.

Limits: a firewall rule is judged by itself; a rule of higher priority that denies, and VPC firewall policies, are the
exposure graph's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scanners.access.gcp import POLICY, PROJECT, RESOURCE
from scanners.catalog.ports import ADMINISTRATION, STORES
from scanners.checks.facets import Ports
from scanners.checks.google_stores import let_in
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

TOPIC, SUBSCRIPTION = "pubsub.googleapis.com/Topic", "pubsub.googleapis.com/Subscription"
SCANNING = "services.get"
OLDEST = timedelta(days=90)
CLIENTS = ("browserKeyRestrictions", "serverKeyRestrictions", "androidKeyRestrictions", "iosKeyRestrictions")
OPEN = ("EXTERNAL", "EXTERNAL_MANAGED")
PROXIED = ("HTTP", "HTTPS", "HTTP2", "H2C", "GRPC", "SSL", "TCP")
NUMBERS = {"6": "tcp", "17": "udp"}


@check(
    "gcp.pubsub.public",
    on=(TOPIC, SUBSCRIPTION),
    severity=Severity.HIGH,
    title="Topic or subscription open to everyone",
    reads=(POLICY,),
    fix=Fix(
        console="Pub/Sub > the topic or subscription > Permissions: remove allUsers and allAuthenticatedUsers.",
        cli="gcloud pubsub topics remove-iam-policy-binding NAME --member allUsers --role roles/pubsub.publisher",
        terraform='resource "google_pubsub_topic_iam_member" "this" { role = "roles/pubsub.publisher"  member ='
        " google_service_account.this.member }",
    ),
)
def pubsub_public(thing: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can read along, or feed the code behind it with messages of theirs."""
    word = "topic" if thing.kind == TOPIC else "subscription"
    yield from let_in(thing[POLICY], estate, word)
    yield passed("No binding of its policy lets everyone in", thing[POLICY], subject="access")


@check(
    "gcp.pubsub.push_no_auth",
    on=SUBSCRIPTION,
    severity=Severity.HIGH,
    title="Push without identity token",
    reads=(RESOURCE,),
    fix=Fix(
        console="Pub/Sub > Subscriptions > the subscription > Edit: enable authentication with a service account; an"
        " https endpoint that checks the token.",
        cli="gcloud pubsub subscriptions update NAME --push-endpoint https://HOST/PATH --push-auth-service-account"
        " EMAIL",
        terraform='resource "google_pubsub_subscription" "this" { push_config { push_endpoint = "https://HOST/PATH"'
        "  oidc_token { service_account_email = google_service_account.push.email } } }",
    ),
)
def push_no_auth(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """The endpoint cannot tell Pub/Sub's messages from those of anybody who finds its address."""
    config = subscription[RESOURCE]["pushConfig"]
    endpoint, token = config["pushEndpoint"], config["oidcToken"]["serviceAccountEmail"]
    if not endpoint.value:
        yield not_applicable("Messages are pulled", endpoint)
    elif not endpoint.text().lower().startswith("https://"):
        yield failed("Messages are pushed in the clear", endpoint)
    elif not token.value:
        yield failed("Messages are pushed without a token that says whose they are", endpoint, config["oidcToken"])
    else:
        yield passed("Messages are pushed with an identity token", token, endpoint)


@check(
    "gcp.apikeys.unrestricted",
    on="apikeys.googleapis.com/Key",
    severity=Severity.HIGH,
    title="API key without limits",
    reads=(RESOURCE,),
    fix=Fix(
        console="APIs & Services > Credentials > the key > Edit: application and API restrictions; rotate it.",
        cli="gcloud services api-keys update KEY --api-target service=SERVICE --allowed-ips 198.51.100.7",
        terraform='resource "google_apikeys_key" "this" { restrictions { api_targets { service = "SERVICE" }'
        '  server_key_restrictions { allowed_ips = ["198.51.100.7"] } } }',
    ),
)
def api_key(key: Resource, estate: Estate) -> Iterator[Verdict]:
    """A key is sent with every request and ends up in pages and logs; who finds it calls what it is good for, at the
    owner's cost.  Lighter where age is all that is wrong.
    """
    told = key[RESOURCE]
    limits, made = told["restrictions"], told.need("createTime")
    lacks = []
    if not limits["apiTargets"].value:
        lacks.append("opens every API of the project")
    if not any(limits[one].value for one in CLIENTS):
        lacks.append("may be used from anywhere")
    old = estate.now - datetime.fromisoformat(made.text().replace("Z", "+00:00")) > OLDEST
    if lacks:
        yield failed(f"The key {' and '.join(lacks)}", limits, made)
    elif old:
        yield failed(f"The key is in use since {made.text()[:10]}", made, severity=Severity.MEDIUM)
    else:
        yield passed("The key is young, and opens named APIs to named clients", limits, made)


@check(
    "gcp.lb.armor",
    on="compute.googleapis.com/BackendService",
    severity=Severity.MEDIUM,
    title="Public backend without Cloud Armor",
    reads=(RESOURCE,),
    fix=Fix(
        console="Network Security > Cloud Armor policies > the policy > Targets > Apply policy to new target.",
        cli="gcloud compute backend-services update NAME --global --security-policy POLICY",
        terraform='resource "google_compute_backend_service" "this" { security_policy ='
        " google_compute_security_policy.this.id }",
    ),
)
def armor(backend: Resource, estate: Estate) -> Iterator[Verdict]:
    """Floods and known attacks reach the code behind it.  Lighter where Identity-Aware Proxy lets only people of the
    company through.
    """
    told = backend[RESOURCE]
    scheme, policy, proxy = told.need("loadBalancingScheme"), told["securityPolicy"], told["iap"]["enabled"]
    if scheme.value not in OPEN:
        yield not_applicable(f"It stands behind no external load balancer ({scheme.value})", scheme)
    elif told["protocol"].present and told["protocol"].value not in PROXIED:
        yield not_applicable("The load balancer passes packets through, without requests to filter", told["protocol"])
    elif policy.value:
        yield passed("A security policy filters requests", policy)
    else:
        yield failed("No security policy filters requests from the internet", scheme, policy,
                     severity=Severity.LOW if proxy.value is True else None)  # fmt: skip


@check(
    "gcp.compute.firewall_open",
    on="compute.googleapis.com/Firewall",
    severity=Severity.HIGH,
    title="Firewall open to the internet",
    reads=(RESOURCE,),
    fix=Fix(
        console="VPC network > Firewall > the rule > Edit: your own ranges; for SSH and RDP, Identity-Aware Proxy's"
        " 35.235.240.0/20.",
        cli="gcloud compute firewall-rules update NAME --source-ranges 35.235.240.0/20",
        terraform='resource "google_compute_firewall" "this" { source_ranges = ["35.235.240.0/20"] }',
    ),
)
def firewall_open(firewall: Resource, estate: Estate) -> Iterator[Verdict]:
    """Scanners find an open port within minutes and try stolen passwords and fresh exploits on it."""
    told = firewall[RESOURCE]
    direction, disabled, allowed = told.need("direction"), told["disabled"], told["allowed"]
    if direction.value != "INGRESS" or disabled.value is True or not allowed.present:
        yield not_applicable("The rule lets nothing in", direction, disabled, allowed)
        return
    ways = [(rule, ports) for rule in allowed for ports in _ports(rule)]
    for source in _internet(told):
        all_of_it = [rule for rule, ports in ways if ports.everything]
        if all_of_it:
            yield failed(f"Every port is open to {source.value or 'the internet'}", source, *all_of_it, subject="all",
                         severity=Severity.CRITICAL)  # fmt: skip
            continue
        for port in (*ADMINISTRATION, *STORES):
            if rules := [rule for rule, ports in ways if ports.reach(port)]:
                sentence = f"{port.service} (port {port.number}) is open to {source.value or 'the internet'}"
                yield failed(sentence, source, *rules, subject=str(port.number))
    yield passed("No other port for administration or data is open to the internet", told["sourceRanges"], allowed)


def _internet(told: Node) -> Iterator[Node]:
    """The ranges that are the internet; a rule that names no source at all means every one."""
    ranges = told["sourceRanges"]
    yield from (one for one in ranges if is_internet(one))
    if not ranges.value and not told["sourceTags"].value and not told["sourceServiceAccounts"].value:
        yield ranges


def _ports(rule: Node) -> Iterator[Ports]:
    name = rule.need("IPProtocol").text().lower()
    protocol = NUMBERS.get(name, name)
    if not rule["ports"].value:
        yield Ports(protocol)
    for span in rule["ports"]:
        first, _, last = span.text().partition("-")
        yield Ports(protocol, int(first), int(last or first))


@check(
    "gcp.artifacts.scanning",
    on="artifactregistry.googleapis.com/Repository",
    severity=Severity.MEDIUM,
    title="Images not scanned or open",
    reads=(RESOURCE, POLICY),
    joins=((PROJECT, SCANNING),),
    fix=Fix(
        console="Artifact Registry > Settings > Vulnerability scanning: turn on; the repository > Permissions: remove"
        " allUsers and allAuthenticatedUsers.",
        cli="gcloud services enable containerscanning.googleapis.com; gcloud artifacts repositories update NAME"
        " --location LOCATION --allow-vulnerability-scanning",
        terraform='resource "google_project_service" "scanning" { service = "containerscanning.googleapis.com" }',
    ),
)
def images(repository: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody learns that an image carries a library with a known hole; and from an open one anyone fetches the code."""
    yield from let_in(repository[POLICY], estate, "repository", Severity.CRITICAL)
    yield passed("No binding of its policy lets everyone in", repository[POLICY], subject="access")
    told = repository[RESOURCE]
    state, kind = told["vulnerabilityScanningConfig"]["enablementState"], told.need("format")
    if state.value == "SCANNING_UNSUPPORTED" or (not state.present and kind.value != "DOCKER"):
        yield not_applicable(f"Google scans no repository of the format {kind.value}", kind, state, subject="scanning")
    elif state.present:
        yield _scanned(state.value == "SCANNING_ACTIVE", state)
    else:
        for project in estate.all(PROJECT):
            api = project[SCANNING].need("state")
            yield _scanned(api.value == "ENABLED", api)


def _scanned(on: bool, proof: Node) -> Verdict:
    if on:
        return passed("Images are scanned when they are pushed", proof, subject="scanning")
    return failed("No image is scanned", proof, subject="scanning")
