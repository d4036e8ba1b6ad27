"""Load balancers' TLS, flow logs of subnets and scheduled calls of Google Cloud."""

from tests.core.cases import Cases, resource
from tests.core.google import ROBOT, case

POLICIES = "projects/shop/global/sslPolicies"


def tls(least):
    return resource("compute.googleapis.com/SslPolicy", f"//compute.googleapis.com/{POLICIES}/own",
                    resource={"name": "own", **({"minTlsVersion": least} if least else {})})  # fmt: skip


def proxy(least=None, named=f"https://www.googleapis.com/compute/v1/{POLICIES}/own"):
    body = {"name": "web", **({"sslPolicy": named} if named else {})}
    around = (tls(least),) if least else ()
    return case(resource("compute.googleapis.com/TargetHttpsProxy", "//x/web", resource=body), *around)


def subnet(**body):
    return case(resource("compute.googleapis.com/Subnetwork", "//x/shop", resource={"name": "shop", **body}))


def job(**target):
    return case(resource("cloudscheduler.googleapis.com/Job", "//x/job", resource={"name": "job", **target}))


def call(**token):
    return job(httpTarget={"uri": "https://shop.example/run", **token})


SIGNED = {"serviceAccountEmail": ROBOT}
CASES = {
    "gcp.lb.tls_policy": Cases(
        fails=(proxy(named=""), proxy("TLS_1_0"), proxy("TLS_1_1")),
        passes=(proxy("TLS_1_2"), proxy("TLS_1_3")),
        unknown=(proxy(), proxy("TLS_9"), proxy("TLS_1_2", "https://www.googleapis.com/compute/v1/projects/x/other")),
    ),
    "gcp.compute.flow_logs": Cases(
        fails=(
            subnet(),
            subnet(purpose="PRIVATE"),
            subnet(logConfig={"enable": False}, enableFlowLogs=False),
            subnet(logConfig={"enable": "true"}),
        ),
        passes=(subnet(logConfig={"enable": True}), subnet(purpose="PRIVATE_RFC_1918", enableFlowLogs=True)),
        neutral=(subnet(purpose="REGIONAL_MANAGED_PROXY"), subnet(purpose="PRIVATE_SERVICE_CONNECT")),
    ),
    "gcp.scheduler.http_no_auth": Cases(
        fails=(call(), call(oidcToken={}), call(oauthToken={"scope": "x"})),
        passes=(call(oidcToken=SIGNED), call(oauthToken=SIGNED)),
        neutral=(job(pubsubTarget={"topicName": "projects/shop/topics/t"}), job(appEngineHttpTarget={})),
    ),
}
