"""The road to Google: credentials by its own chain, addresses, and what refusals mean."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from posture.runtime.sample.gcp.server import sample_project
from scanners import scan
from scanners.collectors.cloud import Call, Refusal
from scanners.collectors.gcp import account
from scanners.collectors.gcp.errors import refusal
from scanners.collectors.gcp.http import Reply
from scanners.collectors.gcp.transport import Transport, _override
from scanners.model import Place, Provider, State

HERE = Place("fernhollow-shop", "global", "gcp")


def body(status="", message="no", reason="", off=None, **detail):
    told = {"message": message, **({"status": status} if status else {}), "errors": [{"reason": reason}]}
    if off is not None:
        detail = {"reason": "SERVICE_DISABLED", "metadata": {"consumer": off}}
    return json.dumps({"error": {**told, **({"details": [detail]} if detail else {})}}).encode()


REFUSALS = [
    # status, body → state, code
    (403, body("PERMISSION_DENIED"), State.DENIED, "PERMISSION_DENIED"),
    (403, body(reason="forbidden"), State.DENIED, "PERMISSION_DENIED"),
    (401, body("UNAUTHENTICATED"), State.DENIED, "UNAUTHENTICATED"),
    (429, body("RESOURCE_EXHAUSTED"), State.THROTTLED, "RESOURCE_EXHAUSTED"),
    (403, body(reason="rateLimitExceeded"), State.THROTTLED, "RATE_LIMIT_EXCEEDED"),
    (403, body("PERMISSION_DENIED", reason="userRateLimitExceeded"), State.THROTTLED, "RATE_LIMIT_EXCEEDED"),
    (404, body("NOT_FOUND"), State.UNSUPPORTED, "NOT_FOUND"),
    (404, body(reason="notFound"), State.UNSUPPORTED, "NOT_FOUND"),
    (400, body("INVALID_ARGUMENT"), State.UNSUPPORTED, "INVALID_ARGUMENT"),
    (500, body("INTERNAL"), State.UNREACHABLE, "INTERNAL"),
    (503, body("UNAVAILABLE"), State.UNREACHABLE, "UNAVAILABLE"),
    (501, body("UNIMPLEMENTED"), State.UNSUPPORTED, "UNIMPLEMENTED"),
    (418, body("NEW_CODE"), State.UNSUPPORTED, "NEW_CODE"),
    (502, b"<html>Bad Gateway</html>", State.UNREACHABLE, "UNAVAILABLE"),
    (403, b"<html>a proxy says no</html>", State.DENIED, "PERMISSION_DENIED"),
    (404, b'{"error": "text"}', State.UNSUPPORTED, "NOT_FOUND"),
    (404, b"\xff", State.UNSUPPORTED, "NOT_FOUND"),
    (302, b"", State.PARSE_ERROR, "302"),
]


@pytest.mark.parametrize(("status", "said", "state", "code"), REFUSALS)
def test_a_refusal_means_what_google_says_it_means(status, said, state, code):
    no = refusal(status, {}, said, lambda project: False)

    assert (no.state, no.code) == (state, code)


def test_the_wait_that_google_asks_for_is_kept():
    told = body("RESOURCE_EXHAUSTED", retryDelay="2.5s")

    assert refusal(429, {"retry-after": "7"}, told, lambda project: False).retry_after == 7
    assert refusal(429, {}, told, lambda project: False).retry_after == 2.5
    assert (
        refusal(429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, body(), lambda project: False).retry_after
        is None
    )


@pytest.mark.parametrize("consumer", ["projects/42", "projects/999", ""])
def test_an_api_that_is_off_is_a_gap_of_its_own_kind_only_in_the_project_looked_at(consumer):
    told = body("PERMISSION_DENIED", off=consumer)

    no = refusal(403, {}, told, lambda project: project == "42")

    assert no.code == "SERVICE_DISABLED"
    assert no.state is (State.NOT_OPTED_IN if consumer == "projects/42" else State.DENIED)
    assert no.state.known is (consumer == "projects/42")


class Canned:
    """Stands where HTTP does."""

    def __init__(self, *replies):
        self.replies, self.asked = list(replies), []

    def fetch(self, verb, url, query, body=None):
        self.asked.append((verb, url, query, body))
        return self.replies.pop(0)

    def close(self):
        pass


def asked(call, params, *said, endpoint=""):
    http = Canned(*(Reply(200, {}, json.dumps(one).encode()) for one in said or [{}]))
    transport = Transport(http, "shop", endpoint=endpoint)
    transport.ask(Place("shop", "global", "gcp"), call, params)
    return http.asked[0]


BUCKET = Call("storage", "buckets.getIamPolicy")
SERVICES = Call("run", "namespaces.services.list")
POLICY = Call("run", "projects.locations.services.getIamPolicy")
DENY = Call("iam", "policies.listPolicies")


def test_a_request_goes_where_the_discovery_document_says():
    verb, url, query, sent = asked(SERVICES, {"parent": "namespaces/{project}", "limit": 5})

    assert (verb, url) == ("GET", "https://run.googleapis.com/apis/serving.knative.dev/v1/namespaces/shop/services")
    assert (query, sent) == ([("limit", "5")], None)


def test_a_deny_policys_attachment_point_stays_encoded():
    _, url, _, _ = asked(DENY, {"parent": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F42/denypolicies"})

    assert url.endswith("/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F42/denypolicies")


@pytest.mark.parametrize("name", ["../../v1/projects/x", "a/./b", "a//b", "..", "%2e%2e", "a/%2E%2e/b", ""])
def test_a_hostile_name_leads_nowhere_else(name):
    with pytest.raises(Refusal) as no:
        asked(POLICY, {"resource": name})

    assert no.value.code == "NotAnAddress"


def test_a_name_with_signs_of_an_address_stays_a_name():
    _, url, _, _ = asked(BUCKET, {"bucket": "a/b?c#d e"})

    assert url == "https://storage.googleapis.com/storage/v1/b/a%2Fb%3Fc%23d%20e/iam"


@pytest.mark.parametrize(
    "said",
    [
        {"unreachable": ["projects/p/locations/x"]},
        {"missingZones": ["a"]},
        {"unreachables": ["r"]},
        {"warnings": [{"code": "X"}]},
    ],
)
def test_an_answer_that_is_silent_about_some_places_is_no_answer(said):
    with pytest.raises(Refusal) as no:
        asked(SERVICES, {"parent": "namespaces/p"}, said)

    assert (no.value.state, no.value.code) == (State.UNREACHABLE, "PartialAnswer")


@pytest.mark.parametrize("said", [b"", b"[]", b"{", b"\xff", b"<html>"])
def test_what_is_no_json_object_was_not_understood(said):
    transport = Transport(Canned(Reply(200, {}, said)), "shop")

    with pytest.raises(Refusal) as no:
        transport.ask(HERE, SERVICES, {"parent": "namespaces/p"})

    assert no.value.state is State.PARSE_ERROR


def test_endpoints_are_replaced_as_googles_tools_replace_them(monkeypatch):
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", "http://127.0.0.1:9/compute/v1/")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:8")

    assert _override("compute.googleapis.com") == "http://127.0.0.1:9"
    assert _override("storage.googleapis.com") == "http://127.0.0.1:8"
    assert _override("run.googleapis.com") == ""


def test_another_universe_is_honoured(monkeypatch):
    monkeypatch.setenv("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "apis-tpczero.goog")

    assert asked(SERVICES, {"parent": "namespaces/p"})[1].startswith("https://run.apis-tpczero.goog/apis/")


@pytest.fixture
def cloud():
    with sample_project() as cloud:
        yield cloud


def key_file(folder, endpoint):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    told = {
        "type": "service_account",
        "client_email": "posture@fernhollow-shop.iam.gserviceaccount.com",
        "token_uri": f"{endpoint}/token",
        "private_key": private,
        "project_id": "fernhollow-shop",
    }
    path = folder / "key.json"
    path.write_text(json.dumps(told))
    return path


def test_credentials_are_found_by_googles_own_chain(tmp_path, monkeypatch, cloud):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file(tmp_path, cloud.endpoint)))
    monkeypatch.setenv(
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER", f"{cloud.endpoint}/cloudresourcemanager.googleapis.com"
    )
    transport = account.connect(account.Connection("fernhollow-shop"))

    who = scan.arrive(transport, provider=Provider.GCP).who
    transport.close()

    assert (who.account, who.arn) == ("fernhollow-shop", "posture@fernhollow-shop.iam.gserviceaccount.com")


def test_without_credentials_nobody_is_let_in(tmp_path, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))

    with pytest.raises(Refusal) as no:
        account.connect(account.Connection("fernhollow-shop"))

    assert no.value.state is State.DENIED


def test_the_double_demands_a_token(cloud):
    class Nobody:
        def before_request(self, *_):
            pass

    transport = Transport(account.Http(Nobody(), loopback=True), "fernhollow-shop", endpoint=cloud.endpoint)
    with pytest.raises(Refusal) as no:
        account.caller(transport)
    transport.close()

    assert no.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize("endpoint", ["https://example.com", "http://10.0.0.1:80", "file:///etc/passwd", "nonsense"])
def test_a_sample_project_stands_on_this_machine_only(endpoint):
    with pytest.raises(Refusal):
        account.connect(account.Connection("p", endpoint=endpoint))


def test_another_project_is_not_ours_to_see(cloud):
    transport = account.connect(account.Connection("somebody-elses", endpoint=cloud.endpoint))

    with pytest.raises(Refusal) as no:
        scan.arrive(transport, provider=Provider.GCP)
    transport.close()

    assert no.value.code == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("contentTypes=RESOURCE", "Unknown name"),
        ("contentType=EVERYTHING", "cannot be"),
        ("pageSize=many", "no integer"),
    ],
)
def test_the_double_refuses_what_google_would(cloud, query, why):
    http = account.Http(account.Credentials(account.SAMPLE_TOKEN), loopback=True)
    reply = http.fetch(
        "GET", f"{cloud.endpoint}/cloudasset.googleapis.com/v1/projects/fernhollow-shop/assets?{query}", []
    )
    http.close()

    assert reply.status == 400
    assert why in json.loads(reply.body)["error"]["message"]


def test_the_double_has_a_second_page_of_everything(cloud):
    http = account.Http(account.Credentials(account.SAMPLE_TOKEN), loopback=True)
    url = f"{cloud.endpoint}/storage.googleapis.com/storage/v1/b"
    first = json.loads(http.fetch("GET", url, [("project", "fernhollow-shop")]).body)
    again = [("project", "fernhollow-shop"), ("pageToken", first["nextPageToken"])]
    second = json.loads(http.fetch("GET", url, again).body)
    http.close()

    assert len(first["items"]) == len(second["items"]) == 2
    assert "nextPageToken" not in second
