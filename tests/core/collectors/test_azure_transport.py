"""The road to Azure: credentials by its own chain, addresses, next pages, and what refusals mean."""

from __future__ import annotations

import base64
import json

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from posture.runtime.sample.azure.estate import SUBSCRIPTION
from posture.runtime.sample.azure.server import sample_subscription
from scanners import scan
from scanners.collectors.azure import account, quotas
from scanners.collectors.azure.errors import refusal
from scanners.collectors.azure.http import Http
from scanners.collectors.azure.rights import allows, unseen
from scanners.collectors.azure.transport import Transport
from scanners.collectors.azure.words import arm_id, query
from scanners.collectors.cloud import Call, Refusal
from scanners.collectors.rest import Reply
from scanners.model import Place, Provider, State
from scanners.model.globs import matches

HERE = Place(SUBSCRIPTION, "global", "azure")
HOSTS = account.CLOUDS[account.PUBLIC]
SITES, CONFIG = Call("web", "web_apps.list", items="value"), Call("web", "web_apps.get_configuration")
APPS = Call("graph", "applications.list", items="value")
SITE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Web/sites/orders"


def body(code, message="no"):
    return json.dumps({"error": {"code": code, "message": message}}).encode()


REFUSALS = [
    # status, body → state, code
    (403, body("AuthorizationFailed"), State.DENIED, "AuthorizationFailed"),
    (401, body("ExpiredAuthenticationToken"), State.DENIED, "ExpiredAuthenticationToken"),
    (401, body("InvalidAuthenticationTokenTenant"), State.DENIED, "InvalidAuthenticationTokenTenant"),
    (404, body("SubscriptionNotFound"), State.DENIED, "SubscriptionNotFound"),
    (403, body("Authorization_RequestDenied"), State.DENIED, "Authorization_RequestDenied"),
    (403, body("SomethingNew"), State.DENIED, "SomethingNew"),
    (409, body("MissingSubscriptionRegistration"), State.NOT_OPTED_IN, "MissingSubscriptionRegistration"),
    (404, body("ResourceNotFound"), State.UNSUPPORTED, "ResourceNotFound"),
    (400, body("InvalidApiVersionParameter"), State.UNSUPPORTED, "InvalidApiVersionParameter"),
    (409, body("Conflict"), State.UNSUPPORTED, "Conflict"),
    (429, body("RateLimiting"), State.THROTTLED, "RateLimiting"),
    (429, body("ResourceNotFound"), State.THROTTLED, "ResourceNotFound"),
    (429, b"", State.THROTTLED, "TooManyRequests"),
    (503, body("AuthorizationFailed"), State.UNREACHABLE, "AuthorizationFailed"),
    (500, body("InternalServerError"), State.UNREACHABLE, "InternalServerError"),
    (504, body("GatewayTimeout"), State.UNREACHABLE, "GatewayTimeout"),
    (502, b"<html>Bad Gateway</html>", State.UNREACHABLE, "502"),
    (404, b'{"Code": "NotFound", "Message": "App Service says so"}', State.UNSUPPORTED, "NotFound"),
    (403, b'{"error": "text"}', State.DENIED, "Forbidden"),
    (403, b'{"error": {"code": 7}}', State.DENIED, "Forbidden"),
    (404, b"\xff", State.UNSUPPORTED, "404"),
    (302, b"", State.PARSE_ERROR, "302"),
]


@pytest.mark.parametrize(("status", "said", "state", "code"), REFUSALS)
def test_a_refusal_means_what_azure_says_it_means(status, said, state, code):
    no = refusal(status, {}, said)

    assert (no.state, no.code) == (state, code)


WAITS = [
    ({"retry-after": "7"}, 7),
    ({"retry-after": "-1"}, 0),
    ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:05"}, 5),
    ({"x-ms-user-quota-remaining": "3", "x-ms-user-quota-resets-after": "00:00:05"}, None),
    ({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "soon"}, None),
    ({"x-ms-user-quota-remaining": "0"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), WAITS)
def test_the_wait_that_azure_asks_for_is_kept(headers, seconds):
    assert refusal(429, headers, b"").retry_after == seconds


PATTERNS = [
    ("*", "Microsoft.Web/sites/read", True),
    ("*/read", "Microsoft.Web/sites/Read", True),
    ("Microsoft.Web/*/read", "microsoft.web/sites/config/READ", True),
    ("Microsoft.Web/sites/*", "Microsoft.Web/sites", False),
    ("Microsoft.Web/sites/read", "Microsoft.Web/sites/read/x", False),
    ("*/write", "Microsoft.Web/sites/read", False),
    ("a*a", "a", False),
    ("a*b*c", "aXXbYYc", True),
    ("a*b*c", "aXXcYYb", False),
    ("", "", True),
    ("", "x", False),
    ("x" + "*x" * 5_000 + "y", "x" * 20_000, False),
]


@pytest.mark.parametrize(("pattern", "text", "fits"), PATTERNS, ids=range(len(PATTERNS)))
def test_a_pattern_of_a_role_covers_what_it_says(pattern, text, fits):
    assert matches(pattern, text) is fits


def test_what_a_role_takes_away_it_does_not_hold():
    role = {
        "properties": {"permissions": [{"actions": ["*"], "notActions": ["Microsoft.Web/*"]}, {"actions": ["a/read"]}]}
    }

    assert allows(role, "Microsoft.Storage/storageAccounts/read")
    assert not allows(role, "Microsoft.Web/sites/read")
    assert unseen([role, {}], ["a/read", "Microsoft.Web/sites/read"]) == ["Microsoft.Web/sites/read"]


class Canned:
    """Stands where HTTP does."""

    def __init__(self, *replies):
        self.replies, self.asked = list(replies), []

    def fetch(self, verb, url, query, body, audience):
        self.asked.append((verb, url, query, body, audience))
        return self.replies.pop(0)

    def token(self, audience):
        claims = base64.urlsafe_b64encode(b'{"oid": "5ca11e50-0000"}').decode().rstrip("=")
        return f"x.{claims}.y"

    def close(self):
        pass


def asked(call, params, *said, endpoint=""):
    http = Canned(*(Reply(200, {}, json.dumps(one).encode()) for one in said or [{"value": []}]))
    transport = Transport(http, SUBSCRIPTION, HOSTS, endpoint=endpoint)
    transport.ask(HERE, call, params)
    return http.asked[-1]


def test_a_request_goes_where_microsofts_client_sends_it():
    verb, url, asked_for, sent, audience = asked(SITES, {"subscriptionId": "{subscription}"})

    assert (verb, url) == (
        "GET",
        f"https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/sites",
    )
    assert (asked_for, sent, audience) == ([("api-version", "2025-05-01")], None, "https://management.azure.com")


def test_the_directory_is_asked_with_a_token_of_its_own():
    _, url, asked_for, _, audience = asked(APPS, {"$top": 999})

    assert url == "https://graph.microsoft.com/v1.0/applications"
    assert (asked_for, audience) == ([("$top", "999")], "https://graph.microsoft.com")


def test_a_resources_id_fills_the_address_whatever_its_case():
    _, url, _, _, _ = asked(CONFIG, {"id": SITE.replace("resourceGroups", "RESOURCEGROUPS")}, {})

    assert url.endswith("/resourceGroups/shop/providers/Microsoft.Web/sites/orders/config/web")


@pytest.mark.parametrize(
    "id",
    [
        SITE.replace("Microsoft.Web", "Microsoft.Sql"),
        SITE.replace("orders", ".."),
        SITE.replace("orders", "%2e%2e"),
        SITE.replace("shop", ""),
        SITE + "/config/web/x",
        "https://elsewhere.example/x",
        "/",
    ],
)
def test_a_hostile_id_leads_nowhere_else(id):
    with pytest.raises((Refusal, KeyError)) as no:
        asked(CONFIG, {"id": id}, {})

    assert isinstance(no.value, KeyError) or no.value.code == "NotAnAddress"


def test_a_name_with_signs_of_an_address_stays_a_name():
    _, url, _, _, _ = asked(CONFIG, {"id": SITE.replace("orders", "a?b#c d")}, {})

    assert "/sites/a%3Fb%23c%20d/config/web" in url


NEXT = "https://management.azure.com/subscriptions/x/providers/Microsoft.Web/sites?$skiptoken=1"


@pytest.mark.parametrize("link", [NEXT, NEXT.replace(".com/", ".com:443/"), NEXT.replace("management", "MANAGEMENT")])
def test_the_next_page_is_asked_where_the_cloud_says(link):
    _, url, asked_for, _, _ = asked(SITES, {"nextLink": link})

    assert url.lower() == NEXT.lower()
    assert asked_for == []


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/subscriptions",
        "http://management.azure.com/subscriptions",
        "https://management.azure.com:8443/subscriptions",
        "https://management.azure.com@elsewhere.example/x",
        "https://me@management.azure.com/x",
        "https://management.azure.com.elsewhere.example/x",
        "https://graph.microsoft.com/v1.0/applications",
        "https://management.azure.com:port/x",
        "/relative",
    ],
)
def test_our_token_goes_to_no_other_host(link):
    with pytest.raises(Refusal) as no:
        asked(SITES, {"nextLink": link})

    assert no.value.code == "ForeignNextLink"


@pytest.mark.parametrize("said", [b"", b"[]", b"{", b"\xff", b"<html>", b"{}", b'{"value": {}}'])
def test_what_is_no_list_was_not_understood(said):
    transport = Transport(Canned(Reply(200, {}, said)), SUBSCRIPTION, HOSTS)

    with pytest.raises(Refusal) as no:
        transport.ask(HERE, SITES, {"subscriptionId": "x"})

    assert no.value.state is State.PARSE_ERROR


QUERY = query("Microsoft.Web/sites")
BOUND = {"value": [{"name": "1", "properties": {"roleDefinitionId": "/x/READER", "principalId": "5ca11e50-0000"}}]}
READER = {"value": [{"name": "reader", "properties": {"permissions": [{"actions": ["*/read"]}]}}]}


def queried(*said):
    http = Canned(*(Reply(200, {}, json.dumps(one).encode()) for one in said))
    return Transport(http, SUBSCRIPTION, HOSTS), http


def test_a_query_is_asked_once_it_is_known_that_nothing_is_hidden():
    transport, http = queried(BOUND, READER, {"data": [], "$skipToken": "t"}, {"data": []})

    first = transport.ask(HERE, QUERY, QUERY.params)
    transport.ask(HERE, QUERY, {**QUERY.params, "$skipToken": first["$skipToken"]})

    assert http.asked[0][2][1] == ("$filter", "atScope() and assignedTo('5ca11e50-0000')")
    assert [one[0] for one in http.asked] == ["GET", "GET", "POST", "POST"]
    assert http.asked[2][3]["subscriptions"] == [SUBSCRIPTION]
    assert http.asked[2][3]["options"] == {"$top": 1000, "resultFormat": "objectArray"}
    assert http.asked[3][3]["options"]["$skipToken"] == "t"


CONDITIONAL = {"value": [{**BOUND["value"][0], "properties": {**BOUND["value"][0]["properties"], "condition": "@x"}}]}
NARROW = {
    "value": [
        {"name": "reader", "properties": {"permissions": [{"actions": ["*/read"], "notActions": ["Microsoft.Web/*"]}]}}
    ]
}


@pytest.mark.parametrize("said", [({"value": []},), (CONDITIONAL,), (BOUND, NARROW), (BOUND, {"value": []})])
def test_a_query_that_would_hide_rows_is_not_asked(said):
    transport, http = queried(*said)

    with pytest.raises(Refusal) as no:
        transport.ask(HERE, QUERY, QUERY.params)

    assert (no.value.code, no.value.state) == ("RowsHidden", State.DENIED)
    assert http.replies == []


def test_rows_that_are_cut_off_without_a_next_page_are_no_answer():
    transport, _ = queried(BOUND, READER, {"data": [], "resultTruncated": "true"})

    with pytest.raises(Refusal) as no:
        transport.ask(HERE, QUERY, QUERY.params)

    assert no.value.code == "PartialAnswer"


@pytest.mark.parametrize(
    ("told", "spelled"),
    [
        (SITE, SITE),
        (SITE.lower().replace("microsoft.web", "MICROSOFT.WEB"), SITE),
        ("/SUBSCRIPTIONS/s/resourcegroups/RG/providers/microsoft.web/SITES/Orders",
         "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Web/sites/Orders"),
        ("/x", "/x"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_id_is_spelled_one_way_but_for_its_names(told, spelled):
    assert arm_id(told, "Microsoft.Web/sites") == spelled


class Broken:
    def __init__(self, error):
        self.error = error

    def get_token(self, *scopes, **more):
        raise self.error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ClientAuthenticationError("wrong secret"), State.DENIED),
        (CredentialUnavailableError("nothing is set"), State.DENIED),
        (ServiceRequestError("no network"), State.UNREACHABLE),
    ],
)
def test_credentials_that_fail_say_so(error, state):
    with pytest.raises(Refusal) as no:
        Http(Broken(error)).fetch("GET", "https://management.azure.com/x", [], None, "https://management.azure.com")

    assert no.value.state is state


TOKEN = account.SampleToken("token")


@pytest.mark.parametrize("tenant", ["", "5ca11e50-7e4a-4000-8000-0000000000bb"])
def test_credentials_are_found_by_azures_own_chain(monkeypatch, tenant):
    for name, value in {"TENANT_ID": "t", "CLIENT_ID": "c", "CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
    asked = []
    monkeypatch.setattr(
        "azure.identity.ClientSecretCredential.get_token",
        lambda self, *scopes, **more: asked.append((self._client_id, scopes, more["tenant_id"])) or TOKEN,
    )
    monkeypatch.setattr(
        "azure.identity._credentials.environment.EnvironmentCredential.get_token",
        lambda self, *scopes, **more: self._credential.get_token(*scopes, **more),
    )
    transport = account.connect(account.Connection(SUBSCRIPTION, tenant=tenant, client="c" if tenant else ""))

    token = transport._http.token("https://management.azure.com")
    transport.close()

    assert token == "token"
    assert asked == [("c", ("https://management.azure.com/.default",), tenant or None)]


@pytest.mark.parametrize(
    ("authority", "arm"),
    [
        ("login.microsoftonline.us", "management.usgovcloudapi.net"),
        ("https://login.chinacloudapi.cn/", "management.chinacloudapi.cn"),
        (None, "management.azure.com"),
    ],
)
def test_other_clouds_have_other_hosts(monkeypatch, authority, arm):
    monkeypatch.delenv("AZURE_AUTHORITY_HOST", raising=False)
    if authority:
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", authority)

    assert account.hosts()["arm"] == arm


def test_a_cloud_that_is_not_known_is_sent_no_token(monkeypatch):
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.elsewhere.example")

    with pytest.raises(Refusal):
        account.hosts()


@pytest.mark.parametrize("endpoint", ["https://example.com", "http://10.0.0.1:80", "file:///etc/passwd", "nonsense"])
def test_a_sample_subscription_stands_on_this_machine_only(endpoint):
    with pytest.raises(Refusal):
        account.connect(account.Connection(SUBSCRIPTION, endpoint=endpoint))


@pytest.mark.parametrize("subscription", ["", "shop", "../x", "5ca11e50"])
def test_what_is_no_subscriptions_id_is_asked_nothing(subscription):
    with pytest.raises(Refusal) as no:
        account.connect(account.Connection(subscription))

    assert no.value.code == "InvalidSubscriptionId"


@pytest.fixture(scope="module")
def cloud():
    with sample_subscription() as cloud:
        yield cloud


def test_the_caller_is_who_the_token_says(cloud):
    transport = account.connect(account.Connection(SUBSCRIPTION, endpoint=cloud.endpoint))
    who = scan.arrive(transport, provider=Provider.AZURE).who
    transport.close()

    assert (who.account, who.arn, who.partition) == (SUBSCRIPTION, account.SAMPLE_PRINCIPAL, "azure")


def test_another_subscription_is_not_ours_to_see(cloud):
    other = "5ca11e50-f04e-4011-8000-0000000000ff"
    transport = account.connect(account.Connection(other, endpoint=cloud.endpoint))

    with pytest.raises(Refusal) as no:
        scan.arrive(transport, provider=Provider.AZURE)
    transport.close()

    assert no.value.code == "SubscriptionNotFound"


def fetched(cloud, path, query=(), verb="GET", body=None, audience="https://management.azure.com"):
    http = Http(account.SampleCredential(), loopback=True)
    reply = http.fetch(verb, cloud.endpoint + path, list(query), body, audience)
    http.close()
    return reply.status, json.loads(reply.body)


ARM, VERSION = f"/management.azure.com/subscriptions/{SUBSCRIPTION}", ("api-version", "2025-05-01")
GRAPH = "/providers/Microsoft.ResourceGraph/resources"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (f"{ARM}/providers/Microsoft.Web/sites", [VERSION], 200),
        (f"{ARM}/PROVIDERS/microsoft.web/SITES", [VERSION], 200),
        (f"{ARM}/providers/Microsoft.Web/sites", [], 400),
        (f"{ARM}/providers/Microsoft.Web/sites", [("api-version", "1999-01-01")], 400),
        (f"{ARM}/providers/Microsoft.Web/sites", [VERSION, ("$top", "5")], 400),
        (f"{ARM}/providers/Microsoft.Web/nonsense", [VERSION], 404),
        (f"{ARM}/resourceGroups/shop/providers/Microsoft.Web/sites/none/config/web", [VERSION], 404),
        ("/elsewhere.example/x", [], 404),
    ],
)
def test_the_double_refuses_what_azure_would(cloud, path, query, status):
    assert fetched(cloud, path, query)[0] == status


KQL = QUERY.params["query"]


@pytest.mark.parametrize(
    ("kql", "options", "status"),
    [
        (KQL, {"resultFormat": "objectArray"}, 200),
        (KQL, {"resultFormat": "table"}, 400),
        (KQL.replace(" | order by id asc", ""), {"resultFormat": "objectArray"}, 400),
        (KQL.replace("id, name", "name"), {"resultFormat": "objectArray"}, 400),
        (KQL, {"resultFormat": "objectArray", "$skipToken": "made up"}, 400),
    ],
)
def test_the_double_takes_no_query_that_would_lose_rows(cloud, kql, options, status):
    said = {"subscriptions": [SUBSCRIPTION], "query": kql, "options": options}

    got, _ = fetched(cloud, f"/management.azure.com{GRAPH}", [("api-version", "2021-03-01")], "POST", said)

    assert got == status


def test_the_double_demands_a_token_of_the_right_audience(cloud):
    status, said = fetched(
        cloud, f"{ARM}/providers/Microsoft.Web/sites", [VERSION], audience="https://graph.microsoft.com"
    )

    assert (status, said["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_the_double_has_a_second_page_of_everything(cloud):
    _, first = fetched(cloud, f"{ARM}/providers/Microsoft.Storage/storageAccounts", [("api-version", "2026-09-01")])
    _, second = fetched(cloud, first["nextLink"].removeprefix(cloud.endpoint))

    assert (len(first["value"]), len(second["value"])) == (1, 2)
    assert "nextLink" not in second


def test_resource_graph_is_asked_no_faster_than_it_publishes():
    assert quotas.rate("resourcegraph") == ("resourcegraph", 3.0)
    assert quotas.rate("web") == quotas.rate("sql") == ("arm", 25.0)
