"""Cloud Run functions of both generations.

A function of the second generation is a Cloud Run service underneath, and that one's policy says who may call it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scanners.access.gcp import EVERYONE, POLICY, PREDEFINED, PROJECT, RESOURCE, may
from scanners.checks.cloud_run import SERVICE as RUN
from scanners.checks.cloud_run import callable_by_all, strangers
from scanners.checks.facets import secrets_in, supported
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import account_of_its_own
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

FUNCTION, RUNTIME = "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Runtime"
RUNTIMES = "projects.locations.runtimes.list"
CALL = ("cloudfunctions.functions.invoke",)


@check(
    "gcp.functions.public_invoker",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Function callable by everyone",
    reads=(RESOURCE, POLICY),
    joins=((PROJECT, POLICY), (PREDEFINED, RESOURCE), (RUN, RESOURCE), (RUN, POLICY)),
    fix=Fix(
        console="Cloud Run functions > the function > Permissions: remove allUsers and allAuthenticatedUsers, and bind"
        " the callers' service accounts.",
        cli="gcloud functions remove-invoker-policy-binding NAME --region REGION --member allUsers",
        terraform='resource "google_cloudfunctions2_function_iam_member" "caller" { role = "roles/run.invoker"  member'
        ' = "serviceAccount:CALLER" }',
    ),
)
def public_invoker(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can run the code behind it, as often as they like, with input of their choice."""
    told = function[RESOURCE]
    if told["environment"].value == "GEN_2":
        service = _service_of(told, estate)
        yield from callable_by_all(service[RESOURCE], service[POLICY], estate)
        return
    policy = function[POLICY]
    for grant in strangers(policy, estate):
        if may(grant, CALL, estate):
            yield failed(f"{grant.role} lets {EVERYONE[grant.who]} call it{grant.words}", grant.member, grant.binding)
    yield passed("No binding of its policy or of the project's lets everyone call it", policy)


def _service_of(told: Node, estate: Estate) -> Resource:
    name = told["serviceConfig"]["service"]
    if found := estate.find(RUN, f"//run.googleapis.com/{name.text()}"):
        return found
    code = "the Cloud Run service underneath is not in the list"
    raise Unread(Gap("run.namespaces.services.list", "run.services.list", State.SKIPPED, code, name.region))


@check(
    "gcp.functions.ingress_all",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Function accepts internet traffic",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run functions > the function > Edit > Connections > Ingress settings: internal traffic only.",
        cli="gcloud functions deploy NAME --region REGION --ingress-settings internal-only",
        terraform='resource "google_cloudfunctions2_function" "this" { service_config { ingress_settings ='
        ' "ALLOW_INTERNAL_ONLY" } }',
    ),
)
def ingress_all(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Requests reach it past the load balancer, and so past Cloud Armor and whatever else filters there."""
    ingress = function[RESOURCE]["serviceConfig"].need("ingressSettings")
    if ingress.value == "ALLOW_ALL":
        yield failed("It takes requests from the whole internet", ingress)
    elif ingress.value in ("ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"):
        yield passed(f"Ingress is {ingress.value}", ingress)
    else:
        raise Unread(Gap(ingress.call, "", State.UNSUPPORTED, f"ingress {ingress.value} is new", ingress.region))


@check(
    "gcp.functions.default_sa",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Function runs as a default account",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Run functions > the function > Edit > Runtime > Service account: one of its own.",
        cli="gcloud iam service-accounts create NAME; gcloud functions deploy NAME --region REGION --service-account"
        " EMAIL",
        terraform='resource "google_cloudfunctions2_function" "this" { service_config { service_account_email ='
        " google_service_account.this.email } }",
    ),
)
def default_sa(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """The default account is shared by all that names no other, and in many projects it may edit everything."""
    yield from account_of_its_own(function[RESOURCE]["serviceConfig"]["serviceAccountEmail"], estate)


@check(
    "gcp.functions.runtime_deprecated",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Runtime past support",
    reads=(RESOURCE,),
    joins=((RUNTIME, RUNTIMES),),
    fix=Fix(
        console="Cloud Run functions > the function > Edit > Code > Runtime: a supported one, after testing the code.",
        cli="gcloud functions deploy NAME --region REGION --runtime python313",
        terraform='resource "google_cloudfunctions2_function" "this" { build_config { runtime = "python313" } }',
    ),
)
def runtime_deprecated(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody patches the language and the libraries the code runs on any more, whatever is found in them."""
    told = function[RESOURCE]
    runtime = told["buildConfig"].need("runtime")
    known = _runtime(runtime, told["environment"].value, estate)
    stage, until = known.need("stage"), known["deprecationDate"]
    if stage.value in ("DEPRECATED", "DECOMMISSIONED"):
        yield failed(f"Google calls {runtime.value} {str(stage.value).lower()}", runtime, stage)
    elif until.present:
        end = date(*(int(until.need(part).value) for part in ("year", "month", "day")))
        yield from supported(runtime, end, estate.now.date(), until)
    else:
        yield passed(f"{runtime.value} is supported, and no end is announced", runtime, stage)


def _runtime(runtime: Node, generation: object, estate: Estate) -> Node:
    """What Google says of it; of both generations' rows, that of the function's own if there is one."""
    rows = [row[RUNTIMES] for row in estate.all(RUNTIME)]
    named = [row for row in rows if row.need("name").value == runtime.value]
    if not named:
        code = f"{runtime.value} is not in Google's list of runtimes"
        raise Unread(Gap(f"cloudfunctions.{RUNTIMES}", "", State.UNSUPPORTED, code, runtime.region))
    return next((row for row in named if row["environment"].value == generation), named[0])


@check(
    "gcp.functions.env_secret",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Secret in function variables",
    reads=(RESOURCE,),
    fix=Fix(
        console="Put the value into Secret Manager, reference it under Edit > Security and image repo > Secrets, and"
        " replace the secret: it has been readable.",
        cli="gcloud functions deploy NAME --region REGION --remove-env-vars KEY --set-secrets KEY=SECRET:latest",
        terraform='resource "google_cloudfunctions2_function" "this" { service_config { secret_environment_variables {'
        ' key = "KEY"  secret = google_secret_manager_secret.this.secret_id  version = "latest" } } }',
    ),
)
def env_secret(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the function's settings reads the secret, and build variables stay in build logs."""
    told = function[RESOURCE]
    parts = [told[part].need("environmentVariables") for part in ("serviceConfig", "buildConfig")]
    yield from secrets_in([pair for part in parts for pair in part.items()], told)
