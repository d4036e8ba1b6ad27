"""Functions of projects and subscriptions: one list with all others, and a page that answers the same questions."""

from __future__ import annotations

import pytest

from posture.models import Resource
from posture.queries import estates
from tests import clouds
from tests.clouds import ANN, ROBOT, a_project, a_service, a_site, a_subscription, account_of
from tests.core import azure, google
from tests.core.cases import resource
from tests.web.builders import DAY, HOSTILE, START, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db
WORKER = "eeee"  # the identity of the site


@pytest.fixture(autouse=True)
def _fresh():
    estates.forget()


def gcp(*bindings, at=START, own=(), refused=(), **more):
    account = account_of("gcp")
    clouds.scanned(account, *a_project(*bindings), a_service("pay", *own, **more), at=at, refused=refused)
    return account


def azure_(*assigned, at=START, site=None, refused=()):
    account = account_of("azure")
    held = [azure.holds(WORKER, name) for name in assigned]
    others = (azure.holds(azure.OTHER, "Contributor"), azure.holds(azure.ME, "Reader"))
    clouds.scanned(account, *a_subscription(*held, *others), site or a_site(), at=at, refused=refused)
    return account


MADE = {"gcp": (gcp, "pay"), "azure": (azure_, "orders")}


def shown(client, path="/functions/", **query):
    client.force_login(an_admin())
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def page_of(client, name, **query):
    found = Resource.objects.get(name=name, kind__in=["run.googleapis.com/Service", "Microsoft.Web/sites"])
    return shown(client, f"/functions/{found.pk}/", **query)


def section(page, name):
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def head(page):
    return page.partition('class="answer"')[2].partition("</header>")[0]


# the list


def test_functions_of_all_clouds_stand_in_one_list(client):
    gcp(own=(("roles/run.invoker", "allUsers"),))
    azure_(site=a_site(level="anonymous"))

    page = shown(client)

    assert "<b>2 functions</b>" in page
    assert "Cloud Run service" in page
    assert "Function App" in page
    assert page.count(">anyone<") == 2
    assert "Python|3.12" in page
    assert "container image" in page


def test_an_app_that_runs_no_functions_is_not_in_the_list(client):
    web = a_site("shop")
    web.documents["resource"]["kind"] = "app,linux"
    clouds.scanned(account_of("azure"), *a_subscription(), web, a_site(), at=START)

    page = shown(client)

    assert "<b>1 function</b>" in page
    assert ">shop<" not in page


# one function


def test_strangers_are_told_by_name_even_where_nothing_names_them(client):
    gcp(("roles/run.invoker", ANN))

    page = page_of(client, "pay")

    table = section(page, "invoke")
    assert "Strangers cannot invoke it" in head(page)
    assert "Denied" in table.partition(">Anyone")[2].partition("</tr>")[0]
    assert "Denied" in table.partition(">Any Google account")[2].partition("</tr>")[0]
    assert "Allowed" in table.partition("ann@shop.example")[2].partition("</tr>")[0]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("allUsers", "Anyone on the internet can invoke it"),
        ("allAuthenticatedUsers", "Any Google account can invoke it"),
    ],
)
def test_the_answer_says_which_strangers_come_in(client, who, sentence):
    gcp(own=(("roles/run.invoker", who),))

    page = page_of(client, "pay")

    assert sentence in head(page)
    assert "roles/run.invoker" in section(page, "invoke")


def test_a_policy_that_was_not_read_makes_the_answer_unknown(client):
    gcp(refused=("cloudresourcemanager.googleapis.com/Project",))

    page = page_of(client, "pay")

    assert "Whether strangers can invoke it is unknown" in head(page)
    assert "Not everything was read" in page


def test_of_an_app_without_keys_its_doors_decide(client):
    azure_(site=a_site(level="anonymous"))

    page = page_of(client, "orders")

    assert "Anyone on the internet can invoke it" in head(page)
    assert "It answers whoever calls it" in section(page, "invoke")
    assert "it asks for no key" in section(page, "invoke")


def test_who_is_handed_the_keys_of_an_app_is_a_table(client):
    azure_()

    table = section(page_of(client, "orders"), "invoke")

    assert "listkeys/action" in table
    assert "Contributor" in table
    assert "other principal" in table


@pytest.mark.parametrize("cloud", MADE)
def test_what_its_identity_reaches_and_needs(client, cloud):
    made, name = MADE[cloud]
    made(*([("roles/secretmanager.secretAccessor", ROBOT)] if cloud == "gcp" else ["Blob"]))

    page = page_of(client, name)

    assert ("secretmanager" if cloud == "gcp" else "microsoft.storage") in section(page, "reach")
    assert "Every statement around it" in section(page, "reach")
    assert section(page, "policy")
    assert "It cannot become an administrator" in section(page, "paths")


@pytest.mark.parametrize(("cloud", "held"), [("gcp", ("roles/owner", ROBOT)), ("azure", "Owner")])
def test_an_identity_that_is_an_administrator_is_said_in_the_answer(client, cloud, held):
    made, name = MADE[cloud]
    made(held)

    page = page_of(client, name)

    assert "is an administrator" in head(page)
    assert "It is an administrator" in section(page, "paths")


def test_who_can_come_to_act_as_its_identity_is_told_hop_by_hop(client):
    gcp(("roles/iam.serviceAccountTokenCreator", ANN))

    paths = section(page_of(client, "pay"), "paths")

    assert "Who can come to act as it" in paths
    assert "ann@shop.example" in paths
    assert "iam.serviceAccounts.getAccessToken" in paths


def test_an_app_without_identity_says_so(client):
    azure_(site=a_site(identity=""))

    page = page_of(client, "orders")

    assert "It has no identity of its own" in section(page, "reach")
    assert "None can be worked out" not in page


# ways in


def a_topic(*bindings):
    ref = "//pubsub.googleapis.com/projects/shop/topics/orders"
    return resource("pubsub.googleapis.com/Topic", ref, region="global", resource={"name": ref},
                    iamPolicy=google.policy(*bindings))  # fmt: skip


def a_push(to):
    ref = "//pubsub.googleapis.com/projects/shop/subscriptions/to-pay"
    body = {"topic": "projects/shop/topics/orders", "pushConfig": {"pushEndpoint": to}}
    return resource("pubsub.googleapis.com/Subscription", ref, region="global", resource=body, iamPolicy={})


def pushed_to(*publishers, refused=()):
    role = google.role("roles/pubsub.publisher", "pubsub.topics.publish")
    around = (role, a_topic(*publishers), a_push("https://pay.example/events"))
    clouds.scanned(account_of("gcp"), *a_project(), *around, a_service(uri="https://pay.example"), at=START,
                   refused=refused)  # fmt: skip


def test_ways_in_are_told_with_who_is_let_in_and_what_nobody_collects(client):
    pushed_to(("roles/pubsub.publisher", ROBOT))

    page = page_of(client, "pay")

    ways = section(page, "ways")
    assert "https://pay.example" in ways
    assert "callers whom IAM allows it" in ways
    assert "Push subscription" in ways
    assert "whoever may publish to the topic" in ways
    assert "Cloud Tasks" in ways
    assert "are not collected" in ways
    assert "Strangers cannot invoke it" in head(page)


def test_a_topic_that_anyone_feeds_is_a_way_in_for_anyone(client):
    pushed_to(("roles/pubsub.publisher", "allUsers"))

    page = page_of(client, "pay")

    assert "<b>anyone may publish to the topic</b>" in section(page, "ways")
    assert "Anyone can reach it" in head(page)


def test_ways_in_that_were_not_read_are_unknown_and_not_none(client):
    bare = a_site()
    for name in ("web_apps.list_functions", "web_apps.get_configuration"):
        bare = clouds.without(bare, name, name)
    azure_(site=bare)
    pushed_to(refused=("pubsub.googleapis.com/Subscription",))

    app, service = page_of(client, "orders"), page_of(client, "pay")

    assert "What stands in front of it is not known: " in section(app, "ways")
    assert "web_apps.list_functions was not read" in section(app, "ways")
    assert "There may be more: " in section(service, "ways")


def test_an_app_tells_its_host_its_functions_and_what_they_ask(client):
    azure_(site=a_site(level="anonymous", defaultHostName="orders.azurewebsites.net"))

    ways = section(page_of(client, "orders"), "ways")

    assert "orders.azurewebsites.net" in ways
    assert "<b>anyone: it asks for no key</b>" in ways
    assert "Front Door" in ways


# thing by thing


def a_secret(*bindings, gaps=()):
    ref = "//secretmanager.googleapis.com/projects/shop/secrets/db"
    made = resource("secretmanager.googleapis.com/Secret", ref, region="global", resource={"name": ref},
                    iamPolicy=google.policy(*bindings))  # fmt: skip
    return clouds.without(made, *gaps) if gaps else made


def test_what_it_reaches_is_told_thing_by_thing_with_the_role_that_decides(client):
    secret = a_secret(("roles/secretmanager.secretAccessor", ROBOT))
    clouds.scanned(account_of("gcp"), *a_project(), secret, a_service(), at=START)

    reach = section(page_of(client, "pay"), "reach")

    pk = Resource.objects.get(name="db").pk
    assert f'href="/resources/{pk}/">db</a>' in reach
    assert '<b>read</b> <small class="soft">by roles/secretmanager.secretAccessor</small>' in reach
    assert "access lists" not in reach  # there is no bucket


def test_what_cannot_be_told_of_a_thing_is_unknown(client):
    secret = a_secret(gaps=("iamPolicy", "secretmanager.secrets.getIamPolicy"))
    clouds.scanned(account_of("gcp"), *a_project(), secret, a_service(), at=START)

    reach = section(page_of(client, "pay"), "reach")

    assert "read, write, delete</span>" in reach
    assert "Unknown because the policy of" in reach


def test_an_identity_that_reaches_nothing_says_of_how_many_things(client):
    azure_(site=a_site())

    reach = section(page_of(client, "orders"), "reach")

    assert "Its identity can do nothing to the 1 thing that was listed" in reach
    assert "PostgreSQL" in reach


# settings


def test_the_settings_say_what_has_to_be_looked_at(client):
    gcp()
    azure_(site=a_site(httpsOnly=False))

    service, app = page_of(client, "pay"), page_of(client, "orders")

    assert "<b>the whole internet</b>" in service
    assert "shop/pay:1" in service
    assert "MODE" in section(service, "variables")
    assert "<b>answered as well</b>" in app
    assert "<dd>1.2" in app


def test_settings_that_were_not_read_are_not_told_as_fine(client):
    azure_(site=clouds.without(a_site(), "web_apps.get_configuration", "web.web_apps.get_configuration"))

    page = page_of(client, "orders")

    assert "Not known" in page
    assert "<dd>1.2" not in page


def test_in_a_large_account_paths_are_worked_out_when_asked(client, monkeypatch):
    monkeypatch.setattr("posture.queries.function_page.MANY_ASKED", 1)
    gcp(("roles/owner", ROBOT), ("roles/run.viewer", ANN))

    before = page_of(client, "pay")

    assert "follow them" in section(before, "paths")
    assert "is an administrator" not in before
    assert "is an administrator" in page_of(client, "pay", paths="yes")


def test_the_page_can_look_back(client):
    gcp(own=(("roles/run.invoker", "allUsers"),))
    gcp(at=START + 2 * DAY)

    assert "Anyone on the internet can invoke it" in page_of(client, "pay", as_of="2026-11-02")
    assert "Strangers cannot invoke it" in page_of(client, "pay")


@pytest.mark.parametrize("cloud", MADE)
def test_nobody_else_sees_it_and_it_is_linked_from_its_resource(client, cloud):
    made, name = MADE[cloud]
    made()
    found = Resource.objects.get(name=name, kind__in=["run.googleapis.com/Service", "Microsoft.Web/sites"])

    assert f'href="/functions/{found.pk}/' in shown(client, f"/resources/{found.pk}/")
    client.force_login(a_person("analyst", account_in("bank", "222222222222").group))
    assert client.get(f"/functions/{found.pk}/").status_code == 404


def test_hostile_text_stays_text(client):
    gcp(("roles/run.invoker", f"user:{HOSTILE}"), own=((HOSTILE, f"user:{HOSTILE}"),))
    azure_(site=a_site(HOSTILE, level=HOSTILE))

    pages = shown(client), page_of(client, "pay"), page_of(client, Resource.objects.get(ref__contains="sites/<").name)

    assert all("<script>alert" not in page for page in pages)


@pytest.mark.parametrize("cloud", MADE)
def test_many_cost_no_more_queries(client, django_assert_max_num_queries, cloud):
    made, name = MADE[cloud]
    made()
    client.force_login(an_admin())
    pk = Resource.objects.get(name=name, kind__in=["run.googleapis.com/Service", "Microsoft.Web/sites"]).pk
    with django_assert_max_num_queries(28):
        assert client.get(f"/functions/{pk}/").status_code == 200
    account = account_of(cloud)
    if cloud == "gcp":
        people = " ".join(f"user:u{n}@shop.example" for n in range(20))
        many = [a_service(f"s{n}", ("roles/run.invoker", people)) for n in range(20)]
        clouds.scanned(account, *a_project(), a_service(), *many, at=START + DAY)
    else:
        many = [a_site(f"s{n}", identity=f"i{n}") for n in range(20)]
        held = [azure.holds(f"i{n}", "Reader") for n in range(20)]
        clouds.scanned(account, *a_subscription(*held), a_site(), *many, at=START + DAY)

    with django_assert_max_num_queries(28):
        assert client.get(f"/functions/{pk}/").status_code == 200
    with django_assert_max_num_queries(11):
        assert client.get("/functions/").status_code == 200
