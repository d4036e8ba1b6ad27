"""An organisation of several accounts: who joins is scanned, who leaves is kept, and no list is nobody's leaving."""

from __future__ import annotations

import io
import json
import threading
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from posture.actions import accounts, organisations, preflights, scans, schedules, work
from posture.management import family_scan
from posture.models import Account, Finding, Organisation, Preflight, Resource, Scan
from posture.queries import estates, permissions
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.shop.account import Account as Cloud
from posture.runtime.sample.start import sample_cloud
from scanners.collectors.evidence_reader import Reader
from scanners.graph.guardrails import guard_rails

pytestmark = pytest.mark.django_db(transaction=True)
ROLE, EXTERNAL_ID = "posture-reads", "0123456789abcdef0123456789abcdef"
REGION = "eu-west-1"
REFUSED = {"service": "organizations", "operation": "ListAccounts", "error": {"code": "AccessDeniedException"}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with sample_cloud(home=tmp_path_factory.mktemp("sample")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def management(cloud):
    """The account that manages the others, with the role that every one of them has."""
    management = Cloud(cloud.endpoint, date(2026, 11, 1), number=cloud.account)
    for listed in management.client("organizations").list_accounts()["Accounts"]:
        furnished(management.elsewhere(listed["Id"]))
    return management


def furnished(account):
    """A role that lets us in, and a queue that tells whose account was scanned."""
    trust = permissions.trust(f"arn:aws:iam::{account.number}:root", EXTERNAL_ID)
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    account.client("sqs", REGION).create_queue(QueueName=f"of-{account.number}")


@pytest.fixture
def organisation(cloud, management):
    cloud.clear()
    yield connected(cloud, "Fernhollow")
    cloud.clear()


def connected(cloud, name, role=ROLE, external_id=EXTERNAL_ID):
    wanted = Organisation(
        provider="aws", name=name, role_arn=f"arn:aws:iam::{cloud.account}:role/{role}", external_id=external_id,
        member_role=ROLE, group=accounts.group("Family"), endpoint=cloud.endpoint,
    )  # fmt: skip
    return organisations.connect(organisation=wanted, now=timezone.now())


def newcomer(management, name):
    organizations = management.client("organizations")
    made = organizations.create_account(AccountName=name, Email=f"{name}@fernhollow.test")
    account = management.elsewhere(made["CreateAccountStatus"]["AccountId"])
    furnished(account)
    return account.number


def refreshed(organisation):
    return organisations.refresh(organisation=organisation, now=timezone.now())


def test_connecting_once_brings_every_account_with_a_way_into_each(cloud, organisation):
    here = {account.ref: account for account in organisation.accounts.all()}

    assert set(organisation.members) == set(here)
    assert cloud.account in here
    assert len(here) >= 3
    assert {account.role_arn for account in here.values()} == {f"arn:aws:iam::{ref}:role/{ROLE}" for ref in here}
    assert {account.group.name for account in here.values()} == {"Family"}
    assert organisation.ref.startswith("o-")


def test_each_is_scanned_through_its_own_role(organisation):
    for account in organisation.accounts.all():
        scan = scans.ask(
            account=account, cause="command", now=timezone.now(), regions=[REGION], services=["sqs", "sns"]
        )
        work.on(scan_id=scan.pk, clock=timezone.now)
        scan.refresh_from_db()

        assert scan.state == Scan.State.COMPLETE, scan.sentence
        assert f":assumed-role/{ROLE}/" in scan.caller
        assert Resource.objects.filter(account=account, name=f"of-{account.ref}").exists()


OF_THE_FAMILY = ["organizations", "iam"]


def looked_at(account):
    scan = scans.ask(account=account, cause="command", now=timezone.now(), regions=[REGION], services=OF_THE_FAMILY)
    work.on(scan_id=scan.pk, clock=timezone.now)
    scan.refresh_from_db()
    return scan


def answered(account):
    return Finding.objects.select_related("proof").get(account=account, check_id="aws.org.member").proof.sentence


def test_a_member_is_complete_without_what_it_may_not_ask_and_learns_it_from_its_management_account(
    cloud, organisation
):
    member, management = organisation.accounts.get(name="fernhollow-data"), organisation.accounts.get(ref=cloud.account)
    alone = looked_at(member)

    assert alone.state == Scan.State.COMPLETE, alone.summary
    assert alone.summary["cells"]["elsewhere"] == 1
    assert "the management account has not been scanned" in answered(member)
    assert looked_at(management).state == Scan.State.COMPLETE
    assert looked_at(member).state == Scan.State.COMPLETE
    assert answered(member) == "Service control policies bind: keep-the-trail"
    rails = guard_rails(estates.estate(member.scans.latest("asked_at")))
    assert (rails.unread, bool(rails.scps)) == ((), True)


def test_without_its_management_account_a_member_says_who_is_missing(cloud, organisation):
    member = organisation.accounts.get(name="fernhollow-data")
    Account.objects.filter(ref=cloud.account).delete()

    assert looked_at(member).state == Scan.State.COMPLETE
    assert answered(member).endswith("the management account is not connected")


def test_a_management_account_without_the_permission_has_a_gap(cloud, organisation):
    cloud.faults([REFUSED])

    scan = looked_at(organisation.accounts.get(ref=cloud.account))

    assert scan.state == Scan.State.INCOMPLETE
    assert "elsewhere" not in scan.summary["cells"]


def test_a_preflight_asks_a_member_for_no_more_than_a_scan_does(cloud, organisation):
    member = organisation.accounts.get(name="fernhollow-data")

    preflight = preflights.ask(account=member, now=timezone.now())
    preflights.on(preflight_id=preflight.pk, clock=timezone.now)

    preflight.refresh_from_db()
    assert preflight.state == Preflight.State.DONE, preflight.sentence
    asked = {call["operation"] for call in cloud.calls() if call["service"] == "organizations"}
    assert asked == {"DescribeOrganization", "ListAccounts"}


def test_all_of_them_trust_each_other(organisation):
    one = organisation.accounts.first()
    Account.objects.exclude(pk=one.pk).delete()

    assert accounts.trusted(one) >= set(organisation.members)


def test_who_joins_is_added(management, organisation):
    ref = newcomer(management, "newcomer")

    change = refreshed(organisation)

    assert [account.ref for account in change.joined] == [ref]
    assert (change.joined[0].name, change.left) == ("newcomer", [])
    assert refreshed(organisation).joined == []


def test_who_leaves_is_kept_and_neither_scanned_nor_trusted(management, organisation):
    ref = newcomer(management, "passing-through")
    refreshed(organisation)
    account = Account.objects.get(ref=ref)
    schedules.set_schedule(account=account, cron="0 3 * * *", timezone="UTC", now=timezone.now())
    management.client("organizations").remove_account_from_organization(AccountId=ref)

    change = refreshed(organisation)

    account.refresh_from_db()
    assert [one.ref for one in change.left] == [ref]
    assert account.left_at is not None
    asked, _ = organisations.scan_all(organisation=organisation, cause="person", now=timezone.now())
    assert account not in [scan.account for scan in asked]
    assert schedules.tick(now=timezone.now() + timedelta(days=2)) == []
    assert ref not in accounts.trusted(organisation.accounts.exclude(ref=ref).first())
    with pytest.raises(Mistake, match="left its organisation"):
        scans.ask(account=account, cause="person", now=timezone.now())


def test_a_closed_account_has_left_and_is_still_one_of_ours(management, organisation):
    ref = newcomer(management, "closing")
    refreshed(organisation)
    management.client("organizations").close_account(AccountId=ref)

    change = refreshed(organisation)

    assert [one.ref for one in change.left] == [ref]
    assert ref in accounts.trusted(organisation.accounts.exclude(ref=ref).first())


def test_a_refused_list_changes_nothing_and_is_told(cloud, organisation):
    before = set(organisation.accounts.values_list("ref", "left_at"))
    cloud.faults([REFUSED])

    change = refreshed(organisation)

    assert (change.joined, change.left) == ([], [])
    assert set(organisation.accounts.values_list("ref", "left_at")) == before
    assert organisation.gap["permission"] == "organizations:ListAccounts"
    assert organisation.gap["code"] == "AccessDeniedException"
    cloud.clear()
    refreshed(organisation)
    assert organisation.gap == {}


@pytest.mark.parametrize("fault", [{"truncate": True}, {"html": True}, {"reset": True}], ids=str)
def test_a_list_that_breaks_off_is_no_list(cloud, organisation, fault):
    cloud.faults([{"service": "organizations", "operation": "ListAccounts", **fault}])

    change = refreshed(organisation)

    assert change.left == []
    assert organisation.gap["code"]
    assert not organisation.accounts.exclude(left_at=None).exists()


def test_an_account_that_was_connected_by_itself_keeps_its_way_in(cloud, management):
    own = accounts.sample(ref=cloud.account, endpoint=cloud.endpoint, regions=[REGION])

    made = connected(cloud, "Later")

    own.refresh_from_db()
    assert (own.organisation, own.through_organisation, own.role_arn) == (made, False, "")
    organisations.remove(organisation=made)
    assert list(Account.objects.all()) == [own]


def test_an_organisation_is_connected_once(cloud, management, organisation):
    trust = permissions.trust(f"arn:aws:iam::{cloud.account}:root", "another")
    management.client("iam").create_role(RoleName="again", AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(Mistake, match="connected already, as “Fernhollow”"):
        connected(cloud, "Again", role="again", external_id="another")


CONDITION = permissions.trust("*", EXTERNAL_ID)["Statement"][0]
OPEN = {"Version": "2012-10-17", "Statement": [{**CONDITION, "Condition": {}}]}


def test_a_role_that_lets_anybody_in_is_refused_before_it_is_used(cloud, management, organisation):
    ref = newcomer(management, "careless")
    management.elsewhere(ref).client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(OPEN))
    refreshed(organisation)

    preflight = preflights.ask(account=Account.objects.get(ref=ref), now=timezone.now())
    preflights.on(preflight_id=preflight.pk, clock=timezone.now)

    preflight.refresh_from_db()
    assert preflight.state == Preflight.State.FAILED
    assert "can be assumed without its ExternalId" in preflight.sentence


def test_a_schedule_looks_first_who_is_there(management, organisation):
    now = timezone.now()
    schedules.set_for_all(organisation=organisation, cron="* * * * *", timezone="UTC", now=now)
    ref = newcomer(management, "just-in-time")

    due = schedules.tick_organisations(now=now + timedelta(minutes=2))
    assert due == [organisation.pk]
    assert schedules.tick_organisations(now=now + timedelta(minutes=2)) == []
    assert organisations.unattended() == due, "until it is answered, it stands in its row"
    asked = organisations.answer_tick(organisation_id=organisation.pk, clock=timezone.now)

    assert ref in [scan.account.ref for scan in asked]
    assert organisations.unattended() == []
    assert organisations.answer_tick(organisation_id=organisation.pk, clock=timezone.now) == []


def scanned(capsys, *words):
    with pytest.raises(SystemExit) as end:
        call_command("scan", *words, "--format", "json", "--regions", REGION, "--services", "sqs")
    return end.value.code, json.loads(capsys.readouterr().out)


def test_the_shell_scans_all_of_them(organisation, capsys):
    here = organisation.accounts.filter(left_at=None)
    code, reports = scanned(capsys, "Fernhollow")

    assert (code, {report["state"] for report in reports}) == (0, {"complete"})
    assert {report["account"] for report in reports} == set(here.values_list("ref", flat=True))


def test_the_shell_tells_of_each_that_was_not_scanned(management, organisation, capsys):
    ref = newcomer(management, "locked")
    management.elsewhere(ref).client("iam").delete_role(RoleName=ROLE)

    code, reports = scanned(capsys, organisation.ref)

    assert code == 1
    assert {report["account"] for report in reports if report["state"] == "failed"} == {ref}
    assert len(reports) == organisation.accounts.filter(left_at=None).count()


def test_several_are_scanned_at_a_time_and_the_management_account_first(cloud, management, organisation):
    under_way, most, order, door = set(), [], [], threading.Lock()
    both = threading.Barrier(2, timeout=10)
    for name in ("east", "west"):
        newcomer(management, name)
    refreshed(organisation)
    there = list(organisation.accounts.filter(left_at=None).select_related("organisation"))[:-1]
    there = [account for account in there if account.ref != cloud.account][:2] + [
        account for account in there if account.ref == cloud.account
    ]

    def scanned(account):
        with door:
            under_way.add(account.ref)
            most.append(len(under_way))
            order.append(account.ref)
        if account.ref != cloud.account:
            both.wait()  # passes only if two are in here together
        with door:
            under_way.discard(account.ref)
        raise Mistake("not today")

    found = family_scan.reports(there, scanned, at_once=2)

    assert order[0] == cloud.account
    assert max(most) == 2
    assert [report["account"] for report in found] == [account.ref for account in there]


def test_a_mistake_of_ours_in_one_account_lets_the_others_finish(organisation):
    there, done = list(organisation.accounts.filter(left_at=None)), []

    def scanned(account):
        if account == there[0]:
            raise ZeroDivisionError
        done.append(account)
        raise Mistake("not today")

    with pytest.raises(ZeroDivisionError):
        family_scan.reports(there, scanned, at_once=1)

    assert set(done) == set(there[1:])


def test_the_shell_tells_of_each_account_in_one_line(organisation, capsys):
    with pytest.raises(SystemExit):
        call_command("scan", "Fernhollow", "--regions", REGION, "--services", "sqs")

    lines = capsys.readouterr().err.splitlines()
    for account in organisation.accounts.filter(left_at=None):
        assert [line.startswith(f"{account.ref} {account}: ") for line in lines].count(True) == 1


def test_without_a_list_the_known_ones_are_scanned_and_the_exit_code_says_so(cloud, organisation, capsys):
    locked = organisation.accounts.exclude(ref=cloud.account)
    Account.objects.filter(pk__in=locked.values("pk")).update(left_at=timezone.now())
    cloud.faults([REFUSED])

    code, reports = scanned(capsys, "Fernhollow")

    assert (code, [report["account"] for report in reports]) == (3, [cloud.account])


def test_the_shell_collects_through_a_role(organisation, tmp_path, capsys):
    account = organisation.accounts.get(name="fernhollow-data")
    file = tmp_path / "evidence"

    with pytest.raises(SystemExit) as end:
        call_command(
            "collect", account.ref, "-o", str(file), "--format", "json", "--regions", REGION, "--services", "sqs"
        )

    report = json.loads(capsys.readouterr().out)
    assert (end.value.code, report["account"]) == (0, account.ref)
    with file.open("rb") as raw:
        assert Reader(raw).header.caller.startswith(f"arn:aws:sts::{account.ref}:assumed-role/{ROLE}/")


def test_the_shell_checks_access_through_a_role(cloud, organisation, capsys):
    account = organisation.accounts.get(ref=cloud.account)
    cloud.faults([{"service": "ecr", "operation": "DescribeRepositories", "error": {"code": "AccessDeniedException"}}])

    with pytest.raises(SystemExit) as end:
        call_command("permissions", "aws", "--check", account.ref, "--format", "json")

    report = json.loads(capsys.readouterr().out)
    assert (end.value.code, report["missing"]) == (3, ["ecr:DescribeRepositories"])
    assert report["policies"][0]["Statement"][0]["Action"] == ["ecr:DescribeRepositories"]
    assert "aws.ecr.scan" in report["refused"][0]["checks"]
    assert Preflight.objects.get().refused == 1


def test_nobody_is_connected_by_that_name(organisation):
    with pytest.raises(Mistake, match="No account “Elsewhere” is connected"):
        call_command("scan", "Elsewhere", stdout=io.StringIO())


def test_removing_it_takes_its_accounts_with_it(organisation):
    organisations.remove(organisation=organisation)

    assert not Account.objects.exists()
    assert not Organisation.objects.exists()
