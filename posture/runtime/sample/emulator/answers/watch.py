"""Access Analyzer, which moto has not; what Inspector and GuardDuty find, which it does not keep.

The standards of Security Hub and the discovery of Macie, which it does not know; and how Macie says that it is off.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.macie2.models import macie2_backends
from moto.securityhub.models import securityhub_backends

from posture.runtime.sample.emulator import clock
from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call, Refused

ANALYZERS: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
"""(account, region) → analyzers by name."""
PAGES: dict[str, Any] = {
    "limit": "maxResults",
    "token": "nextToken",
    "next": "nextToken",
    "refusal": "ValidationException",
}


SILENT = {"legacy-report-export", "reporting-adhoc", "edge-headers", "legacy-orders/prod"}
"""Functions and stages of APIs that nobody called."""


def metric_data(call: Call, _: MotoSays) -> dict[str, Any]:
    """One busy day of whatever is asked for, but for what is silent."""
    return {"MetricDataResults": [result(query) for query in call.params["MetricDataQueries"]], "Messages": []}


def result(query: dict[str, Any]) -> dict[str, Any]:
    named = "/".join(str(one["Value"]) for one in query["MetricStat"]["Metric"].get("Dimensions", ()))
    busy = {} if named in SILENT else {"Timestamps": [clock.now(UTC)], "Values": [42.0]}
    silent: dict[str, Any] = {"Timestamps": [], "Values": [], "StatusCode": "Complete"}
    return {"Id": query["Id"], "Label": query.get("Label", named), **silent, **busy}


def create_analyzer(call: Call, _: MotoSays) -> dict[str, Any]:
    name, mine = call.params["analyzerName"], ANALYZERS[call.account, call.region]
    if name in mine:
        raise Refused("ConflictException", f"Analyzer {name} exists already.", 409)
    arn = f"arn:aws:access-analyzer:{call.region}:{call.account}:analyzer/{name}"
    made = {"name": name, "arn": arn, "type": call.params["type"], "status": "ACTIVE", "createdAt": clock.now()}
    mine[name] = {**made, "tags": call.params.get("tags") or {}}
    return {"arn": arn}


def analyzers(call: Call, _: MotoSays) -> dict[str, Any]:
    kind = call.params.get("type")
    rows = [row for row in ANALYZERS[call.account, call.region].values() if kind in (None, row["type"])]
    return Paged("analyzers", **PAGES).cut(
        {"analyzers": rows}, call.params.get("maxResults"), call.params.get("nextToken")
    )


LOOKED_AT = datetime(2026, 3, 1, tzinfo=UTC)  # for good: two looks at one account must be equal
FOUND_OUTSIDE = {"eu-west-1": ("arn:aws:iam::{}:role/open-door", "AWS::IAM::Role")}
"""Region → what its analyzer finds that somebody outside can use."""


def analyzer_findings(call: Call, _: MotoSays) -> dict[str, Any]:
    known = ANALYZERS[call.account, call.region].values()
    if call.params["analyzerArn"] not in {row["arn"] for row in known}:
        raise Refused("ResourceNotFoundException", "The analyzer does not exist.", 404)
    if call.region not in FOUND_OUTSIDE:
        return {"findings": []}
    arn, kind = FOUND_OUTSIDE[call.region]
    found = {"id": "5f4e3d2c-0000-4000-8000-000000000001", "resource": arn.format(call.account), "resourceType": kind}
    times = dict.fromkeys(("analyzedAt", "createdAt", "updatedAt"), LOOKED_AT)
    said = {"status": "ACTIVE", "findingType": "ExternalAccess", "resourceOwnerAccount": call.account}
    return {"findings": [{**found, **said, **times}]}


VULNERABLE = {"legacy-report-export": ("CRITICAL", "HIGH"), "search-reindex": ("HIGH",)}
"""Name of a function → severities of what Inspector finds in it."""


def account_status(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """An account that never enabled Inspector is answered for too."""
    answer = moto_says()
    if not answer["accounts"]:
        off = {"status": "DISABLED", "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
        parts = dict.fromkeys(("ec2", "ecr", "lambda", "lambdaCode"), off)
        answer["accounts"] = [{"accountId": call.account, "state": off, "resourceState": parts}]
    return answer


def functions(call: Call) -> list[str]:
    return [function.function_arn for function in lambda_backends[call.account][call.region].list_functions()]


def coverage(call: Call, _: MotoSays) -> dict[str, Any]:
    rows = [
        {
            "resourceType": "AWS_LAMBDA_FUNCTION",
            "resourceId": f"{arn}:$LATEST",
            "accountId": call.account,
            "scanType": "PACKAGE",
            "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
        }
        for arn in functions(call)
    ]
    pages = Paged("coveredResources", **PAGES)
    return pages.cut({"coveredResources": rows}, call.params.get("maxResults"), call.params.get("nextToken"))


def inspector_findings(call: Call, _: MotoSays) -> dict[str, Any]:
    rows = [
        {
            "findingArn": f"arn:aws:inspector2:{call.region}:{call.account}:finding/{number:032x}",
            "awsAccountId": call.account,
            "type": "PACKAGE_VULNERABILITY",
            "description": "A package has a known vulnerability.",
            "remediation": {},
            "severity": severity,
            "firstObservedAt": LOOKED_AT,
            "lastObservedAt": LOOKED_AT,
            "status": "ACTIVE",
            "resources": [{"type": "AWS_LAMBDA_FUNCTION", "id": f"{arn}:$LATEST"}],
        }
        for arn in functions(call)
        for number, severity in enumerate(VULNERABLE.get(arn.split(":")[6], ()))
    ]
    pages = Paged("findings", **PAGES)
    return pages.cut({"findings": rows}, call.params.get("maxResults"), call.params.get("nextToken"))


SEVERITY = {"CryptoCurrency": 8.0, "Recon": 2.0}
THREATS: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
"""Detector → findings by id."""


def sample_findings(call: Call, _: MotoSays) -> dict[str, Any]:
    detector = call.params["DetectorId"]
    mine = THREATS[detector]
    for kind in call.params.get("FindingTypes") or ():
        made = f"{len(mine) + 1:032x}"
        mine[made] = {
            "AccountId": call.account,
            "Arn": f"arn:aws:guardduty:{call.region}:{call.account}:detector/{detector}/finding/{made}",
            "CreatedAt": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
            "Id": made,
            "Region": call.region,
            "Resource": {"ResourceType": "Lambda"},
            "SchemaVersion": "2.0",
            "Service": {"Archived": False, "Count": 1},
            "Severity": SEVERITY.get(kind.partition(":")[0], 5.0),
            "Type": kind,
            "UpdatedAt": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
        }
    return {}


def threats(call: Call, _: MotoSays) -> dict[str, Any]:
    wanted = (call.params.get("FindingCriteria") or {}).get("Criterion") or {}
    least = wanted.get("severity", {}).get("GreaterThanOrEqual", 0)
    found = [one["Id"] for one in THREATS[call.params["DetectorId"]].values() if one["Severity"] >= least]
    return {"FindingIds": found}


def described_threats(call: Call, _: MotoSays) -> dict[str, Any]:
    mine = THREATS[call.params["DetectorId"]]
    return {"Findings": [mine[one] for one in call.params["FindingIds"] if one in mine]}


STANDARDS: dict[tuple[str, str], list[str]] = defaultdict(list)
DISCOVERY: dict[tuple[str, str], str] = {}
"""(account, region) → ARNs of standards; whether Macie looks by itself."""
HUB_OFF = Refused("InvalidAccessException", "Account is not subscribed to AWS Security Hub", 401)
MACIE_OFF = Refused("AccessDeniedException", "Macie is not enabled.", 403)


def hub(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    if not securityhub_backends[call.account][call.region].enabled:
        raise HUB_OFF
    return moto_says()


def enable_standards(call: Call, _: MotoSays) -> dict[str, Any]:
    mine = STANDARDS[call.account, call.region]
    mine += [one["StandardsArn"] for one in call.params["StandardsSubscriptionRequests"]]
    return {"StandardsSubscriptions": [standard(call, arn) for arn in mine]}


def enabled_standards(call: Call, _: MotoSays) -> dict[str, Any]:
    if not securityhub_backends[call.account][call.region].enabled:
        raise HUB_OFF
    rows = [standard(call, arn) for arn in STANDARDS[call.account, call.region]]
    pages = Paged("StandardsSubscriptions", "MaxResults", "NextToken", "NextToken", refusal="InvalidInputException")
    return pages.cut({"StandardsSubscriptions": rows}, call.params.get("MaxResults"), call.params.get("NextToken"))


def standard(call: Call, arn: str) -> dict[str, Any]:
    mine = f"arn:aws:securityhub:{call.region}:{call.account}:subscription/{arn.rpartition(':')[2].split('/', 1)[-1]}"
    said = {"StandardsSubscriptionArn": mine, "StandardsArn": arn, "StandardsInput": {}}
    return {**said, "StandardsStatus": "READY"}


def macie_session(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    if not macie2_backends[call.account][call.region].macie_session:
        raise MACIE_OFF
    return moto_says()


def discovery(call: Call, _: MotoSays) -> dict[str, Any]:
    if not macie2_backends[call.account][call.region].macie_session:
        raise MACIE_OFF
    return {"status": DISCOVERY.get((call.account, call.region), "DISABLED"), "autoEnableOrganizationMembers": "NONE"}


def set_discovery(call: Call, _: MotoSays) -> dict[str, Any]:
    DISCOVERY[call.account, call.region] = call.params["status"]
    return {}


ANSWERS: dict[tuple[str, str], Answer] = {
    ("cloudwatch", "GetMetricData"): metric_data,
    ("accessanalyzer", "CreateAnalyzer"): create_analyzer,
    ("accessanalyzer", "ListAnalyzers"): analyzers,
    ("accessanalyzer", "ListFindingsV2"): analyzer_findings,
    ("inspector2", "BatchGetAccountStatus"): account_status,
    ("inspector2", "ListCoverage"): coverage,
    ("inspector2", "ListFindings"): inspector_findings,
    ("guardduty", "CreateSampleFindings"): sample_findings,
    ("guardduty", "ListFindings"): threats,
    ("guardduty", "GetFindings"): described_threats,
    ("securityhub", "DescribeHub"): hub,
    ("securityhub", "BatchEnableStandards"): enable_standards,
    ("securityhub", "GetEnabledStandards"): enabled_standards,
    ("macie2", "GetMacieSession"): macie_session,
    ("macie2", "GetAutomatedDiscoveryConfiguration"): discovery,
    ("macie2", "UpdateAutomatedDiscoveryConfiguration"): set_discovery,
}
