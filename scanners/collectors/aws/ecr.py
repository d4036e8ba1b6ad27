"""ECR: repositories, who may use them, and what the registry scans."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call("ecr", "DescribeRepositories", items="repositories", params={"maxResults": 1000})
POLICY = Call(
    "ecr",
    "GetRepositoryPolicy",
    absent=frozenset({"RepositoryPolicyNotFoundException"}),
    drop=frozenset({"registryId", "repositoryName"}),
)
SCANNING = Call("ecr", "GetRegistryScanningConfiguration")


def repository(place: Place, item: Any) -> Identity:
    return Identity(item["repositoryArn"], item["repositoryName"])


def registry(place: Place, item: Any) -> Identity:
    """A region's registry has no ARN of its own; its repositories' begin like this."""
    return Identity(f"arn:{place.partition}:ecr:{place.region}:{place.account}:registry", item["registryId"])


def of_repository(repository: Resource) -> dict[str, str]:
    return {"repositoryName": repository["DescribeRepositories"].need("repositoryName").text()}


COLLECTORS = (
    Collector(
        kind="AWS::ECR::Repository",
        listing=LIST,
        identify=repository,
        details=(Detail(POLICY, bind=of_repository, shape=with_policy("policyText")),),
    ),
    Collector(kind="AWS::ECR::RegistryScanningConfiguration", listing=SCANNING, identify=registry),
)
