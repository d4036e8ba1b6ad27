"""Cloud Run services: who may call them, from where, as whom they run, and what stands in their variables.

Limits: bindings on folders and on the organisation are `gcp.iam.public_member`'s question.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import EVERYONE, POLICY, PREDEFINED, PROJECT, RESOURCE, Grant, may, open_to_everyone
from scanners.checks.facets import secrets_in
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import JOINS as STRENGTH
from scanners.checks.workloads import account_of_its_own, too_strong
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

SERVICE = "run.googleapis.com/Service"
CALL = ("run.routes.invoke",)
ROADS = {  # ingress → how the world may still reach it, and how grave an open door is then
    "INGRESS_TRAFFIC_ALL": ("", None),
    "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER": (" who comes through its load balancer", Severity.HIGH),
    "INGRESS_TRAFFIC_INTERNAL_ONLY": (" inside the project's networks", Severity.MEDIUM),
    "INGRESS_TRAFFIC_NONE": (" once its ingress is opened", Severity.LOW),
}
WHO_MAY_CALL = ((PROJECT, POLICY), (PREDEFINED, RESOURCE))


@check(
    "gcp.run.public_invoker",
    on=SERVICE,
    severity=Severity.CRITICAL,
    title="Cloud Run service callable by everyone",
    reads=(RESOURCE, POLICY),
    joins=WHO_MAY_CALL,
    fix=Fix(
        console="Cloud Run > the service > Security: require authentication; Permissions: remove allUsers and"
        " allAuthenticatedUsers, and bind the callers' service accounts to Cloud Run Invoker.",
        cli="gcloud run services remove-iam-policy-binding NAME --region REGION --member allUsers --role"
        " roles/run.invoker; gcloud run services update NAME --region REGION --invoker-iam-check",
        terraform='resource "google_cloud_run_v2_service_iam_member" "caller" { role = "roles/run.invoker"  member = '
        '"serviceAccount:CALLER" }',
    ),
)
def public_invoker(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can run the code behind it, as often as they like, with input of their choice."""
    yield from callable_by_all(service[RESOURCE], service[POLICY], estate)


def callable_by_all(told: Node, policy: Node, estate: Estate) -> Iterator[Verdict]:
    """Whether a service's own policy, or that of its project, lets everyone call it."""
    check_off = told["invokerIamDisabled"]
    words, severity = ROADS.get(str(told.need("ingress").value), ("", None))
    if check_off.value is True:
        yield failed(f"Nobody{words} is asked who they are: the invoker check is off", check_off, told["ingress"],
                     severity=severity)  # fmt: skip
    for grant in strangers(policy, estate):
        if may(grant, CALL, estate):
            who = EVERYONE[grant.who]
            yield failed(f"{grant.role} lets {who}{words} call it{grant.words}", grant.member, grant.binding,
                         told["ingress"], severity=severity)  # fmt: skip
    yield passed("No binding of its policy or of the project's lets everyone call it", policy, check_off)


def strangers(policy: Node, estate: Estate) -> Iterator[Grant]:
    """Those whom a resource's own policy binds, and then those whom its project's does."""
    yield from open_to_everyone(policy, estate)
    for project in estate.all(PROJECT):
        yield from open_to_everyone(project[POLICY], estate)


@check(
    "gcp.run.ingress_all",
    on=SERVICE,
    severity=Severity.MEDIUM,
    title="Cloud Run service accepts internet traffic",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run > the service > Networking > Ingress: internal, or internal and load balancing.",
        cli="gcloud run services update NAME --region REGION --ingress internal-and-cloud-load-balancing",
        terraform='resource "google_cloud_run_v2_service" "this" { ingress = "INGRESS_TRAFFIC_INTERNAL_ONLY" }',
    ),
)
def ingress_all(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Requests reach it past the load balancer, and so past Cloud Armor and whatever else filters there."""
    ingress = service[RESOURCE].need("ingress")
    if ingress.value == "INGRESS_TRAFFIC_ALL":
        yield failed("It takes requests from the whole internet", ingress)
    elif ingress.value in ROADS:
        yield passed(f"Ingress is {ingress.value}", ingress)
    else:
        raise Unread(Gap(ingress.call, "", State.UNSUPPORTED, f"ingress {ingress.value} is new", ingress.region))


@check(
    "gcp.run.default_sa",
    on=SERVICE,
    severity=Severity.HIGH,
    title="Cloud Run runs as the default account",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run > the service > Edit and deploy new revision > Security: a service account of its own.",
        cli="gcloud iam service-accounts create NAME; gcloud run services update NAME --region REGION"
        " --service-account EMAIL",
        terraform='resource "google_cloud_run_v2_service" "this" { template { service_account ='
        " google_service_account.this.email } }",
    ),
)
def default_sa(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """The default account is shared by all that names no other, and in many projects it may edit everything."""
    yield from account_of_its_own(service[RESOURCE]["template"]["serviceAccount"], estate)


@check(
    "gcp.run.sa_privileged",
    on=SERVICE,
    severity=Severity.CRITICAL,
    title="Cloud Run account too strong",
    reads=(RESOURCE,),
    joins=STRENGTH,
    fix=Fix(
        console="IAM > the service account > Edit: replace the role with one that holds what the code calls; IAM"
        " Recommender names it.",
        cli="gcloud projects remove-iam-policy-binding PROJECT --member serviceAccount:EMAIL --role ROLE",
        terraform='resource "google_project_iam_member" "this" { role = "roles/datastore.user"  member ='
        " google_service_account.this.member }",
    ),
)
def sa_privileged(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """One flaw in the code that takes requests, and the intruder holds all that its account may do."""
    yield from too_strong(service[RESOURCE]["template"]["serviceAccount"], estate)


@check(
    "gcp.run.env_secret",
    on=SERVICE,
    severity=Severity.CRITICAL,
    title="Secret in Cloud Run environment",
    reads=(RESOURCE,),
    fix=Fix(
        console="Put the value into Secret Manager, reference it under Edit and deploy new revision > Variables &"
        " Secrets, and replace the secret: it has been readable.",
        cli="gcloud run services update NAME --region REGION --remove-env-vars KEY --set-secrets KEY=SECRET:latest",
        terraform='resource "google_cloud_run_v2_service" "this" { template { containers { env { name = "KEY"'
        "  value_source { secret_key_ref { secret = google_secret_manager_secret.this.secret_id } } } } } }",
    ),
)
def env_secret(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the service's settings reads the secret, and so does every tool that copies them."""
    containers = service[RESOURCE]["template"]["containers"]
    values = [(v.need("name").text(), v["value"]) for one in containers for v in one["env"] if v["value"].present]
    yield from secrets_in(values, containers)
