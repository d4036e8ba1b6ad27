"""What was used last: reports that are ordered and waited for, and the metrics of many functions in one question."""

import asyncio
from datetime import UTC, datetime

import pytest

from scanners.collectors import asker
from scanners.collectors.asker import Asker
from scanners.collectors.aws import apigateway, clients, functions, iam, secretsmanager
from scanners.collectors.gather import gather
from scanners.model import Place, State, Unit, Unread
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import DOOR, Replies, gathered

ROLES = next(one for one in iam.COLLECTORS if one.kind == "AWS::IAM::Role")
(FUNCTIONS, *_) = functions.COLLECTORS
WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ARN = f"arn:aws:iam::{ACCOUNT}:role/orders"
ROLE = {
    "Arn": ARN,
    "RoleName": "orders",
    "AssumeRolePolicyDocument": {"Statement": []},
    "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:p"}],
    "RoleLastUsed": {"LastUsedDate": WHEN, "Region": REGION},
}
USED = {"ServiceNamespace": "s3", "LastAuthenticated": WHEN, "LastAuthenticatedEntity": ARN}
IDLE = {"ServiceNamespace": "sqs", "ServiceName": "Amazon SQS", "TotalAuthenticatedEntities": 0}
ACTIONS = [{"ActionName": "GetObject", "LastAccessedTime": WHEN}, {"ActionName": "DeleteBucket"}]
REPORT = {
    "JobStatus": "COMPLETED",
    "IsTruncated": False,
    "ServicesLastAccessed": [{**USED, "TrackedActionsLastAccessed": ACTIONS}, IDLE],
}
ORDER = {"JobId": "11112222-0000-4000-8000-000000000001"}


def role(**more):
    told = {"GenerateServiceLastAccessedDetails": ORDER, "GetServiceLastAccessedDetails": REPORT} | more
    item = {**ROLE, **told.pop("item", {})}
    return gathered(ROLES, GetAccountAuthorizationDetails={"RoleDetailList": [item]}, **told).resources[0]


def test_of_a_report_the_days_are_kept_and_the_order_is_not():
    found = role()

    services = found["GetServiceLastAccessedDetails"]["ServicesLastAccessed"]
    tracked = [{"ActionName": "GetObject", "LastAccessedTime": "2026-11-20"}, {"ActionName": "DeleteBucket"}]
    assert services.value == [
        {"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-20", "TrackedActionsLastAccessed": tracked},
        {"ServiceNamespace": "sqs"},
    ]
    assert ORDER["JobId"] not in repr(found.documents)


def test_a_report_that_is_in_progress_is_asked_for_again(monkeypatch):
    monkeypatch.setattr(asker, "LONGEST_WAIT", 0.0)
    waiting = [{"JobStatus": "IN_PROGRESS"}, {"JobStatus": "IN_PROGRESS"}]
    send = Replies.send

    async def in_progress(self, place, call, params):
        if call.operation == "GetServiceLastAccessedDetails" and waiting:
            return waiting.pop()
        return await send(self, place, call, params)

    monkeypatch.setattr(Replies, "send", in_progress)

    assert role()["GetServiceLastAccessedDetails"].present


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"GenerateServiceLastAccessedDetails": "AccessDenied"}, "AccessDenied"),
        ({"GetServiceLastAccessedDetails": "AccessDenied"}, "AccessDenied"),
        ({"GetServiceLastAccessedDetails": {"JobStatus": "IN_PROGRESS"}}, "StillInProgress"),
        ({"GetServiceLastAccessedDetails": {"JobStatus": "FAILED"}}, "NotUnderstood"),
        ({"GetServiceLastAccessedDetails": {**REPORT, "IsTruncated": True}}, "NotUnderstood"),
        ({"GenerateServiceLastAccessedDetails": {}}, "NotUnderstood"),
    ],
)
def test_a_report_that_did_not_come_is_a_gap(monkeypatch, answers, code):
    monkeypatch.setattr(asker, "LONGEST_WAIT", 0.0)

    with pytest.raises(Unread) as why:
        role(**answers)["GetServiceLastAccessedDetails"]

    assert [gap.code for gap in why.value.gaps] == [code]


@pytest.mark.parametrize(
    "item",
    [
        {"RoleLastUsed": {}},
        {"AttachedManagedPolicies": []},
        {"Arn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"},
    ],
    ids=["never used", "holds nothing", "written by AWS"],
)
def test_where_there_is_nothing_to_report_nothing_is_ordered(item):
    assert "GetServiceLastAccessedDetails" not in role(item=item).documents


def function(name):
    return {"FunctionName": name, "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"}


def invoked(*results):
    listed = {"Functions": [function("orders"), function("idle")]}
    seen = gathered(FUNCTIONS, ListFunctions=listed, GetMetricData={"MetricDataResults": list(results)})
    return {one.name: one["GetMetricData"]["Invoked"].value for one in seen.resources}


def test_whether_functions_were_invoked_is_asked_of_five_hundred_at_once():
    questions = list(functions.invocations([function(f"f{n}") for n in range(501)]))

    assert [len(one["MetricDataQueries"]) for one in questions] == [500, 1]
    assert len({query["Id"] for query in questions[0]["MetricDataQueries"]}) == 500


def test_what_was_counted_becomes_a_yes_or_a_no():
    busy = {"Label": "orders", "Values": [0.0, 3.0], "StatusCode": "Complete"}
    idle = {"Label": "idle", "Values": [], "StatusCode": "Complete"}

    assert invoked(busy, idle) == {"orders": True, "idle": False}


@pytest.mark.parametrize("status", ["InternalError", "Forbidden", "PartialData"])
def test_a_count_that_is_not_whole_is_no_proof_of_silence(status):
    assert invoked({"Label": "idle", "Values": [], "StatusCode": status}) == {"orders": None, "idle": None}


def test_refused_metrics_are_a_gap_of_every_function():
    seen = gathered(FUNCTIONS, ListFunctions={"Functions": [function("orders")]}, GetMetricData="AccessDenied")

    with pytest.raises(Unread):
        seen.resources[0]["GetMetricData"]
    assert seen.cells["cloudwatch.GetMetricData"].state is State.DENIED


def test_days_are_asked_for_as_whole_days():
    _, sent = clients.where(Place(ACCOUNT, REGION), {"@days": 90})

    assert (sent["EndTime"] - sent["StartTime"]).days == 90
    assert sent["EndTime"].hour == sent["StartTime"].minute == 0


def test_the_day_of_a_secrets_last_reading_is_kept():
    listed = {"SecretList": [{"ARN": "arn:s", "Name": "s", "LastAccessedDate": WHEN}]}

    (secret,) = gathered(secretsmanager.COLLECTORS[0], ListSecrets=listed).resources

    assert secret["ListSecrets"]["LastAccessedDate"].value == "2026-11-20"


def apis(*names, stages=("prod",), **answers):
    """REST APIs with these stages each, and what CloudWatch says of them."""
    listed = {"items": [{"id": name, "name": name} for name in names]}
    there = {"item": [{"stageName": stage} for stage in stages]}
    return gathered(apigateway.COLLECTORS[0], GetRestApis=listed, GetStages=there, **answers).resources


def counted(*ids, busy=()):
    found = [{"Id": f"m{n}", "Label": "?", "Values": [1.0] if n in busy else [], "StatusCode": "Complete"} for n in ids]
    return {"MetricDataResults": found}


def test_the_calls_of_all_apis_of_a_region_are_asked_for_at_once_and_each_takes_home_its_own():
    first, second = apis("a", "b", stages=("live", "test"), GetMetricData=counted(0, 1, 2, 3, busy=(1, 2)))

    assert first["GetMetricData"].value == {"live": False, "test": True}
    assert second["GetMetricData"].value == {"live": True, "test": False}


def test_five_hundred_stages_go_into_one_question():
    replies = Replies({
        "GetRestApis": {"items": [{"id": f"a{n}", "name": f"a{n}"} for n in range(251)]},
        "GetStages": {"item": [{"stageName": "a"}, {"stageName": "b"}]},
        "GetMetricData": counted(),
    })  # fmt: skip
    asker = Asker(replies, Place(ACCOUNT, REGION), {})

    asyncio.run(gather(Unit(REGION, "apigateway"), apigateway.COLLECTORS[:1], asker, DOOR))

    asked = [params for operation, params in replies.asked if operation == "GetMetricData"]
    assert [len(params["MetricDataQueries"]) for params in asked] == [500, 2]


def test_a_refused_question_is_a_gap_in_every_api_that_had_a_part_in_it():
    for api in apis("a", "b", GetMetricData="AccessDenied"):
        with pytest.raises(Unread, match="GetMetricData"):
            api["GetMetricData"]


def test_an_api_without_stages_has_no_part_in_it():
    (api,) = apis("a", stages=())

    assert not api.asked("GetMetricData")


def test_where_the_stages_were_refused_so_is_what_is_asked_of_them():
    listed = {"items": [{"id": "a", "name": "a"}]}
    (api,) = gathered(apigateway.COLLECTORS[0], GetRestApis=listed, GetStages="AccessDenied").resources

    with pytest.raises(Unread, match="GetStages"):
        api["GetMetricData"]


@pytest.mark.parametrize("id", ["m1", "m-1", "x", "", None, 7])
def test_an_answer_about_nobody_is_not_understood(id):
    (api,) = apis("a", GetMetricData={"MetricDataResults": [{"Id": id, "Values": [1.0]}]})

    with pytest.raises(Unread):
        api["GetMetricData"]


def test_a_stage_that_was_left_out_is_no_silent_one():
    (api,) = apis("a", GetMetricData=counted())

    assert api["GetMetricData"].value == {"prod": None}
