"""Cloud Run and functions of Google Cloud beside their doors: networks, caps, images, and who shares an account.

Limits: a service with another in front of it counts as exposed when its ingress lets the internet in.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import RESOURCE
from scanners.checks.cloud_functions import FUNCTION
from scanners.checks.cloud_run import SERVICE
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import DEFAULT
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

INSIDE = ("INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_NONE")


@check(
    "gcp.run.vpc_egress",
    on=SERVICE,
    severity=Severity.LOW,
    title="Cloud Run egress bypasses the VPC",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run > the service > Edit and deploy new revision > Networking: connect to a VPC, route all"
        " traffic to it.",
        cli="gcloud run services update NAME --region REGION --network NETWORK --subnet SUBNET --vpc-egress"
        " all-traffic",
        terraform='resource "google_cloud_run_v2_service" "this" { template { vpc_access { egress = "ALL_TRAFFIC"'
        '  network_interfaces { network = "NETWORK" } } } }',
    ),
)
def vpc_egress(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """What the code sends out passes no firewall and no log of yours; stolen data leaves unseen."""
    access = service[RESOURCE]["template"]["vpcAccess"]
    if not access["connector"].value and not access["networkInterfaces"].value:
        yield failed("Nothing it sends goes through a VPC", access)
    elif access["egress"].value == "ALL_TRAFFIC":
        yield passed("All that it sends goes through a VPC", access["egress"])
    else:
        yield failed("Only what it sends to private addresses goes through a VPC", access["egress"])


@check(
    "gcp.run.no_max_instances",
    on=SERVICE,
    severity=Severity.LOW,
    title="No instance cap on an exposed service",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run > the service > Edit and deploy new revision > Autoscaling: maximum number of instances.",
        cli="gcloud run services update NAME --region REGION --max-instances 20",
        terraform='resource "google_cloud_run_v2_service" "this" { template { scaling { max_instance_count = 20 } } }',
    ),
)
def no_max_instances(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """A flood from outside is paid for in full, and overruns what stands behind the service."""
    told = service[RESOURCE]
    ingress, cap = told.need("ingress"), told["template"]["scaling"]["maxInstanceCount"]
    if ingress.value in INSIDE:
        yield not_applicable("The internet does not reach it", ingress)
    elif cap.value:
        yield passed("Its instances are capped", cap)
    else:
        yield failed("The internet reaches it and its instances have no cap of their own", cap, ingress)


@check(
    "gcp.run.binauthz",
    on=SERVICE,
    severity=Severity.LOW,
    title="Unverified images may run",
    reads=(RESOURCE,),
    fix=Fix(
        console="Security > Binary Authorization: a policy that demands attestations; Cloud Run > the service >"
        " Security: Binary Authorization.",
        cli="gcloud run services update NAME --region REGION --binary-authorization default",
        terraform='resource "google_cloud_run_v2_service" "this" { binary_authorization { use_default = true } }',
    ),
)
def binauthz(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may deploy runs any image, whether your pipeline built it or not."""
    told = service[RESOURCE]["binaryAuthorization"]
    if told["useDefault"].value is True or told["policy"].value:
        yield passed("Images are held against a policy of Binary Authorization", told)
    else:
        yield failed("Binary Authorization is not asked about its images", told)


@check(
    "gcp.run.sa_shared",
    on=SERVICE,
    severity=Severity.MEDIUM,
    title="Services share one account",
    reads=(RESOURCE,),
    joins=((SERVICE, RESOURCE), (FUNCTION, RESOURCE)),
    fix=Fix(
        console="Cloud Run > the service > Edit and deploy new revision > Security: a service account of its own.",
        cli="gcloud iam service-accounts create NAME; gcloud run services update NAME --region REGION"
        " --service-account EMAIL",
        terraform='resource "google_cloud_run_v2_service" "this" { template { service_account ='
        " google_service_account.this.email } }",
    ),
)
def sa_shared(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who breaks into one has the rights of all, and logs do not tell them apart."""
    mine = service[RESOURCE]["template"]["serviceAccount"]
    if not mine.value or DEFAULT.fullmatch(mine.text()):
        yield not_applicable("It runs as the default account, which is judged by itself", mine)
        return
    others = [one for one in _accounts(estate, service) if one.value == mine.value]
    if others:
        many = f"{len(others)} other{'s' if len(others) > 1 else ''}"
        yield failed(f"{mine.value} is the account of {many} as well", mine, *others)
    else:
        yield passed("No other service or function runs as its account", mine)


def _accounts(estate: Estate, service: Resource) -> Iterator[Node]:
    """Of all others.  The service that a function of the second generation runs as is the function itself."""
    name = service.ref.removeprefix("//run.googleapis.com/")
    for other in estate.all(SERVICE):
        if other.ref != service.ref:
            yield other[RESOURCE]["template"]["serviceAccount"]
    for function in estate.all(FUNCTION):
        config = function[RESOURCE]["serviceConfig"]
        if function[RESOURCE]["environment"].value != "GEN_2" and config["service"].value != name:
            yield config["serviceAccountEmail"]


@check(
    "gcp.functions.http_plain",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Function accepts plain HTTP",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run functions > the function > Edit > Trigger: require HTTPS.",
        cli="gcloud functions deploy NAME --region REGION --security-level secure-always",
        terraform='resource "google_cloudfunctions_function" "this" { https_trigger_security_level = "SECURE_ALWAYS" }',
    ),
)
def http_plain(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Tokens and data of a request in the clear are read by whoever stands on the way."""
    told = function[RESOURCE]
    config, level = told["serviceConfig"], told["serviceConfig"]["securityLevel"]
    if told["environment"].value == "GEN_2":
        yield passed("Functions of the second generation send plain HTTP on to HTTPS", told["environment"])
    elif not config["uri"].present:
        yield not_applicable("It has no address", config["uri"])
    elif level.value == "SECURE_ALWAYS":
        yield passed("Plain HTTP is sent on to HTTPS", level)
    elif level.value == "SECURE_OPTIONAL":
        yield failed("It answers plain HTTP", level)
    else:
        raise Unread(
            Gap(
                level.call,
                "",
                State.UNSUPPORTED,
                f"what the security level {level.value} means is not known",
                level.region,
            )
        )


@check(
    "gcp.functions.vpc",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Function outside the VPC",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run functions > the function > Edit > Connections: a VPC connector, all traffic through it.",
        cli="gcloud functions deploy NAME --region REGION --vpc-connector CONNECTOR --egress-settings all",
        terraform='resource "google_cloudfunctions2_function" "this" { service_config { vpc_connector = "CONNECTOR"'
        '  vpc_connector_egress_settings = "ALL_TRAFFIC" } }',
    ),
)
def vpc(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """What the code sends out passes no firewall and no log of yours; stolen data leaves unseen."""
    config = function[RESOURCE]["serviceConfig"]
    if config["vpcConnector"].value:
        yield passed("It is connected to a VPC", config["vpcConnector"])
    else:
        yield failed("It is connected to no VPC", config["vpcConnector"])
