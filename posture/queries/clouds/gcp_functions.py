"""Functions and services of Google Cloud: what their pages tell of their settings."""

from __future__ import annotations

from posture.queries.clouds.running import Line, Runs

CONTAINER = "container image"
INGRESS = {
    "ALLOW_ALL": "the whole internet",
    "ALLOW_INTERNAL_ONLY": "the project's networks only",
    "ALLOW_INTERNAL_AND_GCLB": "the project's networks and its load balancers",
    "INGRESS_TRAFFIC_ALL": "the whole internet",
    "INGRESS_TRAFFIC_INTERNAL_ONLY": "the project's networks only",
    "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER": "the project's networks and its load balancers",
    "INGRESS_TRAFFIC_NONE": "nobody",
}
FUNCTION = Runs(
    "cloudfunctions.googleapis.com/CloudFunction",
    "Cloud Run function",
    ("resource/buildConfig/runtime",),
    settings=(
        Line("Runtime", ("resource/buildConfig/runtime",), check="gcp.functions.runtime_deprecated"),
        Line("Generation", ("resource/environment",), words={"GEN_1": "first", "GEN_2": "second: a Cloud Run service"}),
        Line(
            "Reached from",
            ("resource/serviceConfig/ingressSettings",),
            check="gcp.functions.ingress_all",
            words=INGRESS,
        ),
        Line(
            "Plain HTTP",
            ("resource/serviceConfig/securityLevel",),
            words={"SECURE_ALWAYS": "sent on to HTTPS", "SECURE_OPTIONAL": "answered as well"},
        ),
        Line(
            "Runs as",
            ("resource/serviceConfig/serviceAccountEmail",),
            "the default account",
            check="gcp.functions.default_sa",
        ),
        Line("Network", ("resource/serviceConfig/vpcConnector",), "outside the project's networks"),
        Line("Event", ("resource/eventTrigger/eventType",), "none: it is called over HTTP"),
        Line("Secrets", ("resource/serviceConfig/secretEnvironmentVariables",), "none by reference", each="secret"),
        Line("Instances", ("resource/serviceConfig/maxInstanceCount",), "no limit of its own"),
    ),
)
SERVICE = Runs(
    "run.googleapis.com/Service",
    "Cloud Run service",
    (),
    CONTAINER,
    settings=(
        Line("Image", ("resource/template/containers",), each="image"),
        Line("Reached from", ("resource/ingress",), check="gcp.run.ingress_all", words=INGRESS),
        Line(
            "Callers",
            ("resource/invokerIamDisabled",),
            "are asked who they are",
            words={True: "are not asked who they are", False: "are asked who they are"},
        ),
        Line("Runs as", ("resource/template/serviceAccount",), "the default account", check="gcp.run.default_sa"),
        Line("Network", ("resource/template/vpcAccess/connector",), "outside the project's networks"),
        Line("Instances", ("resource/template/scaling/maxInstanceCount",), "no limit of its own"),
    ),
)
RUNS = (FUNCTION, SERVICE)
OPEN_TO = {"gcp.functions.public_invoker": "anyone", "gcp.run.public_invoker": "anyone"}
