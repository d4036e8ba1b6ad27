"""Inspector: what it scans in a region, and what it found in functions.

Of findings, only those that are open and high or critical are asked for, and of each function their numbers are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail, ParseError
from scanners.collectors.door import Door
from scanners.model import Resource


def equal(*values: str) -> list[dict[str, str]]:
    return [{"comparison": "EQUALS", "value": value} for value in values]


FUNCTIONS = equal("AWS_LAMBDA_FUNCTION")
STATUS = Call("inspector2", "BatchGetAccountStatus")
COVERAGE = Call(
    "inspector2",
    "ListCoverage",
    items="coveredResources",
    params={"maxResults": 200, "filterCriteria": {"resourceType": FUNCTIONS}},
)
FINDINGS = Call(
    "inspector2",
    "ListFindings",
    items="findings",
    params={
        "maxResults": 100,
        "filterCriteria": {
            "findingStatus": equal("ACTIVE"),
            "resourceType": FUNCTIONS,
            "severity": equal("CRITICAL", "HIGH"),
        },
    },
)


def itself(region: Resource) -> dict[str, list[str]]:
    return {"accountIds": [region["GetCallerIdentity"].need("Account").text()]}


def states(answer: Mapping[str, Any], door: Door) -> list[dict[str, Any]]:
    """[{"lambda": status, …}] of this account; [] when Inspector does not know it."""
    if failures := answer.get("failedAccounts"):
        raise ParseError(f"the account was not looked up: {failures[0].get('errorCode')}")
    return [{part: said["status"] for part, said in one["resourceState"].items()} for one in answer["accounts"]]


def covered(items: list[Mapping[str, Any]], door: Door) -> dict[str, str]:
    """ARN of a function → whether it is scanned for vulnerable packages."""
    packages = [one for one in items if one["scanType"] == "PACKAGE"]
    return {function(one["resourceId"]): one["scanStatus"]["statusCode"] for one in packages}


def counted(items: list[Mapping[str, Any]], door: Door) -> dict[str, dict[str, int]]:
    """ARN of a function → severity → how many; what the cloud sent beyond the question is left out."""
    found: dict[str, Counter[str]] = {}
    for one in items:
        if one["status"] == "ACTIVE" and one["severity"] in ("CRITICAL", "HIGH"):
            for resource in one["resources"]:
                if resource["type"] == "AWS_LAMBDA_FUNCTION":
                    found.setdefault(function(resource["id"]), Counter())[one["severity"]] += 1
    return {arn: dict(counts) for arn, counts in found.items()}


def function(arn: str) -> str:
    """Without the version that was scanned."""
    return ":".join(arn.split(":")[:7])


COLLECTORS = (
    region_wide(
        "AWS::InspectorV2::Account",
        "inspector2",
        "account",
        Detail(STATUS, bind=itself, shape=states),
        Detail(COVERAGE, bind=no_questions, shape=covered),
        Detail(FINDINGS, bind=no_questions, shape=counted),
    ),
)
