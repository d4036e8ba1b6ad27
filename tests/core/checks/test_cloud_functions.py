"""Cloud Run functions of both generations."""

from tests.core.cases import Cases, resource
from tests.core.checks.test_cloud_run import INSIDE, invoker, run
from tests.core.google import DEFAULT, HERE, HOME, ROBOT, case, policy, project

FUNCTION, RUNTIME = "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Runtime"
RUN = "run.googleapis.com/Service"


def function(
    allowed=None, *, generation="GEN_1", runs_as=ROBOT, ingress="ALLOW_ALL", env=None, build=None, on="python313"
):
    body = {
        "name": f"{HOME}/locations/{HERE}/functions/app",
        "environment": generation,
        "buildConfig": {"runtime": on, "environmentVariables": build or {}},
        "serviceConfig": {
            "service": f"{HOME}/locations/{HERE}/services/app",
            "ingressSettings": ingress,
            "environmentVariables": env or {},
            **({"serviceAccountEmail": runs_as} if runs_as else {}),
        },
    }
    ref = f"//cloudfunctions.googleapis.com/{body['name']}"
    return resource(FUNCTION, ref, region=HERE, resource=body, iamPolicy=allowed or {})


def calls(who):
    return policy(("roles/cloudfunctions.invoker", who))


def second(service):
    return case(function(generation="GEN_2"), service)


def runtime(name, stage, until=None, generation="GEN_1"):
    day = {"deprecationDate": dict(zip(("year", "month", "day"), until, strict=True))} if until else {}
    body = {"name": name, "stage": stage, "environment": generation, **day}
    return resource(RUNTIME, f"//x/{name}/{generation}", region="global", **{"projects.locations.runtimes.list": body})


def runs_on(name, *rows, generation="GEN_1"):
    return case(function(on=name, generation=generation), *rows)


CASES = {
    "gcp.functions.public_invoker": Cases(
        fails=(
            case(function(calls("allUsers"))),
            case(function(calls("allAuthenticatedUsers"))),
            case(function(), project(calls("allUsers"))),
            second(run(invoker("allUsers"))),
            second(run(invokerIamDisabled=True, ingress=INSIDE)),
        ),
        passes=(
            case(function(calls(f"serviceAccount:{ROBOT}"))),
            case(function(policy(("roles/run.viewer", "allUsers")))),
            second(run(invoker(f"serviceAccount:{ROBOT}"))),
            second(run(policy(("roles/run.viewer", "allUsers")))),
        ),
        unknown=(case(function(generation="GEN_2")),),
    ),
    "gcp.functions.ingress_all": Cases(
        fails=(case(function()),),
        passes=(case(function(ingress="ALLOW_INTERNAL_ONLY")), case(function(ingress="ALLOW_INTERNAL_AND_GCLB"))),
        unknown=(case(function(ingress="ALLOW_SOME")),),
    ),
    "gcp.functions.default_sa": Cases(
        fails=(
            case(function(runs_as="")),
            case(function(runs_as="shop@appspot.gserviceaccount.com")),
            case(function(runs_as=DEFAULT)),
        ),
        passes=(case(function()),),
    ),
    "gcp.functions.runtime_deprecated": Cases(
        fails=(
            runs_on("python38", runtime("python38", "DECOMMISSIONED", (2024, 10, 14))),
            runs_on("nodejs20", runtime("nodejs20", "DEPRECATED")),
            runs_on("nodejs18", runtime("nodejs18", "GA", (2026, 11, 22))),
            runs_on("go121", runtime("go121", "GA", (2030, 1, 1), "GEN_2"), runtime("go121", "DEPRECATED")),
        ),
        passes=(
            runs_on("python313", runtime("python313", "GA", (2026, 11, 23))),
            runs_on("java21", runtime("java21", "GA")),
            runs_on("go121", runtime("go121", "GA", None, "GEN_2"), runtime("go121", "DEPRECATED"), generation="GEN_2"),
        ),
        unknown=(runs_on("python399", runtime("python313", "GA")),),
    ),
    "gcp.functions.env_secret": Cases(
        fails=(
            case(function(env={"TOKEN": {"secret": "GitHub Token", "digest": "0"}})),
            case(function(build={"PASSWORD": {"secret": "Secret by name", "digest": "0"}})),
        ),
        passes=(case(function()), case(function(env={"REGION": {"secret": None, "digest": "0"}}))),
    ),
}


def test_an_open_function_stays_open_where_the_project_was_not_read():
    blind = case(function(calls("allUsers")), unread=frozenset({"cloudresourcemanager.googleapis.com/Project"}))

    assert blind.verdict("gcp.functions.public_invoker").outcome == "fail"
