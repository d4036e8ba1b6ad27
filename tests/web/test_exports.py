"""Exports: every format and the page say the same, a shell gets what the page gets, and no file is half written."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from jsonschema import Draft4Validator

from posture.models import Finding
from posture.queries import finding_records
from posture.reports.csv import FORMULAS, defused
from posture.reports.formats import FORMATS
from posture.runtime.mistakes import Mistake
from tests.web.builders import DAY, HOSTILE, OPEN_POLICY, START, a_person, a_queue, account_in, an_admin, queues_scanned

pytestmark = pytest.mark.django_db

SCHEMA = Path(__file__).with_name("sarif-2.1.0.json")
FINDING = {
    "id", "check", "outcome", "state", "severity", "provider", "account", "region", "kind", "ref", "name", "subject",
    "sentence", "because", "missing", "opened_at", "changed_at", "seen_at", "controls",
}  # fmt: skip


@pytest.fixture
def shop():
    account = account_in("shop", name="Shop")
    queues_scanned(account, a_queue("orders", Policy=OPEN_POLICY, SqsManagedSseEnabled="false"), a_queue("parcels"))
    queues_scanned(account, a_queue("orders", Policy=OPEN_POLICY), a_queue("parcels", unread=True), at=START + DAY)
    return account


def command(*options):
    out = io.StringIO()
    call_command("findings", *options, stdout=out)
    return out.getvalue()


def whole(*options):
    return json.loads(command("--format", "json", *options))


def exported(client, query):
    response = client.get(f"/findings/?{query}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode(), response


def ids(format, text):
    """The ids of the findings in an export, sorted."""
    if format == "json":
        return sorted(finding["id"] for finding in json.loads(text)["findings"])
    if format == "jsonl":
        return sorted(json.loads(line)["id"] for line in text.splitlines())
    if format == "csv":
        return sorted(row["id"] for row in csv.DictReader(io.StringIO(text)))
    results = json.loads(text)["runs"][0]["results"]
    return sorted(result["partialFingerprints"]["posture/v1"] for result in results)


def test_the_json_has_the_published_form(shop):
    said = whole()
    (finding,) = said["findings"]

    assert said.keys() == {"generated_at", "as_of", "filters", "coverage", "findings"}
    assert said["coverage"]["cells"] == said["coverage"]["read"] + said["coverage"]["denied"]
    assert finding.keys() == FINDING
    assert (finding["check"], finding["outcome"], finding["state"]) == ("aws.sqs.public", "fail", "open")
    assert (finding["severity"], finding["provider"], finding["account"]) == ("critical", "aws", "111122223333")
    assert finding["ref"] == "arn:aws:sqs:eu-west-1:111122223333:orders"
    assert finding["opened_at"] == "2026-11-01T03:00:00Z"
    assert finding["because"][0].keys() == {"pointer", "value", "source"}
    assert finding["because"][0]["pointer"] == "/GetQueueAttributes/Policy/Statement/0/Principal"
    assert finding["because"][0]["source"].keys() == {"call", "region", "at"}
    assert finding["because"][0]["source"]["at"].endswith("Z")
    assert finding["controls"]["owasp_serverless_2018"]


def test_an_unknown_says_what_is_missing(shop):
    (finding, *_) = whole("--outcome", "unknown")["findings"]

    assert finding["missing"] == [
        {
            "call": "sqs.GetQueueAttributes",
            "permission": "sqs:GetQueueAttributes",
            "code": "AccessDenied",
            "region": "eu-west-1",
        }
    ]  # fmt: skip
    assert finding["seen_at"] == "2026-11-01T03:00:00Z"
    assert finding["opened_at"] is None


QUERIES = (
    "",
    "outcome=all&state=all",
    "severity=critical",
    "outcome=unknown",
    "state=resolved",
    "q=orders&outcome=all",
    "as_of=2026-11-01",
    "as_of=2026-11-01&outcome=all",
    "check=aws.sqs.unencrypted&outcome=all",
    "new=2026-11-01T12:00",
    "framework=pci_dss_4.0",
    "account=111122223333&region=eu-west-1&sort=account",
)


def as_options(query):
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, _, value in (pair.partition("=") for pair in query.split("&"))
        if name
    ]


def test_all_formats_the_page_and_the_command_agree(client, shop):
    client.force_login(a_person("viewer", shop.group))
    for query in QUERIES:
        listed = sorted(row.key for row in client.get(f"/findings/?{query}").context["page"].rows)
        options = as_options(query)

        for format in ("json", "jsonl", "csv", "sarif"):
            assert ids(format, exported(client, f"{query}&format={format}")[0]) == listed, (query, format)
            assert ids(format, command("--format", format, *options)) == listed, (query, format)
        assert command(*options).splitlines()[-1].startswith(f"{len(listed)} finding")


def test_looking_back_exports_what_was_true_then(shop):
    before, now = whole("--as-of", "2026-11-01", "--outcome", "all"), whole("--outcome", "all")

    assert {f["name"]: f["outcome"] for f in before["findings"] if f["check"] == "aws.sqs.unencrypted"} == {
        "orders": "fail", "parcels": "pass",
    }  # fmt: skip
    assert {f["name"]: f["outcome"] for f in now["findings"] if f["check"] == "aws.sqs.unencrypted"} == {
        "orders": "pass", "parcels": "unknown",
    }  # fmt: skip
    assert before["as_of"] == "2026-11-01T23:59:59.999999Z"
    assert before["coverage"]["denied"] == 0
    assert all(finding["seen_at"] for finding in before["findings"])


def test_an_export_from_a_page_holds_only_what_the_person_may_see(client, shop):
    other = account_in("elsewhere", "999900001111")
    queues_scanned(other, a_queue("theirs", account=other.ref, Policy=OPEN_POLICY))
    client.force_login(a_person("viewer", other.group))

    text, response = exported(client, "format=json&outcome=all&state=all")

    assert {finding["account"] for finding in json.loads(text)["findings"]} == {other.ref}
    assert json.loads(text)["coverage"]["accounts"] == 1
    assert response["Content-Disposition"].startswith('attachment; filename="findings-')
    assert len(whole("--outcome", "all", "--state", "all")["findings"]) > len(json.loads(text)["findings"])


def test_every_export_carries_its_coverage(client, shop, capsys):
    client.force_login(an_admin())

    for format in FORMATS:
        assert "calls read; denied 1" in exported(client, f"format={format}")[1]["X-Posture-Coverage"]
    assert "calls read; denied 1" in command().splitlines()[-1]
    assert "calls read; denied 1" in command("--format", "csv").splitlines()[0]
    command("--format", "jsonl")
    assert "calls read; denied 1" in capsys.readouterr().err
    notes = json.loads(command("--format", "sarif"))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert any(
        "sqs.GetQueueAttributes in eu-west-1 (denied, AccessDenied)" in note["message"]["text"] for note in notes
    )


@pytest.mark.parametrize("start", FORMULAS)
def test_no_cell_is_a_formula(start):
    assert defused(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert defused("orders=1") == "orders=1"


def test_a_hostile_name_is_a_name_in_every_format(shop):
    name = f'=HYPERLINK("http://x")\x1b[2J{HOSTILE}\r\nnext'
    queues_scanned(shop, replace(a_queue("x", Policy=OPEN_POLICY), name=name), at=START + 2 * DAY)
    key = Finding.objects.get(resource__name__contains="HYPERLINK", check_id="aws.sqs.public").key

    (row,) = (row for row in csv.DictReader(io.StringIO(command("--format", "csv"), newline="")) if row["id"] == key)

    assert row["name"] == "'" + name
    assert "\x1b" not in command()
    assert key in ids("json", command("--format", "json"))
    assert key in ids("jsonl", command("--format", "jsonl"))
    assert key in ids("sarif", command("--format", "sarif"))


def test_sarif_is_valid_and_what_its_readers_expect(shop):
    log = json.loads(command("--format", "sarif", "--outcome", "all"))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    Draft4Validator(json.loads(SCHEMA.read_text())).validate(log)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("arn:aws:sqs:")
    assert {result["kind"] for result in run["results"]} == {"fail", "pass", "open"}
    assert len({rule["id"] for rule in rules}) == len(rules)


WRONG = [("--severity", "bad"), ("--account", "nobody"), ("--check", "nope"), ("--as-of", "then"), ("--new", "visit"),
         ("--framework", "x"), ("--region", "mars"), ("--outcome", "maybe")]  # fmt: skip


def test_a_wrong_filter_is_one_sentence(shop):
    for options in WRONG:
        with pytest.raises(Mistake) as told:
            command(*options)
        assert str(told.value).count("\n") == 0
        assert options[1] in str(told.value) or "visits" in str(told.value)


def test_a_file_is_written_whole(shop, tmp_path, capsys):
    target = tmp_path / "findings.json"

    command("--format", "json", "-o", str(target))

    assert len(json.loads(target.read_text())["findings"]) == 1
    assert list(tmp_path.iterdir()) == [target]
    assert "Coverage: " in capsys.readouterr().err


def test_a_file_that_cannot_be_finished_leaves_what_was_there(shop, tmp_path, monkeypatch):
    target = tmp_path / "findings.json"
    target.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(finding_records, "record", full)
    with pytest.raises(OSError, match="No space"):
        command("--format", "json", "-o", str(target))

    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_told(shop, tmp_path):
    for place in (tmp_path / "missing" / "x.json", tmp_path):
        with pytest.raises(Mistake, match=r"folder|cannot be written"):
            command("-o", str(place))


@pytest.mark.django_db(transaction=True)
def test_an_export_that_nobody_reads_to_its_end_holds_nothing_open(client, shop):
    client.force_login(an_admin())

    response = client.get("/findings/?format=json")
    response.close()
    assert not connection.in_atomic_block
    client.head("/findings/?format=json").close()

    assert not connection.in_atomic_block
    assert client.get("/findings/?format=exe").status_code == 400


def test_the_catalogue_lists_every_check():
    out = io.StringIO()
    call_command("checks", "--format", "json", stdout=out)
    (public,) = (check for check in json.loads(out.getvalue()) if check["id"] == "aws.sqs.public")

    assert public["severity"] == "critical"
    assert public["permissions"] == ["sqs:GetQueueAttributes", "sqs:ListQueues"]
    assert public["frameworks"]["owasp_serverless_2018"]
    assert public["why"]
    assert public["fix"].keys() == {"console", "cli", "terraform"}


def test_the_catalogue_reads_well_as_markdown(tmp_path):
    target = tmp_path / "checks.md"

    call_command("checks", "--format", "md", "-o", str(target))

    assert "### Queue open to anyone" in target.read_text()
    assert Path(target).stat().st_size > 1000
