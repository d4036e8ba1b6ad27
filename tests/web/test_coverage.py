"""The page that says what was not read: it must be as plain as what was."""

import json
import re

import pytest

from posture.models import CoverageCell
from posture.queries import coverage
from tests.web.builders import DAY, HOSTILE, QUEUE, START, a_person, a_queue, account_in, an_admin, queues_scanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return account_in("ours")


@pytest.fixture
def viewer(client, account):
    person = a_person("viewer", account.group)
    client.force_login(person)
    return person


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def denied(account, message="User is not authorized to perform: sqs:ListQueues", region="eu-west-1", **facts):
    """A cell as a refused listing leaves it."""
    given = {"call": "sqs.ListQueues", "permission": "sqs:ListQueues", "state": "denied", "code": "AccessDenied"}
    given |= {"service": "sqs", "region": region, "message": message, "since_at": START}
    return CoverageCell.objects.create(account=account, **given | facts)


def test_an_account_that_was_read_in_full_says_so(client, viewer, account):
    queues_scanned(account, a_queue())

    page = client.get("/coverage/")

    assert "1 scope, all read in full" in words(page)
    assert "What gave no answer" not in words(page)


def test_a_refused_call_is_named_with_what_it_blinds_and_what_mends_it(client, viewer, account):
    queues_scanned(account, refused=(QUEUE,))

    page = client.get("/coverage/")

    assert "1 of 1 scope unread" in words(page)
    assert "sqs.ListQueues" in words(page)
    assert "aws.sqs.public" in words(page)
    statement = re.search(r"<pre><code>(.*?)</code></pre>", page.content.decode(), re.S)[1]
    assert json.loads(statement.replace("&quot;", '"')) == {
        "Sid": "PostureReads", "Effect": "Allow", "Action": ["sqs:ListQueues"], "Resource": "*",
    }  # fmt: skip


SAID = [
    # what AWS says, what we say, whether a statement of ours would mend it
    ("… because no identity-based policy allows the sqs:ListQueues action", "Add this statement", True),
    ("… with an explicit deny in a service control policy", "no statement in this account can undo that", False),
    ("… with an explicit deny in a service control policy: arn:aws:organizations::1:p", "of the organisation", False),
    ("… because no service control policy allows the sqs:ListQueues action", "of the organisation denies", False),
    ("… because no permissions boundary allows the sqs:ListQueues action", "permissions boundary leaves it out", True),
    ("… with an explicit deny in an identity-based policy", "Take it away", False),
    ("", "Add this statement", True),
]


@pytest.mark.parametrize(("message", "advice", "statement"), SAID)
def test_the_advice_follows_what_aws_says_of_its_refusal(client, viewer, account, message, advice, statement):
    denied(account, message)

    page = words(client.get("/coverage/"))

    assert advice in page
    assert ("Policy statement" in page) is statement


@pytest.mark.parametrize("state", ["throttled", "unreachable", "parse_error", "unsupported", "skipped"])
def test_what_no_permission_mends_gets_no_policy(client, viewer, account, state):
    denied(account, state=state, code="Whatever")

    page = words(client.get("/coverage/"))

    assert "1 of 1 scope unread" in page
    assert "Policy statement" not in page


def test_one_refusal_in_many_regions_is_told_once(client, viewer, account):
    for region in ("eu-west-1", "eu-west-2", "eu-west-3"):
        denied(account, region=region)

    page = words(client.get("/coverage/"))

    assert page.count("Add this statement") == 1
    assert "3 of 3 scopes unread" in page


def test_an_organisation_that_closes_a_region_is_one_cause_and_not_one_a_call(client, viewer, account):
    for call in ("ListQueues", "GetQueueAttributes"):
        denied(
            account, "with an explicit deny in a service control policy", call=f"sqs.{call}", permission=f"sqs:{call}"
        )

    page = words(client.get("/coverage/"))

    assert page.count("of the organisation denies it") == 1
    assert "sqs:GetQueueAttributes, sqs:ListQueues" in page


def test_one_statement_mends_what_was_refused_in_different_places(client, viewer, account):
    denied(account)
    denied(account, "", region="us-east-1", call="sqs.GetQueueAttributes", permission="sqs:GetQueueAttributes")

    assert "One statement for all that a statement can mend" in words(client.get("/coverage/"))


def test_regions_read_in_full_fold_into_one_line(client, viewer, account):
    denied(account)
    for region in ("eu-north-1", "us-east-1"):
        denied(account, region=region, state="read", code="")

    page = client.get("/coverage/")

    assert "2 regions read in full: eu-north-1, us-east-1" in words(page)


def test_a_region_that_is_not_opted_in_is_no_gap(client, viewer, account):
    queues_scanned(account, a_queue())
    denied(account, "", region="global", service="arrival", call="region af-south-1", state="not_opted_in", code="")

    page = words(client.get("/coverage/"))

    assert "Not opted in, so nothing can be there: af-south-1" in page
    assert "unread" not in page


def test_what_is_told_to_the_management_account_alone_is_no_gap(client, viewer, account):
    told = {"service": "organizations", "call": "organizations.ListAccounts", "state": "elsewhere"}
    denied(account, "", region="global", code="AccessDeniedException", **told)

    page = words(client.get("/coverage/"))

    assert "unread" not in page
    assert "told to the management account" in page


def test_a_cell_says_when_its_scope_was_last_read_in_full(client, viewer, account):
    queues_scanned(account, a_queue())
    queues_scanned(account, refused=(QUEUE,), at=START + DAY)

    assert "read in full" in words(client.get("/coverage/"))


def test_as_of_shows_the_gaps_of_that_day(client, viewer, account):
    first = queues_scanned(account, refused=(QUEUE,))
    queues_scanned(account, a_queue(), at=START + DAY)

    assert "unread" not in words(client.get("/coverage/"))
    assert "1 of 1 scope unread" in words(client.get(f"/coverage/?as_of={first.pk}"))
    assert "1 of 1 scope unread" in words(client.get("/coverage/", {"as_of": (START + DAY / 2).isoformat()}))
    assert "Nothing has been looked at" in words(client.get("/coverage/", {"as_of": (START - DAY).isoformat()}))


def test_a_time_that_is_none_is_a_bad_request(client, viewer):
    assert client.get("/coverage/?as_of=yesterday").status_code == 400


def test_the_gaps_narrow_to_one_region_and_service(client, viewer, account):
    denied(account)
    denied(account, "", region="us-east-1", call="sqs.GetQueueAttributes", permission="sqs:GetQueueAttributes")

    page = words(client.get("/coverage/?region=us-east-1&service=sqs"))

    assert "What gave no answer: sqs in us-east-1" in page
    assert "sqs:GetQueueAttributes" in page
    assert "sqs:ListQueues" not in page


def test_before_the_first_scan_the_page_says_what_to_do(client, viewer):
    assert "Nothing has been looked at yet" in words(client.get("/coverage/"))


def test_accounts_of_others_count_for_nothing(client, viewer, account):
    queues_scanned(account, a_queue())
    denied(account_in("theirs", "999900001111", name="Their account"))

    page = words(client.get("/coverage/"))

    assert "unread" not in page
    assert "Their account" not in page


def test_the_account_of_others_does_not_exist_in_the_address(client, viewer):
    theirs = account_in("theirs", "999900001111")

    assert client.get(f"/coverage/?account={theirs.pk}").status_code == 404


def test_text_from_clouds_stays_text(client, viewer, account):
    denied(account, HOSTILE, code=HOSTILE, refs=[HOSTILE])

    page = client.get("/coverage/").content.decode()

    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in page


def test_many_accounts_cost_no_more_queries_than_one(client, django_assert_max_num_queries):
    client.force_login(an_admin())
    for number in range(12):
        one = account_in("ours", f"{number:012}", name=f"Account {number}")
        for region in ("eu-west-1", "us-east-1"):
            denied(one, region=region)

    with django_assert_max_num_queries(14):
        page = words(client.get("/coverage/"))

    assert "24 of 24 scopes unread" in page
    assert "7 more accounts with gaps" in page


def test_the_checks_that_a_call_blinds_are_counted_once(account):
    denied(account)
    denied(account, region="us-east-1")

    assert {"aws.sqs.public", "aws.sqs.unencrypted"} <= coverage.blinded_checks(an_admin())
