"""Who may call what: every route in the table, asked by everybody.  A route that is missing there turns this red."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path, reverse

from posture import urls
from posture.actions import accounts, schedules
from posture.models import AccountGroup, Finding, Organisation, Person, Resource
from tests.core.cases import resource
from tests.publishing import publish, saw
from tests.web.builders import OPEN_POLICY, START, a_queue, account_in

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in urls.ROUTES}
OF_AN_ACCOUNT = ("accounts", "accounts/organisations", "findings", "functions", "resources", "scans", "schedules")
WHO = ("nobody", "viewer", "analyst", "admin", "viewer of other accounts", "analyst of other accounts")


@pytest.fixture(scope="module")
def samples(django_db_setup, django_db_blocker):
    """Of each thing that an address can name one, all of the same account; by the first words of the address.

    Made once for all tests here: each of them takes back what it changed.
    """
    with django_db_blocker.unblock():
        account = account_in("ours")
        function = resource("AWS::Lambda::Function", ListFunctions={"Role": "arn:aws:iam::111122223333:role/x"})
        scan = publish(
            account,
            saw("eu-west-1", "sqs", a_queue(Policy=OPEN_POLICY)),
            saw("eu-west-1", "lambda", function),
            at=START,
        )
        schedules.set_schedule(account=account, cron="0 3 * * *", timezone="UTC", now=START)
        organisation = Organisation.objects.create(
            provider="aws", ref="o-exampleorg1", name="Ours", group=account.group, endpoint="http://127.0.0.1:1"
        )
        yield {
            "accounts": account.pk,
            "accounts/connect": "gcp",
            "accounts/organisations": organisation.pk,
            "accounts/organisations/connect": "gcp",
            "checks": "aws.sqs.public",
            "findings": Finding.objects.get(check_id="aws.sqs.public").key,
            "functions": Resource.objects.get(kind=function.kind).pk,
            "people": somebody("invited", "viewer").pk,
            "people/groups": account.group_id,
            "resources": Resource.objects.get(kind="AWS::SQS::Queue").pk,
            "scans": scan.pk,
            "schedules": account.pk,
        }
        organisation.delete()
        accounts.remove(account=account)
        Person.objects.all().delete()
        AccountGroup.objects.all().delete()


@pytest.fixture(scope="module")
def people(samples, django_db_blocker):
    with django_db_blocker.unblock():
        there = {who: somebody(who, who.split()[0], "theirs" if "other" in who else "ours") for who in WHO[1:]}
    return {"nobody": None, **there}


def somebody(who, role, *groups):
    """Who needs no password: making one takes longer than all else here."""
    person = Person.objects.create_user(f"{who.replace(' ', '.')}@example.test", None, role=role)
    person.account_groups.set(accounts.group(name) for name in groups)
    return person


def subject(route):
    """What the address names: the words before its first parameter."""
    return route.path.partition("/<")[0] if "<" in route.path else ""


def address(route, samples):
    return "/" + re.sub(r"<[^>]+>", lambda _: str(samples[subject(route)]), route.path)


def expected(route, who, person, method):
    """The status that the table promises; None: whatever the page itself answers."""
    least = route.reads if method == "get" else route.writes
    if person is None:
        return 302
    if least is None:
        return 404 if method == "get" else 405
    if not person.may(least) or ("other accounts" in who and subject(route) in OF_AN_ACCOUNT):
        return 404
    return None


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_everybody_gets_what_the_table_of_routes_promises(route, method, samples, people):
    for who in WHO:
        client, person = Client(), people[who]
        if person:
            client.force_login(person)

        answer = getattr(client, method)(address(route, samples))

        promised = expected(route, who, person, method)
        if promised is None:
            assert answer.status_code in (200, 302, 400), f"{who} may {method} this"
        else:
            assert answer.status_code == promised, f"{who} may not {method} this"
        if person is None:
            assert answer["Location"].startswith(reverse("account_login"))


def unlisted():
    """Addresses that somebody answers, and that are not in the table."""
    listed = {*ROUTES, *urls.ENTRANCE}
    return [address for address, name in leaves(get_resolver()) if name not in listed]


def leaves(resolver, before=""):
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.name
        else:
            yield from leaves(pattern, address)


def test_no_address_is_answered_past_the_table():
    assert unlisted() == []


def test_a_route_past_the_table_would_be_found(monkeypatch):
    planted = path("planted/", lambda request: HttpResponse("open to all"), name="planted")
    monkeypatch.setattr(get_resolver(), "url_patterns", [*urls.urlpatterns, planted])

    assert unlisted() == ["planted/"]


def test_the_way_in_asks_strangers_to_sign_in_where_its_table_says_so(client):
    nobody_in_particular = {"account_reset_password_from_key": {"uidb36": "1", "key": "a-b"}}
    for name, who in urls.ENTRANCE.items():
        answer = client.get(reverse(name, kwargs=nobody_in_particular.get(name)))

        sent_away = answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
        assert sent_away == (who != urls.ANYBODY), name


@pytest.mark.parametrize("address", ["email/", "confirm-email/", "confirm-email/abc/", "login/code/confirm/"])
def test_nobody_gives_themselves_another_address(client, people, address):
    """An address is who one is: with allauth's page for it, a viewer took the admin's."""
    client.force_login(people["viewer"])

    assert client.get(f"/account/{address}").status_code == 404


@pytest.mark.parametrize("route", [r for r in ROUTES.values() if r.reads == "viewer"], ids=lambda route: route.name)
def test_a_nul_in_an_address_is_no_error_of_ours(route, samples, people, client):
    """Postgres takes none.  Each name that a page's filters have is asked, and some that none has."""
    client.force_login(people["viewer"])
    for name in ("account", "after", "as_of", "before", "cause", "q", "region", "service", "sort", "state", "a\x00b"):
        assert client.get(address(route, samples), {name: "a\x00b"}).status_code == 400, name
    if "<str:" in route.path:
        assert client.get(f"/{subject(route)}/%00/").status_code == 404


@pytest.mark.parametrize("route", [r for r in ROUTES.values() if r.reads is None], ids=lambda route: route.name)
def test_what_changes_something_cannot_be_got(route, samples, people):
    client = Client()
    client.force_login(people["admin"])

    assert client.get(address(route, samples)).status_code in (404, 405)


@pytest.mark.parametrize("route", [r for r in ROUTES.values() if r.writes], ids=lambda route: route.name)
def test_a_change_needs_the_token_of_a_form_of_ours(route, samples, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["admin"])

    assert client.post(address(route, samples)).status_code == 403


@pytest.mark.parametrize("route", [r for r in ROUTES.values() if subject(r) in OF_AN_ACCOUNT], ids=lambda r: r.name)
def test_what_is_not_theirs_looks_like_what_does_not_exist(route, samples, people):
    """Only for routes that a viewer or analyst may call; the answers are compared word by word."""
    client = Client()
    client.force_login(people["analyst of other accounts"])
    method = client.get if route.reads else client.post

    nowhere = dict.fromkeys(samples, 987654321)
    foreign, missing = method(address(route, samples)), method(address(route, nowhere))

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert told(foreign, address(route, samples)) == told(missing, address(route, nowhere))


def told(answer, asked):
    """The page without its own address, which links may repeat, and without the token that every page has anew."""
    text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", answer.content.decode())
    return text.replace(asked, "…")


def test_a_deactivated_person_is_a_stranger(client, people):
    client.force_login(people["viewer"])
    Person.objects.update(is_active=False)

    assert client.get("/").status_code == 302
