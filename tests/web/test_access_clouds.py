"""Access over projects and subscriptions: pages and commands ask the same and show the same shapes."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from posture.models import Resource
from posture.queries import estates
from posture.runtime.mistakes import Mistake
from tests import clouds
from tests.clouds import ANN, BOB, a_project, a_service, a_site, a_subscription, account_of
from tests.core import azure
from tests.web.builders import DAY, HOSTILE, START, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db
INVOKE, PUBLISH = "run.routes.invoke", "Microsoft.Web/sites/publish/Action"


@pytest.fixture(autouse=True)
def no_view_of_another_database():
    estates.forget()


def gcp(at=START, bindings=(("roles/run.invoker", ANN), ("roles/run.viewer", BOB)), refused=()):
    account = account_of("gcp")
    clouds.scanned(account, *a_project(*bindings), a_service(), at=at, refused=refused)
    return account


def azure_(at=START, assigned=(("Publisher", azure.ME), ("Reader", azure.OTHER)), refused=()):
    account = account_of("azure")
    held = [azure.holds(who, name) for name, who in assigned]
    clouds.scanned(account, *a_subscription(*held), a_site(), at=at, refused=refused)
    return account


MADE = {"gcp": gcp, "azure": azure_}
# (cloud, who can, who cannot, action, resource)
ASKED = [
    ("gcp", "ann@shop.example", "bob@shop.example", INVOKE, "pay"),
    ("azure", azure.ME, azure.OTHER, PUBLISH, "orders"),
]


def told(*words):
    out = StringIO()
    call_command("access", *words, stdout=out)
    return out.getvalue()


def record(*words):
    return json.loads(told(*words, "--format", "json"))


def shown(client, path="/access/", **query):
    client.force_login(an_admin())
    answer = client.get(path, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def body(page):
    """Without the form, whose lists name everybody."""
    return page.split("</form>")[-1]


# commands


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_who_can_lists_principals_and_by_what(cloud, can, cannot, action, on):
    MADE[cloud]()

    found = record("who-can", action, on)

    answers = {row["name"]: row for row in found["who"]}
    assert answers[can]["answer"] == "allowed"
    assert answers[can]["via"][0]["place"]
    assert cannot not in answers
    assert can in told("who-can", action, on)


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_can_is_worked_out_when_it_is_asked(cloud, can, cannot, action, on):
    MADE[cloud]()

    found = record("can", can)

    assert found["since"] is None
    assert found["possible"] >= found["sure"] >= 1
    assert found["statements"][0]["actions"]
    assert "by these statements" in told("can", can)


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_why_not_and_what_would_change_it(cloud, can, cannot, action, on):
    MADE[cloud]()

    yes, no = record("explain", can, action, on), record("explain", cannot, action, on)

    assert (yes["answer"], no["answer"]) == ("allowed", "denied")
    assert no["would_change"]
    assert any(layer["statements"] for layer in yes["layers"])
    assert "What would change it" in told("explain", cannot, action, on)


@pytest.mark.parametrize("cloud", MADE)
def test_paths_and_right_size_answer_in_the_same_form(cloud):
    MADE[cloud]()
    who = "app@shop.iam.gserviceaccount.com" if cloud == "gcp" else azure.ME

    paths, sized = record("paths", "--from", who), record("right-size", who)

    assert paths["paths"][0]["from"].endswith(who)
    assert paths["paths"][0]["escalates"] in (True, False, None)
    assert {"paths", "more", "cuts", "unread"} <= paths.keys()
    assert sized["confidence"] in ("high", "medium", "low", "none")
    assert told("paths")
    assert told("right-size", who)


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_a_past_time_is_answered_from_that_time(cloud, can, cannot, action, on):
    account = MADE[cloud]()
    first = account.scans.latest("pk").pk
    MADE[cloud](START + DAY, ())

    then, now = record("who-can", action, on, "--as-of", str(first)), record("who-can", action, on)

    assert {row["name"] for row in then["who"]} - {row["name"] for row in now["who"]} >= {can}


MISTAKES = [
    ("gcp", ("who-can", "everything", "pay")),
    ("gcp", ("who-can", INVOKE, "nowhere")),
    ("gcp", ("can", "nobody")),
    ("azure", ("who-can", "everything", "orders")),
    ("azure", ("who-can", PUBLISH, "nowhere")),
    ("azure", ("can", "nobody")),
    ("azure", ("paths", "--from", "nobody")),
]


@pytest.mark.parametrize(("cloud", "words"), MISTAKES)
def test_a_mistake_is_one_clear_line(cloud, words):
    MADE[cloud]()

    with pytest.raises(Mistake) as wrong:
        told(*words)

    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_diff_compares_the_two_times(cloud, can, cannot, action, on):
    account = MADE[cloud]()
    first = account.scans.latest("pk").pk
    MADE[cloud](START + DAY, ())
    out = StringIO()

    call_command("diff", "--from", str(first), "--account", account.ref, "--format", "json", stdout=out)

    grants = {one["name"]: one for one in json.loads(out.getvalue())["accounts"][0]["grants"]}
    assert grants[can]["change"] in ("changed", "gone")
    assert grants[can]["lost"]


# pages


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_the_pages_show_who_can_and_why(client, cloud, can, cannot, action, on):
    account = MADE[cloud]()
    first = shown(client, account=account.ref)
    who = body(shown(client, account=account.ref, action=action, resource=on))
    why = body(shown(client, account=account.ref, principal=can, action=action, resource=on))

    assert can in body(first)
    assert "Allowed" in who
    assert cannot not in who
    assert "<mark" in why
    assert f"of this {'project' if cloud == 'gcp' else 'subscription'}" not in first


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_what_one_can_do_is_a_table_of_its_services(client, cloud, can, cannot, action, on):
    account = MADE[cloud]()

    page = shown(client, account=account.ref, principal=can)

    assert f"What {can} can do" in page
    assert "Given by" in page
    assert "AWS" not in body(page)


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_the_form_suggests_in_the_words_of_the_cloud(client, cloud, can, cannot, action, on):
    account = MADE[cloud]()

    form = shown(client, account=account.ref).split('<form class="ask"')[1].split("</form>")[0]
    found = shown(client, "/access/actions/", account=account.ref, action=action[:8])

    assert "s3:GetObject" not in form
    assert can in form
    assert action.lower() in found.lower() or cloud == "azure"


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_changes_say_who_lost_what(client, cloud, can, cannot, action, on):
    account = MADE[cloud]()
    MADE[cloud](START + DAY, ())

    page = body(shown(client, "/access/changes/", account=account.ref))

    assert can in page
    assert "Lost" in page


def test_a_listing_that_was_refused_is_no_loss(client):
    account = azure_()
    azure_(START + DAY, (), refused=("Microsoft.Authorization/roleAssignments",))

    page = body(shown(client, "/access/changes/", account=account.ref))

    assert "Lost" not in page


def test_a_policy_that_was_not_read_makes_unknown(client):
    account = gcp(refused=("cloudresourcemanager.googleapis.com/Project",))

    page = body(shown(client, account=account.ref, action=INVOKE, resource="pay"))

    assert "Not everything was read" in page


def test_the_page_of_a_principal_leads_here(client):
    account = gcp()
    robot = Resource.objects.get(kind="iam.googleapis.com/ServiceAccount")

    page = shown(client, f"/resources/{robot.pk}/")

    assert f'href="/access/?account={account.ref}&amp;principal=serviceAccount%3Aapp%40shop' in page


@pytest.mark.parametrize("cloud", MADE)
def test_nobody_else_sees_any_of_it(client, cloud):
    account = MADE[cloud]()
    client.force_login(a_person("analyst", account_in("others", "444455556666").group))

    for path in ("/access/", "/access/paths/", "/access/changes/"):
        assert client.get(path, {"account": account.ref}).status_code == 404


@pytest.mark.parametrize("cloud", MADE)
def test_hostile_text_stays_text(client, cloud):
    account = account_of(cloud)
    if cloud == "gcp":
        clouds.scanned(account, *a_project(("roles/run.invoker", f"user:{HOSTILE}")), a_service(HOSTILE), at=START)
    else:
        clouds.scanned(
            account, *a_subscription(azure.principal(HOSTILE, displayName=HOSTILE), azure.holds(HOSTILE, "Owner")),
            a_site(HOSTILE), at=START,
        )  # fmt: skip

    for path, query in (
        ("/access/", {}),
        ("/access/", {"principal": HOSTILE}),
        ("/access/", {"action": INVOKE if cloud == "gcp" else PUBLISH}),
        ("/access/", {"action": HOSTILE, "resource": HOSTILE}),
        ("/access/paths/", {}),
        ("/access/changes/", {}),
    ):
        assert "<script>alert" not in shown(client, path, account=account.ref, **query)


@pytest.mark.parametrize(("cloud", "can", "cannot", "action", "on"), ASKED)
def test_every_question_costs_the_same_however_many_there_are(
    client, django_assert_max_num_queries, cloud, can, cannot, action, on
):
    account = account_of(cloud)
    for at in (START, START + DAY):
        if cloud == "gcp":
            people = " ".join(f"user:u{n}@shop.example" for n in range(30))
            around = a_project(("roles/run.invoker", f"{ANN} {people}"), ("roles/run.viewer", BOB))
            clouds.scanned(account, *around, *(a_service(name) for name in ("pay", "b", "c")), at=at)
        else:
            held = [azure.holds(f"u{n}", "Reader", kind="User") for n in range(30)]
            held += [azure.holds(azure.ME, "Publisher"), azure.holds(azure.OTHER, "Reader")]
            clouds.scanned(account, *a_subscription(*held), *(a_site(name) for name in ("orders", "b", "c")), at=at)
    client.force_login(an_admin())
    here = f"?account={account.ref}"

    for path, most in (
        (f"/access/{here}", 20),
        (f"/access/{here}&action={action}&resource={on}", 20),
        (f"/access/{here}&principal={can}", 20),
        (f"/access/{here}&principal={can}&action={action}&resource={on}", 20),
        (f"/access/paths/{here}", 24),
        (f"/access/changes/{here}", 24),
    ):
        estates.forget()
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200
