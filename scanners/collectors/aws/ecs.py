"""ECS: clusters with their services, and of each family of task definitions the latest that is active.

Kept of a task definition is what is named here.  Values of variables, commands, labels and log options are where
people put passwords: variables and commands are read at the door, and the rest is not kept.
Of each image in this account's own registries it is asked what its scan found.
Limits: a service may still run an older revision; of a family it is the latest that is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail, ParseError
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LARGEST_PAGE = {"maxResults": 100}
AT_ONCE = 10  # services described in one call
CLUSTERS = Call("ecs", "ListClusters", items="clusterArns", params=LARGEST_PAGE)
SERVICES = Call("ecs", "ListServices", items="serviceArns", params=LARGEST_PAGE)
DESCRIBE = Call("ecs", "DescribeServices")
SETTINGS = Call("ecs", "DescribeClusters", items="clusters", params={"include": ["CONFIGURATIONS"]})
CLUSTERS_AT_ONCE = 100
FAMILIES = Call("ecs", "ListTaskDefinitionFamilies", items="families", params={**LARGEST_PAGE, "status": "ACTIVE"})
TASK = Call("ecs", "DescribeTaskDefinition", take="taskDefinition")
SCAN = Call(  # the counts are of all findings, however few are sent
    "ecr",
    "DescribeImageScanFindings",
    params={"maxResults": 1},
    absent=frozenset({"ImageNotFoundException", "RepositoryNotFoundException", "ScanNotFoundException"}),
)
IN_ECR = re.compile(  # account, region, repository, what names the image
    r"(\d{12})\.dkr\.ecr(?:-fips)?\.([\w-]+)\.amazonaws\.com(?:\.cn)?/([\w./-]+)(?::([\w.-]+))?(?:@(sha256:\w+))?"
)

OF_SERVICE = (
    "enableExecuteCommand", "launchType", "loadBalancers", "networkConfiguration", "platformVersion", "roleArn",
    "serviceArn", "serviceName", "taskDefinition",
)  # fmt: skip
OF_TASK_SET = ("id", "networkConfiguration", "taskDefinition")
OF_TASK = (
    "cpu", "executionRoleArn", "family", "ipcMode", "memory", "networkMode", "pidMode", "requiresCompatibilities",
    "revision", "runtimePlatform", "status", "taskDefinitionArn", "taskRoleArn",
)  # fmt: skip
OF_CONTAINER = (
    "disableNetworking", "dockerSecurityOptions", "environmentFiles", "essential", "image", "linuxParameters",
    "mountPoints", "name", "portMappings", "privileged", "readonlyRootFilesystem", "repositoryCredentials", "secrets",
    "user",
)  # fmt: skip


def cluster(place: Place, arn: str) -> Identity:
    return Identity(arn, arn.rpartition("/")[2])


def listed_cluster(arn: str, door: Door) -> dict[str, str]:
    return {"clusterArn": arn}


def of_cluster(cluster: Resource) -> dict[str, str]:
    return {"cluster": cluster["ListClusters"].need("clusterArn").text()}


def ten_by_ten(cluster: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Questions about ten services each, called after the first of them."""
    arns = sorted(arn.text() for arn in cluster["ListServices"])
    for start in range(0, len(arns), AT_ONCE):
        yield arns[start], {**of_cluster(cluster), "services": arns[start : start + AT_ONCE]}


def services(answer: Mapping[str, Any], door: Door) -> list[dict[str, Any]]:
    """The settings of each; one that is gone since it was listed is left out, any other failure is a gap."""
    if odd := [failure for failure in answer.get("failures") or () if failure.get("reason") != "MISSING"]:
        raise ParseError(f"services were not described: {odd[0].get('reason')}")
    return [
        {
            **named(OF_SERVICE, one),
            "taskSets": [named(OF_TASK_SET, tasks) for tasks in one.get("taskSets") or ()],
            "serviceConnect": [connected(deployment) for deployment in one.get("deployments") or ()],
        }
        for one in answer["services"]
    ]


def connected(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Of Service Connect in a deployment: whether it is on, and which of its ports speak TLS."""
    said = deployment.get("serviceConnectConfiguration") or {}
    ports = [
        {"portName": one["portName"], "tls": bool((one.get("tls") or {}).get("issuerCertificateAuthority"))}
        for one in said.get("services") or ()
    ]
    return {"status": deployment.get("status"), "enabled": said.get("enabled", False), "services": ports}


def hundred_by_hundred(arns: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(arns), CLUSTERS_AT_ONCE):
        yield {"clusters": sorted(arns)[start : start + CLUSTERS_AT_ONCE]}


def sessions(items: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """How interactive sessions are logged; None of a cluster that is gone since it was listed."""
    said = [(one.get("configuration") or {}).get("executeCommandConfiguration") or {} for one in items]
    kept = [{field: one[field] for field in ("logging", "logConfiguration") if field in one} for one in said]
    return {"executeCommandConfiguration": kept[0]} if kept else None


def family(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:ecs:{place.region}:{place.account}:task-definition/{name}", name)


def listed_family(name: str, door: Door) -> dict[str, str]:
    return {"family": name}


def latest(family: Resource) -> dict[str, str]:
    """A family's name alone means its latest active revision."""
    return {"taskDefinition": family["ListTaskDefinitionFamilies"].need("family").text()}


def task(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    containers = [container(one, door) for one in answer["containerDefinitions"]]
    hosts = [named(("name", "host"), volume) for volume in answer.get("volumes") or ()]
    return {**named(OF_TASK, answer), "volumes": hosts, "containerDefinitions": containers}


def own_images(family: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Questions by ARN of the repository and tag or digest.  An image without either is the one tagged "latest"."""
    partition, account = family.ref.split(":")[1], family.ref.split(":")[4]
    for container in family["DescribeTaskDefinition"].need("containerDefinitions"):
        named = IN_ECR.fullmatch(str(container["image"].value))
        if not named or named.group(1) != account:
            continue
        _, region, repository, tag, digest = named.groups()
        image = {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
        key = f"arn:{partition}:ecr:{region}:{account}:repository/{repository}:{digest or tag or 'latest'}"
        yield key, {"@region": region, "repositoryName": repository, "imageId": image}


def scanned(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """How the scan ended, and how many findings of each severity."""
    counts = (answer.get("imageScanFindings") or {}).get("findingSeverityCounts") or {}
    return {"status": answer["imageScanStatus"]["status"], "counts": counts}


def container(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    kept = named(OF_CONTAINER, item)
    kept["environment"] = [
        {"name": one["name"], **door.variable(one["name"], one.get("value", ""))}
        for one in item.get("environment") or ()
    ]
    if logged := item.get("logConfiguration"):  # its options may hold tokens
        kept["logConfiguration"] = {"logDriver": logged.get("logDriver")}
    for words in ("entryPoint", "command"):
        if item.get(words):
            kept[words] = door.text("\n".join(item[words]))
    return kept


def named(fields: tuple[str, ...], item: Mapping[str, Any]) -> dict[str, Any]:
    return {field: item[field] for field in fields if field in item}


COLLECTORS = (
    Collector(
        kind="AWS::ECS::Cluster",
        listing=CLUSTERS,
        identify=cluster,
        shape=listed_cluster,
        details=(
            Detail(SERVICES, bind=of_cluster),
            Detail(DESCRIBE, each=ten_by_ten, after="ListServices", shape=services),
        ),
        attached=(
            Attached(
                SETTINGS,
                of=lambda item: item["clusterArn"],
                to=lambda cluster: cluster.ref,
                shape=sessions,
                about=hundred_by_hundred,
            ),
        ),
    ),
    Collector(
        kind="AWS::ECS::TaskDefinition",
        listing=FAMILIES,
        identify=family,
        shape=listed_family,
        details=(
            Detail(TASK, bind=latest, shape=task),
            Detail(SCAN, shared=True, each=own_images, after="DescribeTaskDefinition", shape=scanned),
        ),
    ),
)
