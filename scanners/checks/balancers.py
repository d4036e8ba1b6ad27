"""Load balancers: what they speak, and what stands before them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.catalog.tls_policies import BALANCER as POLICIES
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def listeners(balancer: Resource, *protocols: str) -> Iterator[tuple[str, Node]]:
    """(port, listener) of those that speak one of these protocols."""
    for listener in balancer["DescribeListeners"]:
        if listener["Protocol"].value in protocols:  # those of a gateway load balancer have none
            yield str(listener.need("Port").value), listener


@check(
    "aws.elbv2.http_listener",
    on=LOAD_BALANCER,
    severity=Severity.HIGH,
    title="Load balancer serves plain HTTP",
    reads=("DescribeListeners", "DescribeRules"),
    fix=Fix(
        console="EC2 > Load balancers > the balancer > Listeners > the HTTP listener > Edit: redirect to HTTPS 443.",
        cli="aws elbv2 modify-listener --listener-arn ARN --default-actions"
        " Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}",
        terraform='resource "aws_lb_listener" "http" { default_action { type = "redirect"  redirect {'
        ' protocol = "HTTPS"  port = "443"  status_code = "HTTP_301" } } }',
    ),
)
def http_listener(balancer: Resource, estate: Estate) -> Iterator[Verdict]:
    """Between the caller and the balancer, everybody on the way reads and changes what is said, tokens included."""
    plain = list(listeners(balancer, "HTTP"))
    for port, listener in plain:
        actions = listener.need("DefaultActions")
        redirects = [target for action in actions if (target := _to_https(action))]
        if not redirects:
            yield failed("The listener answers over plain HTTP", listener.need("Protocol"), actions, subject=port)
            continue
        for rule in balancer["DescribeRules"].need(listener.need("ListenerArn").text()):
            if not any(_to_https(action) for action in rule["Actions"]) and not _proves_a_domain(rule):
                sentence = "The listener sends callers to HTTPS, but answers some requests over plain HTTP before"
                yield failed(sentence, rule["Actions"], rule["Conditions"], subject=port)
        yield passed("The listener sends callers to HTTPS", *redirects, subject=port)
    if not plain:
        yield passed("No listener speaks HTTP", balancer["DescribeListeners"])


def _proves_a_domain(rule: Node) -> bool:
    """Authorities that give out certificates ask under this path, and over plain HTTP (RFC 8555, section 8.3)."""
    paths = [
        path
        for condition in rule["Conditions"]
        if condition["Field"].value == "path-pattern"
        for path in (*condition["Values"], *condition["PathPatternConfig"]["Values"])
    ]
    return bool(paths) and all(path.text().startswith("/.well-known/acme-challenge/") for path in paths)


def _to_https(action: Node) -> Node | None:
    """Where an action redirects to, if that is HTTPS.  A protocol left out means the listener's own."""
    target = action["RedirectConfig"]["Protocol"]
    return target if action.need("Type").value == "redirect" and target.value == "HTTPS" else None


@check(
    "aws.elbv2.tls_policy",
    on=LOAD_BALANCER,
    severity=Severity.MEDIUM,
    title="Load balancer accepts weak TLS",
    reads=("DescribeListeners",),
    fix=Fix(
        console="EC2 > Load balancers > the balancer > Listeners > the listener > Security > Edit: a policy that begins"
        " with ELBSecurityPolicy-TLS13-1-2.",
        cli="aws elbv2 modify-listener --listener-arn ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        terraform='resource "aws_lb_listener" "https" { ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" }',
    ),
)
def tls_policy(balancer: Resource, estate: Estate) -> Iterator[Verdict]:
    """TLS before 1.2 can be broken by someone on the way, who then reads tokens and what they fetch."""
    secured, unknown = list(listeners(balancer, "HTTPS", "TLS")), list[Gap]()
    for port, listener in secured:
        policy = listener.need("SslPolicy")
        old = POLICIES.get(policy.text())
        if old is None:
            code = f"{policy.value} is not in the table of policies"
            unknown.append(Gap(policy.call, "", State.UNSUPPORTED, code, policy.region))
        elif old:
            yield failed(f"The listener's policy {policy.value} accepts {old}", policy, subject=port)
        else:
            yield passed("The listener accepts TLS 1.2 and newer only", policy, subject=port)
    if unknown:
        raise Unread(*unknown)
    if not secured:
        yield not_applicable("No listener speaks TLS", balancer["DescribeListeners"])


@check(
    "aws.elbv2.waf",
    on=LOAD_BALANCER,
    severity=Severity.MEDIUM,
    title="Public load balancer without web firewall",
    reads=("DescribeLoadBalancers", "GetWebACLForResource"),
    fix=Fix(
        console="WAF & Shield > Web ACLs > the ACL > Associated AWS resources > Add: the load balancer.",
        cli="aws wafv2 associate-web-acl --web-acl-arn ARN --resource-arn BALANCER-ARN",
        terraform='resource "aws_wafv2_web_acl_association" "this" { resource_arn = aws_lb.this.arn }',
    ),
)
def waf(balancer: Resource, estate: Estate) -> Iterator[Verdict]:
    """Known attacks, floods and scanners reach your code, where each must be fended off by hand."""
    said = balancer["DescribeLoadBalancers"]
    kind, scheme = said.need("Type"), said["Scheme"]
    if kind.value != "application":
        yield not_applicable("Only application load balancers can have a web firewall", kind)
    elif scheme.value == "internal":
        yield not_applicable("The load balancer is not open to the internet", scheme)
    else:
        wall = balancer["GetWebACLForResource"]["WebACL"]
        if wall.present:
            yield passed("A web ACL stands before the load balancer", wall)
        else:
            yield failed("No web ACL stands before the load balancer, which anyone can reach", wall, scheme)
