"""IAM: what is kept of identities and their documents, and how the credential report is read."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from scanners.collectors.aws import credentials, iam
from scanners.collectors.cloud import ParseError
from scanners.model import Place, State
from tests.core.cases import ACCOUNT
from tests.core.collectors.replies import DOOR, gathered

BY_KIND = {collector.kind: collector for collector in iam.COLLECTORS}
(ACCOUNT_ITSELF,) = credentials.COLLECTORS
ALLOW = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
AS_SENT = [ALLOW, json.dumps(ALLOW), quote(json.dumps(ALLOW))]
HEAD = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
ROOT = (
    "<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,2026-05-15T10:11:12+00:00,"
    "not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)
ALICE = (
    '"alice",arn:aws:iam::1:user/alice,2020-01-01T00:00:00+00:00,true,no_information,2025-01-01T00:00:00+00:00,N/A,'
    "true,true,2026-01-02T03:04:05+00:00,2026-11-20T09:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)
REPORT = "\n".join((HEAD, ROOT, ALICE)).encode()


def account(**answers):
    summary = {"SummaryMap": {"Users": 7, "AccountMFAEnabled": 1}}
    usual = {"GetAccountSummary": summary, "GetAlternateContact": "ResourceNotFoundException"}
    return gathered(ACCOUNT_ITSELF, **{**usual, **answers})


@pytest.mark.parametrize("document", AS_SENT)
def test_documents_are_documents_in_whatever_form_they_come(document):
    role = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/service-role/orders",
        "RoleName": "orders",
        "AssumeRolePolicyDocument": document,
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
        "InstanceProfileList": [{"Arn": "arn:p", "Roles": [{"AssumeRolePolicyDocument": "again"}]}],
        "RoleLastUsed": {"LastUsedDate": datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "Region": "eu-west-1"},
    }

    found = gathered(BY_KIND["AWS::IAM::Role"], GetAccountAuthorizationDetails={"RoleDetailList": [role]}).resources[0]

    assert (found.ref, found.name) == (role["Arn"], "orders")
    kept = found.documents["GetAccountAuthorizationDetails"]
    assert kept["AssumeRolePolicyDocument"] == ALLOW
    assert kept["RolePolicyList"] == [{"PolicyName": "own", "PolicyDocument": ALLOW}]
    assert kept["InstanceProfileList"] == [{"Arn": "arn:p"}]
    assert kept["RoleLastUsed"] == {"LastUsedDate": "2026-11-20"}


def test_every_version_of_a_policy_is_read_and_one_without_a_name_is_named_by_its_arn():
    versions = [{"VersionId": "v1", "IsDefaultVersion": True, "Document": json.dumps(ALLOW)}]
    item = {"Arn": f"arn:aws:iam::{ACCOUNT}:policy/team/admin", "PolicyVersionList": versions}

    found = gathered(BY_KIND["AWS::IAM::ManagedPolicy"], GetAccountAuthorizationDetails={"Policies": [item]}).resources[
        0
    ]

    assert found.name == "admin"
    assert found.documents["GetAccountAuthorizationDetails"]["PolicyVersionList"][0]["Document"] == ALLOW


def test_a_policy_that_cannot_be_read_leaves_its_kind_incomplete():
    item = {"Arn": "arn:aws:iam::1:user/x", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": "{"}]}

    seen = gathered(BY_KIND["AWS::IAM::User"], GetAccountAuthorizationDetails={"UserDetailList": [item]})

    assert not seen.resources
    assert seen.gaps["AWS::IAM::User"][0].state is State.PARSE_ERROR
    assert "AWS::IAM::User" not in seen.listed


def test_the_four_kinds_ask_one_question():
    calls = [BY_KIND[kind].listing for kind in iam.LISTS]

    assert len({(call.name, repr(call.params)) for call in calls}) == 1


def test_a_provider_is_named_by_its_address():
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"

    assert iam.by_arn(Place(ACCOUNT, "global"), {"Arn": arn}).name == "oidc.eks.eu-west-1.amazonaws.com/id/ABC"


@pytest.mark.parametrize("content", [REPORT, REPORT.decode(), REPORT.replace(b"\n", b"\r\n")])
def test_the_report_is_read_by_user_and_days_of_use_lose_their_minute(content):
    rows = credentials.rows(content, DOOR)

    assert rows.keys() == {"<root_account>", "alice"}
    assert rows["<root_account>"]["password_last_used"] == "2026-05-15"
    assert rows["alice"]["access_key_1_last_used_date"] == "2026-11-20"
    assert rows["alice"]["access_key_1_last_rotated"] == "2026-01-02T03:04:05+00:00"
    assert rows["alice"]["password_last_used"] == "no_information"
    assert "access_key_1_last_used_service" not in rows["alice"]


@pytest.mark.parametrize("content", ["user,arn\nalice,arn:1\n", f"{HEAD}\nalice,arn:1\n", "<html>\nno report</html>\n"])
def test_a_report_that_lacks_what_it_should_say_is_not_read(content):
    with pytest.raises(ParseError):
        credentials.rows(content, DOOR)


def test_the_account_keeps_what_is_said_of_root_and_forgets_how_far_the_report_is():
    seen = account(GenerateCredentialReport={"State": "STARTED"}, GetCredentialReport={"Content": REPORT})

    found = seen.resources[0]
    assert found.ref == f"arn:aws:iam::{ACCOUNT}:root"
    assert found.documents["GetAccountSummary"] == {"AccountMFAEnabled": 1}
    assert found.documents["GenerateCredentialReport"] == {}
    assert found.documents["GetCredentialReport"].keys() == {"<root_account>", "alice"}


def test_no_password_policy_is_proven_absent():
    found = account(GetAccountPasswordPolicy="NoSuchEntity", GetCredentialReport={"Content": REPORT}).resources[0]

    assert found.documents["GetAccountPasswordPolicy"] is None
    assert not found.gaps


@pytest.mark.parametrize("code", ["AccessDenied", "ReportInProgress", "ReportNotPresent", "ReportExpired"])
def test_a_report_that_is_refused_or_not_ready_is_a_gap_and_no_empty_report(code):
    found = account(GetCredentialReport=code).resources[0]

    assert "GetCredentialReport" not in found.documents
    assert found.gaps["GetCredentialReport"][0].code == code


def test_a_report_that_others_had_made_is_read_though_we_may_not_make_one():
    found = account(GenerateCredentialReport="AccessDenied", GetCredentialReport={"Content": REPORT}).resources[0]

    assert "GenerateCredentialReport" in found.gaps
    assert "alice" in found.documents["GetCredentialReport"]
