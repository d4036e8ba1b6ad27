"""Organisations on pages: who sees them, what a refused list looks like, and what is asked of whom."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from posture.actions import accounts as account_actions
from posture.actions import organisations as actions
from posture.actions import schedules
from posture.models import Account, Organisation, OrganisationSchedule, Scan
from posture.runtime.mistakes import Mistake
from scanners.collectors.aws import account as aws
from scanners.collectors.aws.family import family
from scanners.collectors.aws.organizations import ACCOUNTS
from scanners.collectors.cloud import Refusal
from scanners.collectors.family import Family, Member
from scanners.model import Place, State, Unread
from tests.web.builders import HOSTILE, START, a_person, an_admin

pytestmark = pytest.mark.django_db

MANAGEMENT, DATA = "210987654321", "333344445555"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/posture-reads"
FORM = {"name": "Fernhollow", "way": "role", "role_arn": ROLE, "member_role": "posture-reads"}
CALLER = aws.Caller(MANAGEMENT, "aws", f"arn:aws:sts::{MANAGEMENT}:assumed-role/posture-reads/posture")


class Cloud:
    """What ListAccounts says; a Refusal is raised."""

    def __init__(self, *members):
        self.members = members

    def __call__(self, organisation):
        if isinstance(self.members, Refusal):
            raise Unread(self.members.gap(ACCOUNTS, Place(MANAGEMENT, "global")))
        return Family("o-exampleorg1", tuple(self.members), CALLER, MANAGEMENT)


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud(Member(MANAGEMENT, "Head", "ACTIVE"), Member(DATA, "Data", "ACTIVE"))
    monkeypatch.setattr(aws, "probe", lambda way, partition="aws", sts=None: CALLER)
    monkeypatch.setattr(actions, "_ask", cloud)
    monkeypatch.setattr("posture.actions.bell.ring", lambda work: None)
    return cloud


@pytest.fixture
def admin(client):
    person = an_admin()
    client.force_login(person)
    return person


@pytest.fixture
def organisation(cloud):
    return actions.connect(organisation=unconnected(), now=START)


def unconnected(**changes):
    given = {"name": "Fernhollow", "role_arn": ROLE, "external_id": "0123", "member_role": "posture-reads"}
    return Organisation(provider="aws", **{**given, "group": account_actions.group("ours"), **changes})


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def connect(client, **changes):
    return client.post("/accounts/organisations/connect/", {**FORM, "group": account_actions.group().pk, **changes})


def test_one_form_connects_all_of_them(client, admin, cloud):
    page = client.get("/accounts/organisations/connect/")
    external_id = re.search(r">([0-9a-f]{32})<", page.content.decode())[1]

    answer = connect(client, external_id="mine")

    made = Organisation.objects.get()
    assert answer["Location"] == f"/accounts/organisations/{made.pk}/"
    assert made.external_id == external_id
    assert dict(made.accounts.values_list("ref", "role_arn")) == {
        MANAGEMENT: ROLE,
        DATA: f"arn:aws:iam::{DATA}:role/posture-reads",
    }


def test_the_page_shows_what_to_paste_and_what_more_it_needs(client, admin):
    page = client.get("/accounts/organisations/connect/")

    blocks = [json.loads(block) for block in re.findall(r"<code>(\{.*?)</code>", unescape(page.content.decode()), re.S)]
    policies = [made["Properties"]["PolicyDocument"] for name, made in blocks[0]["Resources"].items() if name != "Role"]
    assert "organizations:ListAccounts" in [a for policy in policies for a in policy["Statement"][0]["Action"]]


WRONG = [
    {"role_arn": "http://169.254.169.254/"},
    {"role_arn": ""},
    {"member_role": "arn:aws:iam::210987654321:role/x"},
    {"member_role": "../../x y"},
    {"member_role": HOSTILE},
    {"member_role": "x\n"},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_only_names_and_arns_of_roles_are_taken(client, admin, cloud, changes):
    answer = connect(client, **changes) if changes != {"member_role": "x\n"} else connect(client, member_role="x\ny")

    assert answer.status_code == 200
    assert not Organisation.objects.exists()
    assert HOSTILE not in answer.content.decode()


REFUSALS = [
    (Refusal(State.DENIED, "AccessDeniedException"), "be allowed organizations:ListAccounts"),
    (Refusal(State.UNSUPPORTED, "AWSOrganizationsNotInUseException"), "is in no organisation"),
]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS, ids=lambda value: getattr(value, "code", ""))
def test_without_a_list_nothing_is_connected(client, admin, cloud, refusal, sentence):
    cloud.members = refusal

    assert sentence in words(connect(client))
    assert not Account.objects.exists()


def test_a_refused_list_is_shown_as_a_gap(client, admin, cloud, organisation):
    cloud.members = Refusal(State.DENIED, "AccessDeniedException", "no")

    client.post(f"/accounts/organisations/{organisation.pk}/refresh/")

    text = words(client.get(f"/accounts/organisations/{organisation.pk}/"))
    assert "The last look was refused" in text
    assert "Nobody was added and nobody was taken for gone" in text
    assert "refused: AccessDeniedException" in words(client.get("/accounts/"))
    assert organisation.accounts.filter(left_at=None).count() == 2


CHANGES = [
    # state of the account now, left
    ("ACTIVE", False),
    ("SUSPENDED", True),
    ("PENDING_CLOSURE", True),
    ("CLOSED", True),
    ("PENDING_ACTIVATION", False),
    ("SOMETHING_NEW", False),
    (None, True),
]


@pytest.mark.parametrize(("state", "left"), CHANGES)
def test_who_left_is_told_by_the_state_or_by_a_whole_list(cloud, organisation, state, left):
    cloud.members = [Member(MANAGEMENT, "Head", "ACTIVE"), *([Member(DATA, "Data", state)] if state else [])]

    actions.refresh(organisation=organisation, now=START + timedelta(days=1))

    assert (Account.objects.get(ref=DATA).left_at is not None) is left


def test_who_comes_back_is_scanned_again(cloud, organisation):
    Account.objects.filter(ref=DATA).update(left_at=START)

    change = actions.refresh(organisation=organisation, now=START + timedelta(days=1))

    assert [account.ref for account in change.joined] == [DATA]
    assert Account.objects.get(ref=DATA).left_at is None


def test_an_older_look_overrules_no_newer(cloud, organisation):
    actions.refresh(organisation=organisation, now=START + timedelta(days=2))
    cloud.members = [Member(MANAGEMENT, "Head", "ACTIVE")]

    change = actions.refresh(organisation=organisation, now=START + timedelta(days=1))

    assert change.left == []


def test_who_left_is_shown_as_such_and_cannot_be_scanned(client, admin, organisation):
    account = Account.objects.get(ref=DATA)
    Account.objects.filter(pk=account.pk).update(left_at=START)

    page = client.get(f"/accounts/{account.pk}/")
    answer = client.post(f"/accounts/{account.pk}/scan/")

    assert "It left its organisation" in words(page)
    assert "Scan now" not in words(page)
    assert answer["Location"] == f"/accounts/{account.pk}/"
    assert not Scan.objects.exists()
    assert ", 1 left" in words(client.get(f"/accounts/organisations/{organisation.pk}/"))


def test_one_button_scans_all(client, admin, organisation):
    client.post(f"/accounts/organisations/{organisation.pk}/scan/")

    assert {scan.account.ref for scan in Scan.objects.all()} == {MANAGEMENT, DATA}


def test_one_schedule_serves_all_and_can_be_stopped(client, admin, organisation):
    client.post(
        f"/accounts/organisations/{organisation.pk}/schedule/", {"usual": "0 3 * * *", "cron": "", "timezone": "UTC"}
    )

    assert "Every day at 03:00" in words(client.get(f"/accounts/organisations/{organisation.pk}/"))
    assert "Scanned with its organisation" in words(client.get(f"/accounts/{organisation.accounts.first().pk}/"))
    client.post(f"/accounts/organisations/{organisation.pk}/stop/")
    assert not OrganisationSchedule.objects.exists()


def test_another_role_name_counts_for_all_but_the_one_that_lists(client, admin, organisation):
    client.post(f"/accounts/organisations/{organisation.pk}/edit/", {"name": "New", "member_role": "audit/reads"})

    assert dict(organisation.accounts.values_list("ref", "role_arn")) == {
        MANAGEMENT: ROLE,
        DATA: f"arn:aws:iam::{DATA}:role/audit/reads",
    }


def test_an_account_that_gets_a_role_of_its_own_gets_its_own_external_id(cloud, organisation):
    account = Account.objects.get(ref=MANAGEMENT)

    account_actions.change(account=account, name="x", group=account.group, role_arn=ROLE + "2", regions=[], trusted=[])

    assert not Account.objects.get(ref=MANAGEMENT).through_organisation


def test_nobody_else_sees_it(client, organisation):
    client.force_login(a_person("analyst", account_actions.group("theirs")))

    assert client.get(f"/accounts/organisations/{organisation.pk}/").status_code == 404
    assert "Fernhollow" not in words(client.get("/accounts/"))


def test_its_external_id_is_for_admins(client, organisation):
    client.force_login(a_person("analyst", organisation.group))

    assert organisation.external_id not in words(client.get(f"/accounts/organisations/{organisation.pk}/"))


def test_hostile_names_stay_text(client, admin, cloud, organisation):
    cloud.members = [*cloud.members, Member("999900001111", HOSTILE, "ACTIVE")]
    actions.refresh(organisation=organisation, now=START + timedelta(days=1))

    assert HOSTILE not in client.get(f"/accounts/organisations/{organisation.pk}/").content.decode()


def test_many_accounts_cost_no_more_queries_than_one(client, admin, cloud, organisation, django_assert_max_num_queries):
    cloud.members = [Member(f"{n:012}", f"a{n}", "ACTIVE") for n in range(30)]
    actions.refresh(organisation=organisation, now=START + timedelta(days=1))

    with django_assert_max_num_queries(16):
        client.get(f"/accounts/organisations/{organisation.pk}/")
    with django_assert_max_num_queries(16):
        client.get("/accounts/")


def test_a_tick_that_nobody_answered_is_answered_later(organisation):
    schedules.set_for_all(organisation=organisation, cron="0 3 * * *", timezone="UTC", now=START)

    due = schedules.tick_organisations(now=START + timedelta(days=2))

    assert (due, actions.unattended()) == ([organisation.pk], [organisation.pk])
    assert len(actions.answer_tick(organisation_id=organisation.pk, clock=lambda: START)) == 2
    assert actions.unattended() == []


class Pages:
    """A transport that answers ListAccounts page by page."""

    def __init__(self, *pages):
        self.pages, self.asked = list(pages), []

    def ask(self, place, call, params):
        if call.operation == "GetCallerIdentity":
            return {"Account": MANAGEMENT, "Arn": CALLER.arn}
        self.asked.append(params.get("NextToken"))
        return self.pages.pop(0)


def an_item(ref, **fields):
    return {"Id": ref, "Arn": f"arn:aws:organizations::{MANAGEMENT}:account/o-exampleorg1/{ref}", "Name": ref, **fields}


def test_every_page_of_the_list_is_read():
    cloud = Pages(
        {"Accounts": [an_item(MANAGEMENT, State="ACTIVE")], "NextToken": "2"},
        {"Accounts": [], "NextToken": "3"},
        {"Accounts": [an_item(DATA, Status="SUSPENDED")]},
    )

    found = family(cloud)

    assert [(member.ref, member.state) for member in found.members] == [(MANAGEMENT, "ACTIVE"), (DATA, "SUSPENDED")]
    assert (found.ref, found.management) == ("o-exampleorg1", MANAGEMENT)
    assert cloud.asked == [None, "2", "3"]


ODD = [
    [{}],
    [{"Accounts": None}],
    [{"Accounts": []}],
    [{"Accounts": [an_item(DATA)]}],
    [{"Accounts": [an_item(DATA, State="ACTIVE") | {"Id": "1"}]}],
    [{"Accounts": [an_item(DATA, State="ACTIVE") | {"Arn": "arn:evil"}]}],
    [{"Accounts": [], "NextToken": "1"}, {"Accounts": [], "NextToken": "1"}],
]


@pytest.mark.parametrize("pages", ODD, ids=range(len(ODD)))
def test_a_list_that_is_not_understood_is_no_list(pages):
    with pytest.raises(Refusal, match="not understood"):
        family(Pages(*pages))


def test_a_machine_without_credentials_connects_nothing(monkeypatch):
    def refuse(*_):
        raise Refusal(State.DENIED, "NoCredentialsError")

    monkeypatch.setattr(aws, "probe", refuse)

    with pytest.raises(Mistake, match="no AWS credentials of its own"):
        actions.connect(organisation=unconnected(role_arn="", external_id=""), now=START)
