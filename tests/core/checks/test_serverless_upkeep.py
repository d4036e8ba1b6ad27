"""Cloud Run and functions beside their doors."""

from tests.core.cases import Cases, resource
from tests.core.google import DEFAULT, HERE, HOME, ROBOT, case

SERVICE, FUNCTION = "run.googleapis.com/Service", "cloudfunctions.googleapis.com/CloudFunction"
ALL, INSIDE, BALANCED = (f"INGRESS_TRAFFIC_{one}" for one in ("ALL", "INTERNAL_ONLY", "INTERNAL_LOAD_BALANCER"))


def service(name="app", ingress=ALL, runs_as=ROBOT, **more):
    template = {"serviceAccount": runs_as, **more.pop("template", {})}
    body = {"name": name, "ingress": ingress, "template": template, **more}
    ref = f"//run.googleapis.com/{HOME}/locations/{HERE}/services/{name}"
    return resource(SERVICE, ref, region=HERE, resource=body)


def run(*around, **more):
    return case(service(**more), *around)


def egress(**access):
    return run(template={"vpcAccess": access})


def code(generation="GEN_1", name="old", **config):
    body = {"name": name, "environment": generation, "serviceConfig": {"uri": "https://x", **config}}
    return resource(FUNCTION, f"//cloudfunctions.googleapis.com/{HOME}/{name}", region=HERE, resource=body)


def function(*about, **config):
    return case(code(*about, **config))


MINE = code("GEN_2", service=f"{HOME}/locations/{HERE}/services/app", serviceAccountEmail=ROBOT)
CASES = {
    "gcp.run.vpc_egress": Cases(
        fails=(
            run(),
            egress(),
            egress(connector="c"),
            egress(connector="c", egress="PRIVATE_RANGES_ONLY"),
            egress(egress="ALL_TRAFFIC"),
        ),
        passes=(
            egress(connector="c", egress="ALL_TRAFFIC"),
            egress(networkInterfaces=[{"network": "n"}], egress="ALL_TRAFFIC"),
        ),
    ),
    "gcp.run.no_max_instances": Cases(
        fails=(run(), run(ingress=BALANCED), run(template={"scaling": {"maxInstanceCount": 0}})),
        passes=(run(template={"scaling": {"maxInstanceCount": "20"}}),),
        neutral=(run(ingress=INSIDE), run(ingress="INGRESS_TRAFFIC_NONE")),
    ),
    "gcp.run.binauthz": Cases(
        fails=(run(), run(binaryAuthorization={}), run(binaryAuthorization={"useDefault": False})),
        passes=(run(binaryAuthorization={"useDefault": True}), run(binaryAuthorization={"policy": "projects/p/x"})),
    ),
    "gcp.run.sa_shared": Cases(
        fails=(run(service("other")), run(code(serviceAccountEmail=ROBOT))),
        passes=(
            run(),
            run(service("other", runs_as="other@shop.iam.gserviceaccount.com")),
            run(MINE),
            run(code("GEN_2", service=f"{HOME}/locations/{HERE}/services/two", serviceAccountEmail="x@y")),
        ),
        neutral=(run(service("other", runs_as=""), runs_as=""), run(service("b", runs_as=DEFAULT), runs_as=DEFAULT)),
    ),
    "gcp.functions.http_plain": Cases(
        fails=(function(securityLevel="SECURE_OPTIONAL"),),
        passes=(function(securityLevel="SECURE_ALWAYS"), function("GEN_2"), function("GEN_2", securityLevel="x")),
        neutral=(case(resource(FUNCTION, "//x/f", resource={"environment": "GEN_1", "serviceConfig": {}})),),
        unknown=(function(), function(securityLevel="SECURITY_LEVEL_UNSPECIFIED"), function(securityLevel="NEW")),
    ),
    "gcp.functions.vpc": Cases(
        fails=(function(), function("GEN_2"), function(vpcConnector="")),
        passes=(function(vpcConnector="c"), function("GEN_2", vpcConnector="c")),
    ),
}
