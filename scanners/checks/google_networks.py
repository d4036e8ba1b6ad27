"""Google Cloud at the edge of its networks: TLS of load balancers, flow logs of subnets, and calls by the clock."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import RESOURCE
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

TLS = "compute.googleapis.com/SslPolicy"
OLD = {"TLS_1_0": "TLS 1.0", "TLS_1_1": "TLS 1.1"}
NEW = ("TLS_1_2", "TLS_1_3")
LOGGED = ("PRIVATE", "PRIVATE_RFC_1918")  # of other purposes no machine stands there


@check(
    "gcp.lb.tls_policy",
    on="compute.googleapis.com/TargetHttpsProxy",
    severity=Severity.MEDIUM,
    title="Load balancer accepts weak TLS",
    reads=(RESOURCE,),
    joins=((TLS, RESOURCE),),
    fix=Fix(
        console="Network Security > SSL policies > Create policy: TLS 1.2, profile Modern; then choose it at the load"
        " balancer's frontend.",
        cli="gcloud compute ssl-policies create modern --min-tls-version 1.2 --profile MODERN; gcloud compute"
        " target-https-proxies update NAME --ssl-policy modern",
        terraform='resource "google_compute_ssl_policy" "modern" { min_tls_version = "TLS_1_2"  profile = "MODERN" }',
    ),
)
def tls_policy(proxy: Resource, estate: Estate) -> Iterator[Verdict]:
    """TLS 1.0 and 1.1 are broken and out of support; without a policy of its own a load balancer still speaks both."""
    named = proxy[RESOURCE]["sslPolicy"]
    if not named.value:
        yield failed("No SSL policy is set, so TLS 1.0 is accepted", named)
        return
    least = _policy(named, estate)[RESOURCE].need("minTlsVersion")
    if least.value in OLD:
        yield failed(f"Its SSL policy accepts {OLD[least.text()]}", least, named)
    elif least.value in NEW:
        yield passed("Its SSL policy demands TLS 1.2 or newer", least, named)
    else:
        raise Unread(Gap(least.call, "", State.UNSUPPORTED, f"{least.value} is new", least.region))


def _policy(named: Node, estate: Estate) -> Resource:
    path = named.text().partition("/projects/")[2]
    if found := estate.find(TLS, f"//compute.googleapis.com/projects/{path}"):
        return found
    code = "the SSL policy is not in the list"
    raise Unread(
        Gap("compute.sslPolicies.aggregatedList", "compute.sslPolicies.list", State.SKIPPED, code, named.region)
    )


@check(
    "gcp.compute.flow_logs",
    on="compute.googleapis.com/Subnetwork",
    severity=Severity.MEDIUM,
    title="Subnet without flow logs",
    reads=(RESOURCE,),
    fix=Fix(
        console="VPC network > the network > Subnets > the subnet > Edit > Flow logs: on.",
        cli="gcloud compute networks subnets update NAME --region REGION --enable-flow-logs",
        terraform='resource "google_compute_subnetwork" "this" { log_config { aggregation_interval ='
        ' "INTERVAL_5_SEC" } }',
    ),
)
def flow_logs(subnet: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who spoke with whom cannot be told afterwards."""
    told = subnet[RESOURCE]
    purpose, switches = told["purpose"], (told["logConfig"]["enable"], told["enableFlowLogs"])
    if purpose.present and purpose.value not in LOGGED:
        yield not_applicable(f"It has no machines: it is for {purpose.value}", purpose)
    elif any(one.value is True for one in switches):
        yield passed("Flow logs are kept", *switches)
    else:
        yield failed("No flow logs are kept", *switches)


@check(
    "gcp.scheduler.http_no_auth",
    on="cloudscheduler.googleapis.com/Job",
    severity=Severity.MEDIUM,
    title="Scheduled call without identity",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Scheduler > the job > Edit > Auth header: add OIDC token, with a service account that may call.",
        cli="gcloud scheduler jobs update http NAME --location LOCATION --oidc-service-account-email EMAIL",
        terraform='resource "google_cloud_scheduler_job" "this" { http_target { oidc_token { service_account_email ='
        " google_service_account.caller.email } } }",
    ),
)
def http_no_auth(job: Resource, estate: Estate) -> Iterator[Verdict]:
    """What it calls must then be open to everybody, or rest on a secret in the address or a header."""
    target = job[RESOURCE]["httpTarget"]
    tokens = [target[one]["serviceAccountEmail"] for one in ("oidcToken", "oauthToken")]
    if not target.present:
        yield not_applicable("It calls no address: it publishes, or calls App Engine", target)
    elif any(one.value for one in tokens):
        yield passed("It calls with a token of a service account", *tokens)
    else:
        yield failed("It calls without a token that says who calls", target["uri"], *tokens)
