"""Collect here, audit there: an archive gives what the online scan of the same moment gave, digest for digest."""

from __future__ import annotations

import io
import json

import pytest
import zstandard
from django.core.management import call_command
from django.utils import timezone

from posture.actions import accounts, archives, scans, work
from posture.models import Account, CoverageCell, Finding, Scan, StagedResource
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.mistakes import SECRETS
from scanners.collectors.evidence_reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)
DENIED = {"code": "AccessDenied", "status": 403}
FAULTS = [
    {"service": "lambda", "operation": "GetPolicy", "error": DENIED},
    {"service": "sqs", "operation": "ListQueues", "error": DENIED},
    {"service": "kms", "operation": "ListAliases", "error": DENIED},
]


@pytest.fixture
def collected(cloud, tmp_path, monkeypatch, capsys):
    """Run `collect` against the sample account: its exit code, its report, and the file."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "posture-sample")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "posture-sample")

    def collect(*more, faults=()):
        file = tmp_path / "evidence.jsonl.zst"
        cloud.clear()
        cloud.faults(list(faults))
        words = ["aws", "-o", str(file), "--format", "json", "--regions", *cloud.regions[:2], *more]
        with pytest.raises(SystemExit) as end:
            call_command("collect", *words)
        cloud.clear()
        return end.value.code, json.loads(capsys.readouterr().out), file

    return collect


def audited(file):
    with file.open("rb") as raw:
        return archives.audit(archive=Reader(raw), account=None, now=timezone.now())


def online(cloud, header, faults):
    """The scan of the moment at which the archive was asked for."""
    account = accounts.ambient(ref=cloud.account, partition="aws")
    Account.objects.filter(pk=account.pk).update(endpoint=cloud.endpoint)
    account.refresh_from_db()
    cloud.faults(list(faults))
    scan = scans.ask(account=account, cause="command", now=header.asked_at, regions=list(header.regions))
    work.on(scan_id=scan.pk, clock=timezone.now)
    cloud.clear()
    scan.refresh_from_db()
    return scan


def told(scan):
    """All that the scan led to, without times and ids of rows; of many refs a cell names those that came first."""
    findings = Finding.objects.filter(account=scan.account).order_by("check_id", "key")
    cells = CoverageCell.objects.filter(account=scan.account, until_at=None).order_by("region", "service", "call")
    return {
        "state": scan.state,
        "digest": scan.digest,
        "cells": scan.summary["cells"],
        "findings": [(f.check_id, f.key, f.outcome, f.state, bytes(f.proof.digest)) for f in findings],
        "coverage": [
            (c.region, c.service, c.call, c.permission, c.state, c.code, c.counts, len(c.refs)) for c in cells
        ],
    }


@pytest.mark.parametrize(("faults", "code", "state"), [((), 0, "complete"), (FAULTS, 3, "incomplete")])
def test_an_archive_gives_what_the_online_scan_gave(cloud, collected, faults, code, state):
    ended, report, file = collected(faults=faults)
    with file.open("rb") as raw:
        header = Reader(raw).header
    scan = online(cloud, header, faults)
    expected = told(scan)
    accounts.remove(account=scan.account)

    scan = audited(file)

    assert (ended, report["state"], scan.state) == (code, state, state)
    assert told(scan) == expected
    assert report["coverage"] == expected["cells"]
    assert len(expected["findings"]) > 100
    assert scan.account.ref == cloud.account
    assert scan.asked_at == header.asked_at
    assert StagedResource.objects.count() == 0


def test_auditing_it_again_changes_nothing(collected):
    _, _, file = collected("--services", "lambda")
    first = told(audited(file))

    again = audited(file)

    assert told(again) == first
    assert (again.summary["opened"], again.summary["resolved"]) == (0, 0)


def test_evidence_is_as_old_as_its_reading(collected):
    _, _, file = collected("--services", "sqs")

    scan = audited(file)

    read = set(scan.account.scopes.values_list("read_at", flat=True))
    assert all(scan.asked_at <= at <= scan.finished_at for at in read)
    assert scan.finished_at < timezone.now()


def test_no_planted_secret_is_in_it(collected):
    _, _, file = collected()

    with file.open("rb") as raw:
        plain = zstandard.ZstdDecompressor().stream_reader(raw).read().decode()
    assert {name for name, value in SECRETS.items() if value in plain} == set()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_cut_archive_leaves_nothing_behind(collected):
    _, _, file = collected("--services", "lambda", "sqs")
    with file.open("rb") as raw:
        plain = zstandard.ZstdDecompressor().stream_reader(raw).read()
    file.write_bytes(zstandard.ZstdCompressor().compress(plain[: plain.rindex(b'{"line":"end"')]))

    with pytest.raises(Mistake, match="is cut off"):
        call_command("scan", "aws", "--from", str(file), stdout=io.StringIO())

    assert not Account.objects.exists()
    assert not Scan.objects.exists()


def test_an_archive_of_another_account_is_refused(collected):
    _, _, file = collected("--services", "sqs")
    accounts.ambient(ref="999900001111", partition="aws", name="Theirs")

    with pytest.raises(Mistake, match="of account 424242424242, not of 999900001111"):
        call_command("scan", "Theirs", "--from", str(file), stdout=io.StringIO())


def test_older_evidence_replaces_no_newer(collected):
    _, _, older = collected("--services", "sqs")
    older = older.rename(older.with_name("older"))
    _, _, newer = collected("--services", "sqs")
    audited(newer)

    with pytest.raises(Mistake, match="older evidence replaces no newer"):
        audited(older)


def test_the_shell_needs_no_credentials_to_audit(collected, monkeypatch, capsys):
    _, _, file = collected("--services", "lambda", faults=FAULTS)
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    with pytest.raises(SystemExit) as end:
        call_command("scan", "aws", "--from", str(file), "--format", "json")

    report = json.loads(capsys.readouterr().out)
    assert (end.value.code, report["state"]) == (3, "incomplete")
    assert {gap["call"] for gap in report["gaps"]} == {"lambda.GetPolicy"}


def test_what_cannot_be_written_is_said_before_any_call(cloud, collected, tmp_path):
    cloud.clear()

    with pytest.raises(Mistake, match="There is no folder"):
        call_command("collect", "aws", "-o", str(tmp_path / "nowhere" / "file"))

    assert cloud.calls() == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\x28\xb5\x2f\xfd junk"])
def test_a_foreign_file_is_refused(tmp_path, content):
    file = tmp_path / "holiday.jpg"
    file.write_bytes(content)

    with pytest.raises(Mistake, match=r"holiday\.jpg is no evidence archive of posture"):
        call_command("scan", "aws", "--from", str(file))
