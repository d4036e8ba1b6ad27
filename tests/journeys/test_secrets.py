"""Secrets never land anywhere: those planted in the sample account are in no table, log, page or export."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.utils import timezone

from posture.actions import accounts, scans, work
from posture.models import Person, Resource, Scan
from posture.runtime.sample.mistakes import SECRETS
from posture.urls import ROUTES


def everything_stored():
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            for (row,) in cursor:
                yield table, row


def leaks(text):
    return {name for name, value in SECRETS.items() if value in text}


@pytest.mark.django_db(transaction=True)
def test_a_planted_secret_is_found_in_no_table_log_page_or_export(cloud, client, caplog):
    caplog.set_level(logging.INFO)
    account = accounts.sample(ref=cloud.account, endpoint=cloud.endpoint, regions=list(cloud.regions)[:3])
    scan = scans.ask(account=account, cause="person", now=timezone.now())
    staged = []

    work.on(scan_id=scan.pk, clock=timezone.now, told=lambda unit, done, total: staged.extend(everything_stored()))

    scan.refresh_from_db()
    assert scan.state == Scan.State.COMPLETE, scan.sentence
    assert {table for table, row in [*staged, *everything_stored()] if leaks(row)} == set()
    assert leaks(caplog.text) == set()

    client.force_login(Person.objects.create_superuser("ada@posture.local", "a long enough word"))
    plain = [f"/{route.path}" for route in ROUTES if "<" not in route.path and route.reads]
    pages = [*plain, *(f"/resources/{pk}/" for pk in Resource.objects.values_list("pk", flat=True))]
    exports = [f"/findings/?outcome=all&state=all&format={form}" for form in ("csv", "json", "jsonl", "sarif")]
    for address in [*pages, *exports]:
        answer = client.get(address)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert leaks(text.decode()) == set(), address
        assert answer.status_code == 200, address


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_of_a_secret_is_its_name_its_kind_and_a_digest(cloud):
    account = accounts.sample(ref=cloud.account, endpoint=cloud.endpoint, regions=["eu-west-1"])
    scan = scans.ask(account=account, cause="person", now=timezone.now(), services=["lambda"])

    work.on(scan_id=scan.pk, clock=timezone.now)

    function = Resource.objects.get(name="payments-webhook", kind="AWS::Lambda::Function")
    variables = function.versions.get().body["documents"]["ListFunctions"]["Environment"]["Variables"]
    kept = [variable for variable in variables.values() if variable["secret"]]
    assert kept
    assert all(variable.keys() == {"secret", "digest"} for variable in kept)
