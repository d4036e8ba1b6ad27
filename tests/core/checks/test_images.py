"""Container images: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

import pytest

from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, refused, resource

HERE = f"arn:aws:ecr:{REGION}:{ACCOUNT}"


def registry(*rules, kind="BASIC", region=REGION):
    said = {"registryId": ACCOUNT, "scanningConfiguration": {"scanType": kind, "rules": list(rules)}}
    ref = f"arn:aws:ecr:{region}:{ACCOUNT}:registry"
    return resource("AWS::ECR::RegistryScanningConfiguration", ref, GetRegistryScanningConfiguration=said)


def rule(*filters, frequency="SCAN_ON_PUSH"):
    named = [{"filter": one, "filterType": "WILDCARD"} for one in filters]
    return {"scanFrequency": frequency, "repositoryFilters": named}


def repository(*around, name="shop/orders-api", on_push=False, **said):
    listed = {"repositoryName": name, "imageScanningConfiguration": {"scanOnPush": on_push}, **said}
    return Case(
        resource("AWS::ECR::Repository", f"{HERE}:repository/{name}", DescribeRepositories=listed), around=around
    )


def tags(mutability, *filters):
    spared = [{"filter": one, "filterType": "WILDCARD"} for one in filters]
    more = {"imageTagMutabilityExclusionFilters": spared} if filters else {}
    return repository(imageTagMutability=mutability, **more)


def shared(*statements):
    policy = {"policyText": {"Version": "2012-10-17", "Statement": list(statements)}} if statements else None
    return Case(resource("AWS::ECR::Repository", GetRepositoryPolicy=policy))


def allow(principal, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": ["ecr:BatchGetImage"], **more}


EXCEPT_LATEST = tags("IMMUTABLE_WITH_EXCLUSION", "latest*")

IMAGE = f"{HERE}:repository/shop/orders-api:v1"


def task(name="t", *, gaps=None, **images):
    """`images`: what is said of each; the first letter of the key tells which one it is."""
    known = {"i": IMAGE, "o": f"{HERE}:repository/shop/orders-api-old:v1", "n": f"{HERE}:repository/shop/orders-api:v2"}
    said = {known[key[0]]: document for key, document in images.items()}
    return resource("AWS::ECS::TaskDefinition", name, gaps=gaps, DescribeImageScanFindings=said)


def scan(status="COMPLETE", **counts):
    return {"status": status, "counts": counts}


BLIND = {"DescribeImageScanFindings": refused("DescribeImageScanFindings")}

CASES = {
    "aws.ecr.vulnerable_in_use": Cases(
        fails=(
            repository(task(i=scan(HIGH=1))),
            repository(task(i=scan("ACTIVE", CRITICAL=2, LOW=9))),
            repository(task("a", i=scan()), task("b", n=scan(HIGH=1))),
            repository(task("a", i=scan(HIGH=1)), task("b", gaps=BLIND)),
            repository(task(i=scan(HIGH=1), n=None)),
        ),
        passes=(
            repository(task(i=scan())),
            repository(task(i=scan(MEDIUM=40, LOW=2))),
            repository(task("a", i=scan()), task("b", o=scan(CRITICAL=1))),
        ),
        neutral=(repository(), repository(task()), repository(task(o=scan(CRITICAL=1)))),
        unknown=(
            repository(task(i=None)),
            repository(task(i=scan("FAILED"))),
            repository(task(i=scan("IN_PROGRESS"))),
            repository(task("a", i=scan()), task("b", gaps=BLIND)),
        ),
    ),
    "aws.ecr.scan": Cases(
        fails=(
            repository(registry()),
            repository(registry(rule("*", frequency="MANUAL"))),
            repository(registry(rule("shop-*"))),
            repository(registry(rule("partner"))),
            repository(registry(kind="ENHANCED"), on_push=True),
            repository(registry(), registry(rule("*"), region="us-east-1")),
        ),
        passes=(
            repository(registry(), on_push=True),
            repository(registry(rule("*"))),
            repository(registry(rule("partner", "shop/*"))),
            repository(registry(rule("orders"))),
            repository(registry(rule("*", frequency="CONTINUOUS_SCAN"), kind="ENHANCED")),
        ),
        unknown=(repository(on_push=True),),
    ),
    "aws.ecr.mutable_tags": Cases(
        fails=(tags("MUTABLE"), EXCEPT_LATEST, tags("MUTABLE_WITH_EXCLUSION", "release*")),
        passes=(tags("IMMUTABLE"), tags("IMMUTABLE_WITH_EXCLUSION")),
        unknown=(repository(),),
    ),
    "aws.ecr.public_policy": Cases(
        fails=(
            shared(allow("*")),
            shared(allow({"AWS": "*"})),
            shared(allow({"AWS": ["arn:aws:iam::111122223333:root", "*"]})),
            shared(allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        ),
        passes=(
            shared(),
            shared(allow({"AWS": "444455556666"})),
            shared(allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})),
            shared(allow({"Service": "codebuild.amazonaws.com"})),
        ),
    ),
}


def test_a_few_tags_that_may_move_are_the_lighter_case():
    assert EXCEPT_LATEST.verdict("aws.ecr.mutable_tags").severity is Severity.LOW


FILTERS = [("orders", True), ("orders*", False), ("*orders*", True), ("shop/orders-api", True), ("api*", False)]


@pytest.mark.parametrize(("pattern", "covered"), FILTERS)
def test_a_filter_without_a_wildcard_means_every_name_that_contains_it(pattern, covered):
    verdict = repository(registry(rule(pattern))).verdict("aws.ecr.scan")

    assert (verdict.outcome is Outcome.PASS) is covered
