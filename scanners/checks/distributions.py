"""CloudFront distributions: how viewers may come, what stands before them, and whether buckets can be had without it.

Limits: a bucket served as a website has no way to tell CloudFront from others; such origins are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.catalog.tls_policies import VIEWER as POLICIES
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

DISTRIBUTION = "AWS::CloudFront::Distribution"
_BUCKET = re.compile(r"\.s3(?!-website)(?:[.-][a-z0-9.-]*)?\.amazonaws\.com(?:\.cn)?$")


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


@check(
    "aws.cloudfront.waf",
    on=DISTRIBUTION,
    severity=Severity.MEDIUM,
    title="Distribution without web firewall",
    reads=("ListDistributions",),
    fix=Fix(
        console="CloudFront > the distribution > Security > Edit: enable security protections, or choose a web ACL.",
        cli="aws cloudfront update-distribution --id ID --if-match ETAG --distribution-config file://config.json",
        terraform='resource "aws_cloudfront_distribution" "this" { web_acl_id = aws_wafv2_web_acl.edge.arn }',
    ),
)
def waf(distribution: Resource, estate: Estate) -> Iterator[Verdict]:
    """Known attacks, floods and scanners reach your code, where each must be fended off by hand."""
    said = distribution["ListDistributions"]
    wall, serves = said["WebACLId"], said["Enabled"]
    if serves.value is False:
        yield not_applicable("The distribution is turned off and serves nobody", serves)
    elif wall.value:
        yield passed("A web ACL stands before the distribution", wall)
    else:
        yield failed("No web ACL stands before the distribution", wall)


@check(
    "aws.cloudfront.s3_no_oac",
    on=DISTRIBUTION,
    severity=Severity.MEDIUM,
    title="Bucket behind the CDN can be bypassed",
    reads=("ListDistributions",),
    fix=Fix(
        console="CloudFront > the distribution > Origins > the bucket > Edit: origin access control; then give the"
        " bucket the policy that CloudFront shows, and block public access to it.",
        cli="aws cloudfront create-origin-access-control --origin-access-control-config"
        " Name=NAME,SigningProtocol=sigv4,SigningBehavior=always,OriginAccessControlOriginType=s3",
        terraform='resource "aws_cloudfront_distribution" "this" { origin { origin_access_control_id ='
        " aws_cloudfront_origin_access_control.this.id } }",
    ),
)
def s3_no_oac(distribution: Resource, estate: Estate) -> Iterator[Verdict]:
    """CloudFront can read such a bucket only because everybody can: past the firewall and the signed links."""
    origins = distribution["ListDistributions"]["Origins"]["Items"]
    buckets = [one for one in origins if one["S3OriginConfig"].present or _BUCKET.search(one["DomainName"].text())]
    for origin in buckets:
        control, identity = origin["OriginAccessControlId"], origin["S3OriginConfig"]["OriginAccessIdentity"]
        name = origin.need("Id").text()
        if control.value or identity.value:
            shown = control if control.value else identity
            yield passed("The bucket can tell CloudFront from others", shown, subject=name)
        else:
            yield failed("CloudFront comes to the bucket as a stranger", control, identity, subject=name)
    if not buckets:
        yield not_applicable("No origin is a bucket", origins)
