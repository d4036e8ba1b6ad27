"""API Gateway's custom domains: which TLS they speak."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

FIRST, SECOND = "AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName"

# "Security policies for REST APIs in API Gateway", developer guide, read 2026-11.  TLS_1_0 admits 1.0 and 1.1; newer
# names say first the newest version, then the oldest: SecurityPolicy_TLS13_1_2_2021_06.
_OLD = re.compile(r"^TLS_1_[01]$|TLS13_1_[01]_|TLS1[01]_")


@check(
    "aws.apigw.tls_policy",
    on=(FIRST, SECOND),
    severity=Severity.HIGH,
    title="Custom domain accepts old TLS",
    reads=("GetDomainNames",),
    joins=((FIRST, "GetDomainNames"),),
    fix=Fix(
        console="API Gateway > Custom domain names > the domain > Edit: security policy TLS 1.2 or newer.",
        cli="aws apigateway update-domain-name --domain-name NAME --patch-operations"
        " op=replace,path=/securityPolicy,value=TLS_1_2",
        terraform='resource "aws_api_gateway_domain_name" "this" { security_policy = "TLS_1_2" }',
    ),
)
def tls_policy(domain: Resource, estate: Estate) -> Iterator[Verdict]:
    """TLS before 1.2 can be broken by someone on the way, who then reads tokens and what they fetch."""
    said = domain["GetDomainNames"]
    if domain.kind == SECOND and estate.find(FIRST, domain.ref):
        yield not_applicable(
            "The domain is judged among those of REST APIs, which list it too", said.need("DomainName")
        )
        return
    policies = [said.need("securityPolicy")] if domain.kind == FIRST else _policies(said)
    for policy in policies:
        if _OLD.search(policy.text()):
            yield failed(f"The domain's security policy {policy.value} accepts TLS versions before 1.2", policy)
    yield passed("The domain accepts TLS 1.2 and newer only", *policies)


def _policies(said: Node) -> list[Node]:
    return [side.need("SecurityPolicy") for side in said.need("DomainNameConfigurations")]
