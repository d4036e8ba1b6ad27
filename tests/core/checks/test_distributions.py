"""Distributions: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from botocore.session import get_session

from scanners.catalog.tls_policies import VIEWER
from scanners.model import Severity
from tests.core.cases import Case, Cases, resource


def distribution(*others, default="https-only", policy="TLSv1.2_2021", **certificate):
    behaviours = [{"PathPattern": f"/{n}/*", "ViewerProtocolPolicy": one} for n, one in enumerate(others)]
    said = {
        "DefaultCacheBehavior": {"ViewerProtocolPolicy": default},
        "CacheBehaviors": {"Quantity": len(others), **({"Items": behaviours} if others else {})},
        "ViewerCertificate": {"MinimumProtocolVersion": policy, **certificate},
    }
    return Case(resource("AWS::CloudFront::Distribution", ListDistributions=said))


def walled(wall, **said):
    return Case(resource("AWS::CloudFront::Distribution", ListDistributions={"WebACLId": wall, **said}))


def origin(name, **said):
    origins = {"Quantity": 1, "Items": [{"Id": "o", "DomainName": name, **said}]}
    return Case(resource("AWS::CloudFront::Distribution", ListDistributions={"Origins": origins}), subject="o")


BUCKET = "pictures.s3.amazonaws.com"
BORROWED = distribution(policy="TLSv1", CloudFrontDefaultCertificate=True)
CASES = {
    "aws.cloudfront.viewer_https": Cases(
        fails=(
            distribution(default="allow-all"),
            distribution("redirect-to-https", "allow-all"),
            distribution(policy="TLSv1"),
            distribution(policy="SSLv3"),
            distribution(policy="TLSv1.1_2016"),
            distribution(policy="TLSv1.2_2019"),
            BORROWED,
        ),
        passes=(
            distribution(),
            distribution("redirect-to-https", "https-only", default="redirect-to-https"),
            distribution(policy="TLSv1.2_2025"),
            distribution(policy="TLSv1.3_2025"),
        ),
        unknown=(distribution(policy="TLSv1.4_2031"), distribution(policy=None)),
    ),
    "aws.cloudfront.waf": Cases(
        fails=(walled(""), walled("", Enabled=True)),
        passes=(walled("arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1"), walled("a-classic-id")),
        neutral=(walled("", Enabled=False),),
    ),
    "aws.cloudfront.s3_no_oac": Cases(
        fails=(
            origin(BUCKET, S3OriginConfig={"OriginAccessIdentity": ""}, OriginAccessControlId=""),
            origin("pictures.s3.eu-west-1.amazonaws.com", S3OriginConfig={}),
            origin(BUCKET, CustomOriginConfig={"OriginProtocolPolicy": "https-only"}),
            origin("my.bucket.s3-eu-west-1.amazonaws.com"),
        ),
        passes=(
            origin(BUCKET, OriginAccessControlId="E1"),
            origin(BUCKET, S3OriginConfig={"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}),
        ),
        neutral=(
            origin("shop.example"),
            origin("pictures.s3-website.eu-central-1.amazonaws.com"),
            origin("pictures.s3-website-us-east-1.amazonaws.com"),
            origin("s3.example.com"),
        ),
    ),
}


def test_a_certificate_that_leaves_no_choice_is_the_lighter_case():
    assert BORROWED.verdict("aws.cloudfront.viewer_https").severity is Severity.LOW


def test_the_table_knows_every_policy_that_botocore_knows():
    model = get_session().get_service_model("cloudfront")

    assert set(VIEWER) == set(model.shape_for("MinimumProtocolVersion").enum)
