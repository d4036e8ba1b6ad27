"""Connecting accounts: no keys, no addresses, and no role that others could be tricked into using."""

import json
import re
import time
from html import unescape

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from django.core.management import call_command

from posture.actions import accounts as actions
from posture.models import Account, AccountGroup, Finding, Person, Preflight, Proof, Resource, Scan
from posture.queries import accounts, permissions
from posture.runtime.mistakes import Mistake
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Refusal
from scanners.scan import permissions as needed
from tests.web.builders import (
    HOSTILE,
    OPEN_POLICY,
    QUEUE,
    START,
    a_person,
    a_queue,
    account_in,
    an_admin,
    queues_scanned,
)

pytestmark = pytest.mark.django_db

ROLE = "arn:aws:iam::210987654321:role/posture-reads"
FORM = {"name": "Shop", "way": "role", "role_arn": ROLE, "regions": "", "trusted": ""}


@pytest.fixture
def admin(client):
    person = an_admin()
    client.force_login(person)
    return person


@pytest.fixture
def cloud(monkeypatch):
    """Says yes to everything; tests change what `probe` answers."""
    monkeypatch.setattr("posture.actions.bell.ring", lambda work: None)
    asked = []

    def probe(way, partition="aws", sts=None):
        asked.append(way)
        return aws.Caller("210987654321", partition, "arn:aws:sts::210987654321:assumed-role/posture-reads/posture")

    monkeypatch.setattr(aws, "probe", probe)
    return asked


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def connect(client, **changes):
    return client.post("/accounts/connect/", {**FORM, "group": actions.group().pk, **changes})


def shown_external_id(client):
    return re.search(r">([0-9a-f]{32})<", client.get("/accounts/connect/").content.decode())[1]


def test_an_empty_product_leads_to_connect_aws(client, admin):
    page = client.get("/accounts/")

    assert "Connect an AWS account" in words(page)
    assert "/accounts/connect/" in page.content.decode()


def test_a_viewer_without_accounts_learns_whom_to_ask(client):
    client.force_login(a_person("viewer"))

    page = client.get("/accounts/")

    assert "An admin puts you into the groups" in words(page)
    assert "/accounts/connect/" not in page.content.decode()


def test_the_list_says_what_is_open_unread_and_fresh(client):
    account = account_in("ours", name="Shop")
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("dark", unread=True))
    client.force_login(a_person("viewer", account.group))

    page = words(client.get("/accounts/"))

    assert "Shop" in page
    assert "1 critical" in page
    assert "1 of 1" in page
    assert "not scheduled" in page


def test_accounts_of_others_are_not_there(client):
    account_in("theirs", name="Theirs")
    client.force_login(a_person("viewer", actions.group("ours")))

    assert "Theirs" not in words(client.get("/accounts/"))


def test_older_and_newer_pages_meet_without_a_gap(monkeypatch):
    monkeypatch.setattr(accounts, "PAGE", 2)
    admin = an_admin()
    for number, name in enumerate("bdace"):
        account_in("ours", f"{number:012}", name=name)

    first = accounts.page(admin)
    second = accounts.page(admin, after=first.older)
    third = accounts.page(admin, after=second.older)
    back = accounts.page(admin, before=third.newer)

    assert [[row.account.name for row in page.rows] for page in (first, second, third)] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]
    assert [row.account.name for row in back.rows] == ["c", "d"]
    assert (first.newer, third.older) == (None, None)


def test_many_accounts_cost_no_more_queries_than_one(client, admin, django_assert_max_num_queries):
    for number in range(8):
        queues_scanned(account_in("ours", f"{number:012}"), a_queue(account=f"{number:012}"))

    with django_assert_max_num_queries(14):
        client.get("/accounts/")


def test_connecting_tries_the_role_and_then_every_call(client, admin, cloud):
    external_id = shown_external_id(client)

    answer = connect(client, regions="eu-west-1, us-east-1", trusted="123456789012")

    account = Account.objects.get()
    assert (account.ref, account.external_id, account.role_arn) == ("210987654321", external_id, ROLE)
    assert (account.regions, account.trusted) == (["eu-west-1", "us-east-1"], ["123456789012"])
    assert cloud == [aws.Connection(ROLE, external_id)]
    assert answer["Location"] == f"/accounts/{account.pk}/access/"
    assert (Preflight.objects.get().account, Scan.objects.count()) == (account, 0)


def test_the_external_id_is_ours_and_not_the_persons(client, admin, cloud):
    external_id = shown_external_id(client)

    connect(client, external_id="chosen-by-somebody")

    assert shown_external_id(client) != external_id, "the next account gets another one"
    assert Account.objects.get().external_id == external_id


def test_the_external_id_stays_while_the_role_is_being_made(client, admin):
    assert shown_external_id(client) == shown_external_id(client)


def test_the_page_shows_what_to_paste(client, admin):
    page = client.get("/accounts/connect/")

    blocks = re.findall(r"<code>(\{.*?)</code>", unescape(page.content.decode()), re.S)
    trust, template, policy = (json.loads(block) for block in blocks)
    assert "sts:ExternalId" in trust["Statement"][0]["Condition"]["StringEquals"]
    assert template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"] == trust
    assert policy["Statement"][0]["Action"] == needed()
    assert "aws iam create-role" in words(page)


REFUSALS = [
    ("denied", "AccessDenied", "", "AWS did not let us assume the role"),
    ("denied", "ExternalIdNotRequired", "", "can be assumed without its ExternalId"),
    ("denied", "AnyExternalIdAccepted", "", "can be assumed with an ExternalId that is not its own"),
    ("denied", "NoCredentialsError", "", "no AWS credentials of its own"),
    ("unreachable", "Timeout", "", "did not answer in time"),
    ("unsupported", "RegionDisabledException", "STS is off", "AWS refused (RegionDisabledException): STS is off"),
]


@pytest.mark.parametrize(("state", "code", "message", "sentence"), REFUSALS)
def test_a_role_that_does_not_work_is_not_connected(client, admin, cloud, monkeypatch, state, code, message, sentence):
    def refuse(*_):
        raise Refusal(state, code, message)

    monkeypatch.setattr(aws, "probe", refuse)

    assert sentence in words(connect(client))
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "role",
    [
        "",
        "arn:aws:iam::1:role/short",
        "arn:aws:iam::210987654321:user/somebody",
        "http://169.254.169.254/latest/meta-data/",
        "arn:aws:iam::210987654321:role/a b",
        "arn:evil:iam::210987654321:role/a",
        ROLE + "\n",
        HOSTILE,
    ],
)
def test_only_the_arn_of_a_role_is_tried(client, admin, cloud, role):
    answer = connect(client, role_arn=role + "x" if role.endswith("\n") else role)

    assert answer.status_code == 200
    assert cloud == []
    assert HOSTILE not in answer.content.decode()


@pytest.mark.parametrize("field", ["regions", "trusted"])
@pytest.mark.parametrize("value", ["http://evil.test", "eu-west-1@evil.test", "1", "\x00", HOSTILE])
def test_regions_and_trusted_accounts_are_names_and_numbers_only(client, admin, cloud, field, value):
    answer = connect(client, **{field: value})

    assert answer.status_code == 200
    assert not Account.objects.exists()


def test_nobody_can_name_an_endpoint(client, admin, cloud):
    connect(client, endpoint="http://169.254.169.254/")

    assert Account.objects.get().endpoint == ""


def test_this_machines_own_credentials_need_no_role(client, admin, cloud):
    connect(client, way="machine")

    assert Account.objects.get().role_arn == ""
    assert cloud == [aws.Connection()]


def test_an_account_is_connected_once(client, admin, cloud):
    account_in("ours", "210987654321", name="There already")

    assert "connected already, as “There already”" in words(connect(client))


def test_who_we_are_is_found_out_when_asked(client, admin, cloud):
    page = client.get("/accounts/connect/?who=1")

    assert "arn:aws:iam::210987654321:root" in words(page)


def test_no_credentials_here_is_one_sentence(client, admin, monkeypatch):
    def refuse(*_):
        raise Refusal("denied", "NoCredentialsError")

    monkeypatch.setattr(aws, "probe", refuse)

    assert "no AWS credentials of its own" in words(client.get("/accounts/connect/?who=1"))


def refused(code):
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return ClientError(answer, "AssumeRole")


class Sts:
    """Answers AssumeRole: `with_id`, `without` and `other` are what it raises, None to let in."""

    def __init__(self, with_id=None, without=None, other=None):
        self.with_id, self.without, self.other = with_id, without, other

    def assume_role(self, *, ExternalId=None, **_):
        known = ExternalId == WAY.external_id
        if error := self.with_id if known else self.other if ExternalId else self.without:
            raise error
        return {"AssumedRoleUser": {"Arn": "arn:aws:sts::210987654321:assumed-role/posture-reads/posture"}}

    def get_caller_identity(self):
        if self.with_id:
            raise self.with_id
        return {"Account": "210987654321", "Arn": "arn:aws:iam::210987654321:user/somebody"}


WAY = aws.Connection(ROLE, "an-external-id")
NO = refused("AccessDenied")


def test_a_role_that_needs_its_external_id_is_good():
    assert aws.probe(WAY, sts=Sts(without=NO, other=NO)).account == "210987654321"


PROBES = [
    (Sts(other=NO), "ExternalIdNotRequired"),
    (Sts(without=NO), "AnyExternalIdAccepted"),
    (Sts(without=NO, other=refused("Throttling")), "Throttling"),
    (Sts(with_id=refused("AccessDenied")), "AccessDenied"),
    (Sts(without=refused("Throttling"), other=NO), "Throttling"),
    (Sts(with_id=NoCredentialsError()), "NoCredentialsError"),
    (Sts(without=EndpointConnectionError(endpoint_url="https://sts")), "EndpointConnectionError"),
]


@pytest.mark.parametrize(("sts", "code"), PROBES, ids=range(len(PROBES)))
def test_a_probe_that_proves_nothing_is_refused(sts, code):
    with pytest.raises(Refusal) as refusal:
        aws.probe(WAY, sts=sts)

    assert refusal.value.code == code


def test_a_probe_without_a_role_asks_who_we_are():
    assert aws.probe(aws.Connection(), sts=Sts()).arn == "arn:aws:iam::210987654321:user/somebody"


def test_a_probe_never_keeps_a_person_waiting(monkeypatch):
    class Slow(Sts):
        def get_caller_identity(self):
            time.sleep(1)

    monkeypatch.setattr(aws, "PROBE_SECONDS", 0.05)

    with pytest.raises(Refusal, match="Timeout"):
        aws.probe(aws.Connection(), sts=Slow())


def test_an_account_page_leads_on_from_each_number(client):
    account = account_in("ours", name="Shop")
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), refused=())
    client.force_login(a_person("viewer", account.group))

    page = client.get(f"/accounts/{account.pk}/")

    assert "1 failure open" in words(page)
    assert f"/findings/?account={account.pk}" in page.content.decode()
    assert "Scan now" not in words(page)


def test_an_unread_scope_stands_beside_the_number(client, admin):
    account = account_in("ours")
    queues_scanned(account, refused=(QUEUE,))

    assert "1 scope unread may hide more" in words(client.get(f"/accounts/{account.pk}/"))


def test_the_external_id_is_for_admins(client):
    account = account_in("ours", role_arn=ROLE)
    client.force_login(a_person("analyst", account.group))

    assert account.external_id not in client.get(f"/accounts/{account.pk}/").content.decode()


def test_editing_keeps_the_external_id_and_tries_another_role(client, admin, cloud):
    account = account_in("ours", "210987654321", role_arn=ROLE)
    other = ROLE.replace("posture-reads", "other")
    fields = {"name": "New name", "role_arn": other, "group": account.group_id, "regions": "", "trusted": ""}

    client.post(f"/accounts/{account.pk}/edit/", {**fields, "external_id": "mine", "endpoint": "http://evil.test"})

    saved = Account.objects.get()
    assert (saved.name, saved.role_arn, saved.endpoint) == ("New name", other, "")
    assert saved.external_id == account.external_id
    assert cloud == [aws.Connection(other, account.external_id)]


def test_whether_it_is_read_what_functions_did_is_the_owners_wish_and_shown(client, admin, cloud):
    account = account_in("ours", "210987654321", role_arn=ROLE)
    fields = {"name": "x", "role_arn": ROLE, "group": account.group_id, "regions": "", "trusted": ""}
    assert "Not read" in words(client.get(f"/accounts/{account.pk}/"))

    client.post(f"/accounts/{account.pk}/edit/", {**fields, "reads_events": "on"})

    assert Account.objects.get().reads_events
    assert "Read from the event history of CloudTrail" in words(client.get(f"/accounts/{account.pk}/"))

    client.post(f"/accounts/{account.pk}/edit/", fields)

    assert not Account.objects.get().reads_events


def test_a_role_of_another_account_does_not_take_over_this_one(cloud):
    account = account_in("ours", "111122223333", role_arn="arn:aws:iam::111122223333:role/a")

    with pytest.raises(Mistake, match="leads to account 210987654321, not to 111122223333"):
        actions.change(account=account, name="x", group=account.group, role_arn=ROLE, regions=[], trusted=[])


def test_removing_an_account_leaves_nothing_of_it_and_all_of_others(client, admin):
    gone, stays = account_in("ours"), account_in("ours", "999900001111")
    queues_scanned(gone, a_queue(Policy=OPEN_POLICY), a_queue("only-here", KmsMasterKeyId="k"))
    queues_scanned(stays, a_queue(account="999900001111"))
    kept = set(Proof.objects.filter(pk__in=Finding.objects.filter(account=stays).values("proof")))

    client.post(f"/accounts/{gone.pk}/remove/")

    assert list(Account.objects.all()) == [stays]
    for model in (Finding, Resource, Scan):
        assert {row.account_id for row in model.objects.all()} == {stays.pk}
    assert set(Proof.objects.all()) == kept


def test_removing_while_it_is_scanned_is_no_trouble(admin):
    account = account_in("ours")
    Scan.objects.create(account=account, cause="person", asked_at=START, state="running")

    actions.remove(account=account)
    actions.remove(account=account)

    assert not Scan.objects.exists()


def test_the_sample_data_goes_in_one_click(client, admin):
    own = account_in("ours", "999900001111")
    actions.sample(ref="424242424242", endpoint="http://127.0.0.1:1", regions=["eu-west-1"])

    client.post("/accounts/sample/remove/")

    assert list(Account.objects.all()) == [own]
    assert not AccountGroup.objects.filter(name=actions.SAMPLE_GROUP).exists()


def test_hostile_names_stay_text(client, admin):
    account = account_in("ours", name=HOSTILE)

    pages = [client.get(address) for address in ("/accounts/", f"/accounts/{account.pk}/", "/schedules/", "/scans/")]

    assert all(HOSTILE not in page.content.decode() for page in pages)
    assert Person.objects.count() == 1


def test_the_command_prints_a_policy_for_exactly_what_the_collectors_ask(capsys):
    call_command("permissions", "aws", format="json")

    policy = json.loads(capsys.readouterr().out)
    assert policy["Version"] == "2012-10-17"
    assert policy["Statement"] == [permissions.statement(needed())]
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", action) for action in needed())


def test_a_policy_past_the_quota_is_split_and_loses_nothing():
    actions_needed = [f"service{number}:DescribeSomething{number}" for number in range(400)]

    parts = permissions.documents(actions_needed)

    assert len(parts) > 1
    assert all(permissions.size(part) <= permissions.MOST_CHARACTERS for part in parts)
    assert sorted(a for part in parts for a in part["Statement"][0]["Action"]) == sorted(actions_needed)


PRINCIPALS = [
    ("arn:aws:iam::1:user/somebody", "arn:aws:iam::1:user/somebody"),
    ("arn:aws:sts::1:assumed-role/web/i-123", "arn:aws:iam::1:root"),
    ("arn:aws-cn:sts::1:assumed-role/web/i-123", "arn:aws-cn:iam::1:root"),
]


@pytest.mark.parametrize(("caller", "trusted"), PRINCIPALS)
def test_a_session_is_trusted_by_its_account(caller, trusted):
    assert permissions.principal(caller) == trusted
