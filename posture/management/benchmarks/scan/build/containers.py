"""Images, tasks, services and clusters."""

from __future__ import annotations

import json
from typing import Any

from posture.management.benchmarks.scan.build.networks import VPC, default_network
from posture.management.benchmarks.scan.build.site import Site, role
from posture.management.benchmarks.scan.design import Item
from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop.account import policy, statement
from posture.runtime.sample.shop.platform import BATCH_SECRET


def repository(site: Site, item: Item) -> str:
    ecr = site.client("ecr", item)
    tags = "MUTABLE" if item.flaw == "image tags that can be moved" else "IMMUTABLE"
    made = ecr.create_repository(
        repositoryName=item.name, imageTagMutability=tags, imageScanningConfiguration={"scanOnPush": True}
    )
    if item.flaw == "repository open to everyone":
        said = json.loads(policy(statement("Allow", "*", "ecr:BatchGetImage")))
        del said["Statement"][0]["Resource"]
        ecr.set_repository_policy(repositoryName=item.name, policyText=json.dumps(said))
    return str(made["repository"]["repositoryArn"])


def cluster(site: Site, item: Item) -> str:
    return str(site.client("ecs", item).create_cluster(clusterName=item.name)["cluster"]["clusterArn"])


def task(site: Site, item: Item) -> str:
    container: dict[str, Any] = {
        "name": "app",
        "image": f"{ACCOUNT}.dkr.ecr.{item.region}.amazonaws.com/images-00000:1",
        "memory": 256,
        "user": "10001",
        "privileged": item.flaw == "privileged container",
        "environment": [{"name": "LOG_LEVEL", "value": "info"}],
    }
    if item.flaw == "secret in a container's variables":
        container["environment"].append({"name": "PAYMENT_KEY", "value": BATCH_SECRET})
    made = site.client("ecs", item).register_task_definition(family=item.name, containerDefinitions=[container])
    return str(made["taskDefinition"]["taskDefinitionArn"])


def service(site: Site, item: Item) -> str:
    """In the first cluster of its region, or in one made for it where there is none."""
    ecs = site.client("ecs", item)
    home = site.some("AWS::ECS::Cluster", item) or ecs.create_cluster(clusterName="default")["cluster"]["clusterArn"]
    family = site.some("AWS::ECS::TaskDefinition", item)
    family = (
        family
        or ecs.register_task_definition(
            family="small", containerDefinitions=[{"name": "app", "image": "app:1", "memory": 64, "user": "10001"}]
        )["taskDefinition"]["taskDefinitionArn"]
    )
    made = ecs.create_service(cluster=home, serviceName=item.name, taskDefinition=family, desiredCount=1)
    return str(made["service"]["serviceArn"])


def kubernetes(site: Site, item: Item) -> str:
    _, *subnets = (site.some(VPC, item) or default_network(site, item)).split(",")
    network: dict[str, Any] = {"subnetIds": subnets[:2], "endpointPublicAccess": bool(item.flaw)}
    network |= {"endpointPrivateAccess": True, **({"publicAccessCidrs": ["0.0.0.0/0"]} if item.flaw else {})}
    made = site.client("eks", item).create_cluster(
        name=item.name, roleArn=role("role-00000"), resourcesVpcConfig=network
    )
    return str(made["cluster"]["arn"])


BUILDERS = {
    "AWS::ECR::Repository": repository,
    "AWS::ECS::Cluster": cluster,
    "AWS::ECS::TaskDefinition": task,
    "AWS::ECS::Service": service,
    "AWS::EKS::Cluster": kubernetes,
}
