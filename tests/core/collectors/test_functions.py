"""Lambda: which questions are asked of a function, and what is kept of the answers."""

import json

import pytest
from botocore.session import get_session

from scanners.catalog.runtimes import END_OF_SUPPORT
from scanners.collectors.aws import functions
from scanners.model import State
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import DOOR, gathered

FUNCTION, SIGNING, MAPPING = functions.COLLECTORS
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
CANARY = "canary-5521-value"
ORDERS = {
    "FunctionName": "orders",
    "FunctionArn": ARN,
    "Runtime": "python3.13",
    "Environment": {"Variables": {"DB_PASSWORD": CANARY}},
    "State": "Inactive",
    "RevisionId": "moves",
    "ImageConfigResponse": {"ImageConfig": {"Command": [CANARY]}},
}
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "lambda:*"}]}'
SEVENTH = {**ORDERS, "FunctionArn": f"{ARN}:7", "Version": "7"}
LISTED = {"Functions": [{**ORDERS, "FunctionArn": f"{ARN}:$LATEST", "Version": "$LATEST"}, SEVENTH]}
ALIASES = {"Aliases": [{"Name": "live", "FunctionVersion": "7", "RevisionId": "moves"}]}


def orders(**answers):
    seen = gathered(FUNCTION, **{"ListFunctions": LISTED, "ListAliases": ALIASES, **answers})
    (found,) = seen.resources
    return found


def test_the_policies_of_the_function_its_aliases_and_its_versions_are_documents():
    found = orders(GetPolicy={"Policy": POLICY, "RevisionId": "moves"})

    statement = json.loads(POLICY)
    assert found.documents["GetPolicy"] == {"$LATEST": statement, "live": statement, "7": statement}
    assert found.documents["GetFunctionUrlConfig"].keys() == {"$LATEST", "live"}
    assert not found.gaps


def test_of_values_of_variables_and_of_versions_nothing_passes():
    found = orders()

    kept = json.dumps(found.documents)
    assert CANARY not in kept
    assert "moves" not in kept
    assert found.documents["Versions"] == [{"Version": "7"}]
    assert found.documents["ListFunctions"]["FunctionArn"] == found.ref == ARN
    variable = found.documents["ListFunctions"]["Environment"]["Variables"]["DB_PASSWORD"]
    assert variable == {"secret": "Secret by name", "digest": DOOR.digest(CANARY)}


def test_of_an_environment_that_cannot_be_decrypted_the_code_is_kept():
    error = {"ErrorCode": "AccessDeniedException", "Message": "about the key"}

    kept = functions.without_values({"FunctionArn": ARN, "Environment": {"Error": error}}, DOOR)

    assert kept["Environment"] == {"Variables": {}, "Error": {"ErrorCode": "AccessDeniedException"}}


def test_without_policy_and_url_they_are_proven_absent():
    found = orders(GetPolicy="ResourceNotFoundException", GetFunctionUrlConfig="ResourceNotFoundException")

    assert found.documents["GetPolicy"] == {"$LATEST": None, "live": None, "7": None}
    assert found.documents["GetFunctionUrlConfig"] == {"$LATEST": None, "live": None}
    assert not found.gaps


def test_a_refused_policy_is_a_gap_and_no_empty_policy():
    found = orders(GetPolicy="AccessDeniedException")

    assert found.documents["GetPolicy"] == {}
    assert found.gaps["GetPolicy"][0].state is State.DENIED
    assert found.gaps["GetPolicy"][0].permission == "lambda:GetPolicy"


def test_aliases_that_are_not_known_leave_a_gap_in_the_policies():
    found = orders(ListAliases="AccessDeniedException", GetPolicy={"Policy": POLICY})

    assert found.documents["GetPolicy"].keys() == {"$LATEST", "7"}
    assert [gap.call for gap in found.gaps["GetPolicy"]] == ["lambda.ListAliases"]


OPEN_URL = {"AuthType": "AWS_IAM"}


@pytest.mark.parametrize(
    ("policy", "url", "asked"),
    [
        ({"Policy": POLICY}, "ResourceNotFoundException", True),
        ("ResourceNotFoundException", OPEN_URL, True),
        ("ResourceNotFoundException", "ResourceNotFoundException", False),
    ],
)
def test_a_cap_is_asked_for_only_where_somebody_may_be_let_in(policy, url, asked):
    found = orders(GetPolicy=policy, GetFunctionUrlConfig=url)

    assert ("GetFunctionConcurrency" in found.documents) is asked


def test_a_cap_is_not_known_to_be_needless_where_the_policy_was_refused():
    found = orders(GetPolicy="AccessDeniedException", GetFunctionUrlConfig="ResourceNotFoundException")

    assert [gap.call for gap in found.gaps["GetFunctionConcurrency"]] == ["lambda.GetPolicy"]


def test_a_policy_that_two_parsers_read_in_two_ways_is_not_read():
    found = orders(GetPolicy={"Policy": '{"Statement": [], "Statement": [{}]}'})

    assert {gap.state for gap in found.gaps["GetPolicy"]} == {State.PARSE_ERROR}


def test_a_mapping_is_known_by_its_own_arn_and_forgets_what_moves():
    item = {"UUID": "u-1", "FunctionArn": ARN, "State": "Enabled", "LastProcessingResult": "OK", "LastModified": 1}

    found = gathered(MAPPING, ListEventSourceMappings={"EventSourceMappings": [item]}).resources[0]

    assert found.ref == f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:u-1"
    assert found.documents["ListEventSourceMappings"] == {"UUID": "u-1", "FunctionArn": ARN, "State": "Enabled"}


def test_the_table_of_runtimes_knows_all_that_the_sdk_knows_but_those_without_a_date():
    known = set(get_session().get_service_model("lambda").shape_for("Runtime").enum)

    assert known - END_OF_SUPPORT.keys() == {"custom", "nodejs26.x", "python3.15"}


@pytest.mark.parametrize(("queue", "asked"), [({"TargetArn": "arn:aws:sqs:q"}, False), ({}, True), (None, True)])
def test_where_failed_events_go_is_asked_only_where_the_function_keeps_none(queue, asked):
    row = {"FunctionName": "orders", "FunctionArn": "arn:orders"} | ({"DeadLetterConfig": queue} if queue else {})

    (function,) = gathered(FUNCTION, ListFunctions={"Functions": [row]}).resources

    assert ("ListFunctionEventInvokeConfigs" in function.documents) is asked


def test_functions_that_want_signed_code_are_asked_for_once_a_configuration():
    configs = {"CodeSigningConfigs": [{"CodeSigningConfigArn": "arn:csc", "CodeSigningConfigId": "csc-1"}]}

    seen = gathered(SIGNING, ListCodeSigningConfigs=configs, ListFunctionsByCodeSigningConfig={"FunctionArns": ["a"]})

    assert seen.resources[0]["ListFunctionsByCodeSigningConfig"].value == ["a"]
