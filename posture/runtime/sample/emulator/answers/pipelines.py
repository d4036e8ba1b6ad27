"""CodeBuild's webhooks, MSK's settings, scans of images and drift of stacks, which moto does not keep."""

from __future__ import annotations

from typing import Any

from moto.codebuild.models import codebuild_backends
from moto.ecr.models import ecr_backends
from moto.kafka.models import kafka_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call, Refused

PAGES: dict[str, Any] = {"limit": "MaxResults", "token": "NextToken", "next": "NextToken"}
PROVISIONED: dict[str, dict[str, Any]] = {}
"""ARN of a cluster → what it was made with."""


def create_webhook(call: Call, _: MotoSays) -> dict[str, Any]:
    name = call.params["projectName"]
    project = codebuild_backends[call.account][call.region].codebuild_projects.get(name)
    if project is None:
        raise Refused("ResourceNotFoundException", f"Project {name} does not exist")
    asked = ("filterGroups", "buildType", "pullRequestBuildPolicy")
    webhook = {"url": "https://hooks.test/", **{field: call.params[field] for field in asked if field in call.params}}
    project.project_metadata["webhook"] = webhook
    return {"webhook": webhook}


def create_cluster(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    made = moto_says()
    PROVISIONED[made["ClusterArn"]] = call.params.get("Provisioned") or {}
    return made


def clusters(call: Call, _: MotoSays) -> dict[str, Any]:
    known = kafka_backends[call.account][call.region].clusters
    rows = [
        {
            "ClusterArn": arn,
            "ClusterName": cluster.cluster_name,
            "ClusterType": cluster.cluster_type,
            "State": "ACTIVE",
            "CurrentVersion": "K1",
            **({"Provisioned": PROVISIONED[arn]} if PROVISIONED.get(arn) else {}),
        }
        for arn, cluster in known.items()
    ]
    asked = call.params
    return Paged("ClusterInfoList", **PAGES).cut(
        {"ClusterInfoList": rows}, asked.get("MaxResults"), asked.get("NextToken")
    )


VULNERABLE = {"legacy-batch": {"CRITICAL": 2, "HIGH": 7, "MEDIUM": 31}}
"""Repository → what the scans of its images found; of the others, little."""


def image_scan(call: Call, _: MotoSays) -> dict[str, Any]:
    name = call.params["repositoryName"]
    if name not in ecr_backends[call.account][call.region].repositories:
        raise Refused("RepositoryNotFoundException", f"The repository with name '{name}' does not exist")
    return {
        "repositoryName": name,
        "imageId": call.params["imageId"],
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {"findings": [], "findingSeverityCounts": VULNERABLE.get(name, {"LOW": 3})},
    }


DRIFT = {"shop-network": "IN_SYNC", "legacy-tools": "DRIFTED"}
"""Stack → what was found when drift was last looked for."""


def stacks(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    for row in answer["Stacks"]:
        row["DriftInformation"] = {"StackDriftStatus": DRIFT.get(row["StackName"], "NOT_CHECKED")}
    return answer


ANSWERS: dict[tuple[str, str], Answer] = {
    ("cloudformation", "DescribeStacks"): stacks,
    ("codebuild", "CreateWebhook"): create_webhook,
    ("ecr", "DescribeImageScanFindings"): image_scan,
    ("kafka", "CreateClusterV2"): create_cluster,
    ("kafka", "ListClustersV2"): clusters,
}
