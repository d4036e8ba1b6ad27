"""CloudFront distributions: how viewers may come."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.catalog.tls_policies import VIEWER as POLICIES
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

DISTRIBUTION = "AWS::CloudFront::Distribution"


@check(
    "aws.cloudfront.viewer_https",
    on=DISTRIBUTION,
    severity=Severity.MEDIUM,
    title="Viewers may use plain HTTP",
    reads=("ListDistributions",),
    fix=Fix(
        console="CloudFront > the distribution > Behaviors > each > Edit: redirect HTTP to HTTPS; General > Settings >"
        " Edit: an own certificate, and security policy TLSv1.2_2021 or newer.",
        cli="aws cloudfront update-distribution --id ID --if-match ETAG --distribution-config file://config.json",
        terraform='resource "aws_cloudfront_distribution" "this" { default_cache_behavior { viewer_protocol_policy ='
        ' "redirect-to-https" } viewer_certificate { minimum_protocol_version = "TLSv1.2_2021" } }',
    ),
)
def viewer_https(distribution: Resource, estate: Estate) -> Iterator[Verdict]:
    """What viewers send and get can be read and changed on the way, sign-ins and scripts included."""
    said = distribution["ListDistributions"]
    ways = list(_behaviours(said))
    plain = [(path, way) for path, way in ways if way.value == "allow-all"]
    certificate = said.need("ViewerCertificate")
    policy = certificate.need("MinimumProtocolVersion")
    admits = POLICIES.get(policy.text())
    borrowed = certificate["CloudFrontDefaultCertificate"]
    if plain:
        paths = ", ".join(path for path, _ in plain)
        yield failed(f"Viewers may use plain HTTP for {paths}", *(way for _, way in plain))
    elif admits is None:
        code = f"{policy.value} is not in the table of policies"
        raise Unread(Gap(policy.call, "", State.UNSUPPORTED, code, policy.region))
    elif admits and borrowed.value is True:
        said_so = f"With CloudFront's own certificate viewers may use {admits}; only an own one lets you choose"
        yield failed(said_so, policy, borrowed, severity=Severity.LOW)
    elif admits:
        yield failed(f"The security policy {policy.value} accepts {admits}", policy)
    else:
        yield passed("Viewers come over HTTPS only, with TLS 1.2 or newer", policy, *(way for _, way in ways))


def _behaviours(said: Node) -> Iterator[tuple[str, Node]]:
    """(path, how viewers may come) of the default behaviour and the others."""
    yield "all other paths", said.need("DefaultCacheBehavior").need("ViewerProtocolPolicy")
    for behaviour in said["CacheBehaviors"]["Items"]:
        yield behaviour.need("PathPattern").text(), behaviour.need("ViewerProtocolPolicy")
