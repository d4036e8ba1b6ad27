"""What stands in a region once, and CodeBuild: what is kept, asked, refused."""

import json

import pytest

from scanners.collectors.aws import (
    accessanalyzer,
    cloudwatch,
    codebuild,
    config,
    credentials,
    ecs,
    events,
    guardduty,
    inspector2,
    logs,
    macie2,
    securityhub,
)
from scanners.model import Unread
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

(ANALYZERS,), (DETECTOR,), (PROJECT,) = accessanalyzer.COLLECTORS, guardduty.COLLECTORS, codebuild.COLLECTORS
(HUB,), (MACIE,) = securityhub.COLLECTORS, macie2.COLLECTORS
(THE_ACCOUNT,) = credentials.COLLECTORS
WHO = {"GetCallerIdentity": {"Account": ACCOUNT, "Arn": "arn:aws:iam::1:user/me", "UserId": "AIDA"}}
CANARY = "ghp_" + "canary00000000000000000000000000abcd"


def only(seen):
    (resource,) = seen.resources
    return resource


def test_a_region_without_a_detector_is_a_region_all_the_same():
    region = only(gathered(DETECTOR, **WHO, ListDetectors={"DetectorIds": []}))

    assert (region.ref, region.name) == (f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector", REGION)
    assert (region["ListDetectors"].value, dict(region.each("GetDetector"))) == ([], {})


def test_a_detector_keeps_what_is_on_and_nothing_that_moves():
    told = {"Status": "ENABLED", "UpdatedAt": "now", "DataSources": {}, "Features": [{"Name": "S3_DATA_EVENTS"}]}

    region = only(gathered(DETECTOR, **WHO, ListDetectors={"DetectorIds": ["d1"]}, GetDetector=told))

    assert region["GetDetector"]["d1"].value == {"Status": "ENABLED", "Features": [{"Name": "S3_DATA_EVENTS"}]}


@pytest.mark.parametrize(
    ("collector", "section", "code", "further"),
    [
        (HUB, "DescribeHub", "InvalidAccessException", "GetEnabledStandards"),
        (MACIE, "GetMacieSession", "MacieNotEnabled", "GetAutomatedDiscoveryConfiguration"),
    ],
)
def test_a_service_that_is_off_is_proven_to_be_and_is_asked_no_more(collector, section, code, further):
    region = only(gathered(collector, **WHO, **{section: code}))

    assert not region[section].present
    assert not region.asked(further)


@pytest.mark.parametrize(
    ("collector", "section"),
    [
        (HUB, "DescribeHub"),
        (MACIE, "GetMacieSession"),
        (DETECTOR, "ListDetectors"),
        (DETECTOR, "GetDetector"),
        (ANALYZERS, "ListAnalyzers"),
    ],
)
def test_a_refused_question_is_a_gap_in_a_region_that_is_known(collector, section):
    answers = {**WHO, "ListDetectors": {"DetectorIds": ["d1"]}, section: "AccessDeniedException"}

    region = only(gathered(collector, **answers))

    with pytest.raises(Unread):
        region[section]


def test_an_analyzer_keeps_nothing_that_moves_by_itself():
    row = {"name": "a", "type": "ACCOUNT", "status": "ACTIVE", "lastResourceAnalyzedAt": "now"}

    region = only(gathered(ANALYZERS, **WHO, ListAnalyzers={"analyzers": [row]}))

    assert region["ListAnalyzers"].value == [{"name": "a", "type": "ACCOUNT", "status": "ACTIVE"}]


def contact_of(answer):
    told = {"GetAccountSummary": {"SummaryMap": {}}, "GetAlternateContact": answer}
    return only(gathered(THE_ACCOUNT, **told))


def test_of_the_contact_the_address_is_kept_and_no_telephone():
    said = {"EmailAddress": "s@example.com", "Name": "Alice", "PhoneNumber": "1", "AlternateContactType": "SECURITY"}

    account = contact_of({"AlternateContact": said})

    assert account["GetAlternateContact"].value == {
        "EmailAddress": "s@example.com",
        "AlternateContactType": "SECURITY",
    }


def test_there_is_no_contact_only_when_the_answer_says_so():
    assert contact_of("ResourceNotFoundException")["GetAlternateContact"].value is None
    assert "GetAlternateContact" in contact_of("AccessDeniedException").gaps


def built(*projects, **more):
    return only(gathered(PROJECT, ListProjects={"projects": ["shop"]}, BatchGetProjects={"projects": projects, **more}))


def project(*variables, **more):
    return {
        "name": "shop",
        "arn": "arn:shop",
        "environment": {"image": "i", "environmentVariables": list(variables)},
        "source": {"type": "GITHUB"},
        **more,
    }


def test_a_project_is_called_as_aws_calls_it():
    seen = built(project())

    assert (seen.ref, seen.name) == (f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/shop", "shop")


def test_no_value_of_a_variable_is_kept_and_of_a_reference_only_that_it_is_one():
    plain = {"name": "TOKEN", "value": CANARY, "type": "PLAINTEXT"}
    untyped = {"name": "OLD_TOKEN", "value": CANARY}
    secret = {"name": "DB_PASSWORD", "value": CANARY, "type": "SECRETS_MANAGER"}

    settings = built(project(plain, untyped, secret))["BatchGetProjects"]

    kept = settings["environment"]["environmentVariables"].value
    assert [one.get("secret") for one in kept] == ["GitHub Token", "GitHub Token", None]
    assert kept[2] == {"name": "DB_PASSWORD", "type": "SECRETS_MANAGER"}
    assert CANARY not in json.dumps(settings.value)


ADDRESSES = [
    # address,                                         what is kept of it,               kind of secret
    ("https://github.com/o/r.git", "https://github.com/o/r.git", None),
    ("https://reader@bitbucket.org/o/r.git", "https://bitbucket.org/o/r.git", None),
    ("ssh://git@github.com/o/r.git", "ssh://github.com/o/r.git", None),
    ("git@github.com:o/r.git", "git@github.com:o/r.git", None),
    ("bucket/source.zip", "bucket/source.zip", None),
    ("https://me:hunter2@git.example.com/r", "https://git.example.com/r", "Basic Auth Credentials"),
    ("https://x-token-auth:abcd@bitbucket.org/o/r", "https://bitbucket.org/o/r", "Basic Auth Credentials"),
    ("https://me:a@b@git.example.com/r", "https://git.example.com/r", "Basic Auth Credentials"),
    ("https://me:not/an/address@git.example.com/r", "https://git.example.com/r", None),
    (f"https://{CANARY}@github.com/o/r", "https://github.com/o/r", "GitHub Token"),
]


@pytest.mark.parametrize(("address", "kept", "kind"), ADDRESSES)
@pytest.mark.parametrize("place", ["source", "secondarySources"])
def test_an_address_loses_who_signs_in(place, address, kept, kind):
    told = {"type": "GITHUB", "location": address}

    settings = built(project(**{place: told if place == "source" else [told]}))["BatchGetProjects"]

    said = settings[place] if place == "source" else settings[place][0]
    assert said["location"].value == {"url": kept, "secret": kind}


def test_of_a_script_and_a_webhook_no_secret_is_kept():
    webhook = {"secret": CANARY, "payloadUrl": f"https://x/{CANARY}", "filterGroups": [[{"type": "EVENT"}]]}
    script = f"version: 0.2\ncommands: curl -H {CANARY}\n"

    settings = built(project(webhook=webhook, source={"type": "NO_SOURCE", "buildspec": script}))["BatchGetProjects"]

    assert settings["webhook"].value == {"filterGroups": [[{"type": "EVENT"}]]}
    assert settings["source"]["buildspec"]["secrets"].value == [{"line": 2, "secret": "GitHub Token"}]
    assert CANARY not in json.dumps(settings.value)


@pytest.mark.parametrize("answer", [{}, {"projectsNotFound": ["shop"]}])
def test_a_project_that_was_not_described_is_a_gap(answer):
    seen = only(gathered(PROJECT, ListProjects={"projects": ["shop"]}, BatchGetProjects=answer))

    assert seen.gaps["BatchGetProjects"][0].state == "parse_error"


def test_open_findings_of_outside_analyzers_are_asked_for_and_of_no_others():
    rows = [
        {"arn": "arn:out", "type": "ACCOUNT", "status": "ACTIVE"},
        {"arn": "arn:unused", "type": "ACCOUNT_UNUSED_ACCESS", "status": "ACTIVE"},
        {"arn": "arn:broken", "type": "ORGANIZATION", "status": "FAILED"},
    ]
    found = {"id": "f1", "status": "ACTIVE", "resourceType": "AWS::S3::Bucket", "updatedAt": "now"}

    region = only(gathered(ANALYZERS, **WHO, ListAnalyzers={"analyzers": rows}, ListFindingsV2={"findings": [found]}))

    assert region["ListFindingsV2"].value == {
        "arn:out": [{"id": "f1", "status": "ACTIVE", "resourceType": "AWS::S3::Bucket"}]
    }


def threats(**answers):
    ids = [f"f{number:03}" for number in range(60)]
    told = {"ListDetectors": {"DetectorIds": ["d1"]}, "ListFindings": {"FindingIds": ids}}
    row = {"Id": "f000", "Type": "T", "Severity": 8.0, "Service": {"Archived": False, "Count": 9}, "UpdatedAt": "now"}
    return only(gathered(DETECTOR, **WHO, **{**told, "GetFindings": {"Findings": [row]}, **answers}))


def test_findings_are_described_fifty_at_a_time_and_only_their_kind_is_kept():
    found = threats()["GetFindings"]

    assert found.value.keys() == {"f000", "f050"}
    assert found["f000"].value == [{"Id": "f000", "Type": "T", "Severity": 8.0, "Archived": False}]


@pytest.mark.parametrize("section", ["ListFindings", "GetFindings"])
def test_refused_findings_are_a_gap_and_no_empty_list(section):
    assert section in threats(**{section: "AccessDeniedException"}).gaps


(INSPECTOR,), (RECORDER,), (_, RULE), (_, FILTER, _), (ALARM,) = (
    inspector2.COLLECTORS,
    config.COLLECTORS,
    events.COLLECTORS,
    logs.COLLECTORS,
    cloudwatch.COLLECTORS,
)
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


def inspected(**answers):
    on = {"status": "ENABLED", "errorCode": "", "errorMessage": ""}
    accounts = [{"accountId": ACCOUNT, "resourceState": {"lambda": on, "ecr": {**on, "status": "DISABLED"}}}]
    nothing = {"ListCoverage": {"coveredResources": []}, "ListFindings": {"findings": []}}
    told = {"BatchGetAccountStatus": {"accounts": accounts}, **nothing}
    return only(gathered(INSPECTOR, **WHO, **{**told, **answers}))


def test_of_inspector_it_is_kept_what_is_scanned():
    assert inspected()["BatchGetAccountStatus"].value == [{"lambda": "ENABLED", "ecr": "DISABLED"}]
    assert inspected(BatchGetAccountStatus={"accounts": []})["BatchGetAccountStatus"].value == []


def test_an_account_that_was_not_looked_up_is_a_gap():
    failed = {"accounts": [], "failedAccounts": [{"accountId": ACCOUNT, "errorCode": "ACCESS_DENIED"}]}

    assert inspected(BatchGetAccountStatus=failed).gaps["BatchGetAccountStatus"][0].state == "parse_error"


def test_vulnerabilities_are_counted_by_function_whatever_version_was_scanned():
    def finding(severity, arn=FUNCTION, status="ACTIVE", kind="AWS_LAMBDA_FUNCTION"):
        return {"severity": severity, "status": status, "resources": [{"type": kind, "id": f"{arn}:$LATEST"}]}

    rows = [finding("HIGH"), finding("HIGH"), finding("CRITICAL"), finding("LOW"), finding("HIGH", status="CLOSED")]
    rows += [finding("HIGH", arn="image", kind="AWS_ECR_CONTAINER_IMAGE")]
    covered = [
        {"resourceId": f"{FUNCTION}:$LATEST", "scanType": scan, "scanStatus": {"statusCode": code}}
        for scan, code in (("CODE", "INACTIVE"), ("PACKAGE", "ACTIVE"))
    ]

    region = inspected(ListFindings={"findings": rows}, ListCoverage={"coveredResources": covered})

    assert region["ListFindings"].value == {FUNCTION: {"HIGH": 2, "CRITICAL": 1}}
    assert region["ListCoverage"].value == {FUNCTION: "ACTIVE"}


def test_a_recorder_keeps_whether_it_runs_and_not_since_when():
    status = {"name": "default", "recording": True, "lastStatus": "SUCCESS", "lastStartTime": "now"}
    told = {
        "DescribeConfigurationRecorders": {"ConfigurationRecorders": [{"name": "default"}]},
        "DescribeConfigurationRecorderStatus": {"ConfigurationRecordersStatus": [status]},
    }

    region = only(gathered(RECORDER, **WHO, **told))

    assert region["DescribeConfigurationRecorderStatus"].value == [{"name": "default", "recording": True}]


def ruled(targets=None, **row):
    told = {"Name": "r", "Arn": "arn:r", "State": "ENABLED", **row}
    return only(gathered(RULE, ListRules={"Rules": [told]}, ListTargetsByRule=targets or {"Targets": []}))


def test_of_a_target_what_is_handed_to_it_is_not_kept():
    secret = {"Input": CANARY, "HttpParameters": {"HeaderParameters": {"x": CANARY}}}
    target = {"Id": "1", "Arn": "arn:t", "RoleArn": "arn:r", **secret}

    rule = ruled({"Targets": [target]}, EventPattern='{"source": ["aws.guardduty"]}')

    assert rule["ListRules"]["EventPattern"].value == {"source": ["aws.guardduty"]}
    assert rule["ListTargetsByRule"].value == [{"Id": "1", "Arn": "arn:t", "RoleArn": "arn:r"}]


def test_a_rule_on_a_schedule_is_not_asked_for_its_targets():
    assert "ListTargetsByRule" not in ruled(ScheduleExpression="rate(1 day)").documents


def test_refused_targets_are_a_gap_and_no_empty_list():
    assert "ListTargetsByRule" in ruled("AccessDeniedException", EventPattern="{}").gaps


def test_a_metric_filter_is_named_within_its_group():
    row = {"logGroupName": "trail", "filterName": "root", "filterPattern": "Root", "creationTime": 1}

    found = only(gathered(FILTER, DescribeMetricFilters={"metricFilters": [row]}))

    assert found.ref == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:metric-filter:root"
    assert "creationTime" not in found["DescribeMetricFilters"].value


def test_an_alarm_keeps_whom_it_tells_and_not_its_state():
    row = {"AlarmArn": "arn:a", "AlarmName": "a", "AlarmActions": ["arn:t"], "StateValue": "ALARM"}

    found = only(gathered(ALARM, DescribeAlarms={"MetricAlarms": [row]}))

    assert found["DescribeAlarms"].value == {"AlarmArn": "arn:a", "AlarmName": "a", "AlarmActions": ["arn:t"]}


def run(image, **answers):
    told = {"taskDefinition": {"family": "f", "containerDefinitions": [{"name": "app", "image": image}]}}
    found = {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findingSeverityCounts": {"HIGH": 1}}}
    replies = {"ListTaskDefinitionFamilies": {"families": ["f"]}, "DescribeTaskDefinition": told}
    return only(gathered(TASK, **replies, **{"DescribeImageScanFindings": found, **answers}))


(_, TASK) = ecs.COLLECTORS
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
OWN = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/shop/orders"
IMAGES = [
    # image,                                    asked for as
    (f"{REGISTRY}/shop/orders:v1", f"{OWN}:v1"),
    (f"{REGISTRY}/shop/orders", f"{OWN}:latest"),
    (f"{REGISTRY}/shop/orders:v1@sha256:ab12", f"{OWN}:sha256:ab12"),
    ("999988887777.dkr.ecr.us-east-1.amazonaws.com/shop/orders:v1", None),
    ("public.ecr.aws/nginx/nginx:1", None),
    ("nginx", None),
]


@pytest.mark.parametrize(("image", "key"), IMAGES)
def test_scans_are_asked_for_of_the_accounts_own_images(image, key):
    scans = run(image)["DescribeImageScanFindings"].value

    assert scans == ({key: {"status": "COMPLETE", "counts": {"HIGH": 1}}} if key else {})


def test_a_scan_that_is_not_there_is_told_from_one_that_was_refused():
    image = f"{REGISTRY}/shop/orders:v1"

    assert run(image, DescribeImageScanFindings="ScanNotFoundException")["DescribeImageScanFindings"].value == {
        f"{OWN}:v1": None
    }
    assert "DescribeImageScanFindings" in run(image, DescribeImageScanFindings="AccessDeniedException").gaps
