"""EKS, RDS and ECS: access entries, supported versions, parameters, shells and meshes; moto has none of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.rds.models import rds_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.wire import Call, Refused

SUPPORTED = {  # version → last days of standard and of extended support
    "1.29": ("2025-03-23", "2026-03-23"),
    "1.33": ("2026-07-29", "2027-07-29"),
    "1.35": ("2027-03-27", "2028-03-27"),
}
Entries = dict[str, list[dict[str, Any]]]  # principal → its policies
ENTRIES: dict[tuple[str, str, str], Entries] = {}


def entries(call: Call) -> Entries:
    name = call.params.get("clusterName") or call.params["name"]
    return ENTRIES.setdefault((call.account, call.region, name), {})


def cluster(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    answer["cluster"].setdefault("accessConfig", {"authenticationMode": "API"})
    return answer


def make_entry(call: Call, _: MotoSays) -> dict[str, Any]:
    entries(call).setdefault(call.params["principalArn"], [])
    return {"accessEntry": {"clusterName": call.params["clusterName"], "principalArn": call.params["principalArn"]}}


def give_policy(call: Call, _: MotoSays) -> dict[str, Any]:
    given = {"policyArn": call.params["policyArn"], "accessScope": call.params["accessScope"]}
    entries(call)[call.params["principalArn"]].append(given)
    return {"clusterName": call.params["clusterName"], "associatedAccessPolicy": given}


def list_entries(call: Call, _: MotoSays) -> dict[str, Any]:
    wanted = call.params.get("associatedPolicyArn")
    return {
        "accessEntries": [
            principal
            for principal, policies in entries(call).items()
            if wanted is None or any(policy["policyArn"] == wanted for policy in policies)
        ]
    }


def list_policies(call: Call, _: MotoSays) -> dict[str, Any]:
    principal = call.params["principalArn"]
    if principal not in entries(call):
        raise Refused("ResourceNotFoundException", "The specified principalArn could not be found.", 404)
    said = {"clusterName": call.params["clusterName"], "principalArn": principal}
    return {**said, "associatedAccessPolicies": entries(call)[principal]}


def versions(call: Call, _: MotoSays) -> dict[str, Any]:
    def day(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    return {
        "clusterVersions": [
            {
                "clusterVersion": version,
                "clusterType": "eks",
                "endOfStandardSupportDate": day(standard),
                "endOfExtendedSupportDate": day(extended),
            }
            for version, (standard, extended) in SUPPORTED.items()
        ]
    }


def parameters(call: Call, _: MotoSays) -> dict[str, Any]:
    groups = rds_backends[call.account][call.region].db_cluster_parameter_groups
    name = call.params["DBClusterParameterGroupName"]
    if name not in groups:
        raise Refused("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}", 404)
    return {"Parameters": list(groups[name].parameters.values())}


SHELL_OR_MESH = ("enableExecuteCommand", "serviceConnectConfiguration")
SAID: dict[str, dict[str, Any]] = {}
"""ARN of an ECS service → what it was made with, of what moto does not keep."""


def make_service(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    made = moto_says()
    SAID[made["service"]["serviceArn"]] = {key: call.params[key] for key in SHELL_OR_MESH if key in call.params}
    return made


def ecs_services(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    for one in answer["services"]:
        said = SAID.get(one["serviceArn"], {})
        one["enableExecuteCommand"] = said.get("enableExecuteCommand", False)
        for deployment in one.get("deployments") or ():
            deployment |= {key: said[key] for key in SHELL_OR_MESH[1:] if key in said}
    return answer


ANSWERS: dict[tuple[str, str], Answer] = {
    ("ecs", "CreateService"): make_service,
    ("ecs", "DescribeServices"): ecs_services,
    ("eks", "DescribeCluster"): cluster,
    ("eks", "CreateAccessEntry"): make_entry,
    ("eks", "AssociateAccessPolicy"): give_policy,
    ("eks", "ListAccessEntries"): list_entries,
    ("eks", "ListAssociatedAccessPolicies"): list_policies,
    ("eks", "DescribeClusterVersions"): versions,
    ("rds", "DescribeDBClusterParameters"): parameters,
}
