"""Load balancers: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.catalog.tls_policies import BALANCER
from scanners.model import Outcome
from tests.core.cases import Case, Cases, resource

BALANCER_KIND = "AWS::ElasticLoadBalancingV2::LoadBalancer"
FORWARD = {"Type": "forward", "TargetGroupArn": "arn"}


def redirect(**target):
    return {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", **target}}


def http(action, port=80):
    return {"ListenerArn": f"arn:{port}", "Protocol": "HTTP", "Port": port, "DefaultActions": [action]}


def rule(action, *paths, **condition):
    fields = [{"Field": "path-pattern", "Values": list(paths)}] if paths else []
    return {"Actions": [action], "Conditions": fields + ([condition] if condition else [])}


def tls(policy, protocol="HTTPS", port=443):
    return {"Protocol": protocol, "Port": port, "SslPolicy": "ELBSecurityPolicy-" + policy, "DefaultActions": [FORWARD]}


def balancer(*listeners, subject="", rules=()):
    """`rules`: those of the listener on port 80."""
    asked = {f"arn:{one['Port']}": [] for one in listeners if one.get("Protocol") == "HTTP"}
    asked |= {"arn:80": list(rules)} if rules else {}
    told = resource(BALANCER_KIND, DescribeListeners=list(listeners), DescribeRules=asked)
    return Case(told, subject=subject)


HTTPS_ONLY = http(redirect(Protocol="HTTPS"))
ACME = "/.well-known/acme-challenge/*"


def walled(firewall=None, **said):
    listed = {"Type": "application", "Scheme": "internet-facing", **said}
    asked = (
        {} if listed["Type"] != "application" else {"GetWebACLForResource": {"WebACL": firewall} if firewall else {}}
    )
    return Case(resource(BALANCER_KIND, DescribeLoadBalancers=listed, **asked))


CASES = {
    "aws.elbv2.http_listener": Cases(
        fails=(
            balancer(http(FORWARD), subject="80"),
            balancer(http({"Type": "fixed-response"}), subject="80"),
            balancer(http(redirect(Protocol="HTTP", Port="8080")), subject="80"),
            balancer(http(redirect(Protocol="#{protocol}", Host="shop.example")), subject="80"),
            balancer(http(redirect(Host="shop.example")), subject="80"),
            balancer(http(redirect(Protocol="HTTPS")), http(FORWARD, 8080), subject="8080"),
            balancer(HTTPS_ONLY, rules=[rule(FORWARD, "/v1/*")], subject="80"),
            balancer(HTTPS_ONLY, rules=[rule(redirect(Protocol="HTTPS"), "/a"), rule(FORWARD)], subject="80"),
            balancer(HTTPS_ONLY, rules=[rule(redirect(Host="m.shop.example"), "/m")], subject="80"),
            balancer(HTTPS_ONLY, rules=[rule(FORWARD, ACME, "/v1/*")], subject="80"),
        ),
        passes=(
            balancer(http(redirect(Protocol="HTTPS", Port="443")), subject="80"),
            balancer(HTTPS_ONLY, rules=[rule(redirect(Protocol="HTTPS"), "/a")], subject="80"),
            balancer(HTTPS_ONLY, rules=[rule(FORWARD, ACME)], subject="80"),
            balancer(tls("2016-08")),
            balancer({"Protocol": "TCP", "Port": 80, "DefaultActions": [FORWARD]}),
            balancer({"ListenerArn": "of a gateway load balancer", "DefaultActions": [FORWARD]}),
            balancer(),
        ),
    ),
    "aws.elbv2.tls_policy": Cases(
        fails=(
            balancer(tls("2016-08"), subject="443"),
            balancer(tls("TLS13-1-0-2021-06"), subject="443"),
            balancer(tls("TLS13-1-0-PQ-2025-09"), subject="443"),
            balancer(tls("TLS-1-1-2017-01"), subject="443"),
            balancer(tls("FS-2018-06", "TLS", 8443), subject="8443"),
            balancer(tls("FROM-TOMORROW-2031-01"), tls("2016-08", port=8443), subject="8443"),
        ),
        passes=(
            balancer(tls("TLS13-1-2-2021-06"), subject="443"),
            balancer(tls("TLS13-1-2-Res-PQ-2025-09"), subject="443"),
            balancer(tls("TLS-1-2-Ext-2018-06"), subject="443"),
            balancer(tls("TLS13-1-2-2021-06", "TLS", 8443), subject="8443"),
        ),
        neutral=(balancer(http(FORWARD)), balancer()),
        unknown=(balancer(tls("FROM-TOMORROW-2031-01")),),
    ),
    "aws.elbv2.waf": Cases(
        fails=(walled(), walled(State={"Code": "active"})),
        passes=(walled({"ARN": "arn", "Name": "storefront"}),),
        neutral=(walled(Scheme="internal"), walled(Type="network"), walled(Type="gateway")),
    ),
}


def test_the_table_of_policies_agrees_with_what_the_names_say():
    first = {name: name.partition("TLS13-1-")[2][:1] for name in BALANCER if "TLS13-1-" in name}

    assert {name for name, oldest in first.items() if (oldest in "01") != bool(BALANCER[name])} == set()


def test_each_listener_is_judged_by_itself():
    case = balancer(http(redirect(Protocol="HTTPS")), http(FORWARD, 8080))

    said = {verdict.subject: verdict.outcome for verdict in case.verdicts("aws.elbv2.http_listener")}

    assert said == {"80": Outcome.PASS, "8080": Outcome.FAIL}
