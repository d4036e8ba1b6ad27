"""What stands in a region once, and CodeBuild: what is kept, asked, refused."""

import json

import pytest

from scanners.collectors.aws import accessanalyzer, codebuild, credentials, guardduty
from scanners.model import Unread
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

(ANALYZERS,), (DETECTOR,), (PROJECT,) = accessanalyzer.COLLECTORS, guardduty.COLLECTORS, codebuild.COLLECTORS
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
    ("collector", "section"), [(DETECTOR, "ListDetectors"), (DETECTOR, "GetDetector"), (ANALYZERS, "ListAnalyzers")]
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
