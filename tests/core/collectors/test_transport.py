"""What happens on the road to AWS: connections, certificates, proxies, clocks, credentials, and answers that break."""

from __future__ import annotations

import asyncio
import base64
import gzip
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import boto3
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from scanners.collectors.aws import models, signing, wire
from scanners.collectors.aws.transport import Transport
from scanners.collectors.cloud import Call, Refusal
from scanners.model import Place, State
from tests.core.collectors.server import authority, http, says, serving

PLACE = Place("111122223333", "eu-west-1")
KEY, BUCKET = Call("kms", "DescribeKey"), Call("s3", "GetBucketPolicy")
BODY = b'{"KeyMetadata": {"KeyId": "a-key"}}'
FOUND = {"KeyMetadata": {"KeyId": "a-key"}}
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Nothing of this machine's settings counts."""
    for name in (*PROXIES, *map(str.lower, PROXIES), "AWS_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def transport(server, scheme="http", host="127.0.0.1", session=None):
    session = session or models.session()
    return Transport(boto3.Session(botocore_session=session), endpoint=f"{scheme}://{host}:{server.port}")


def ask(road, times=1, *, at_once=True, call=KEY, **params):
    """Answers, and the codes of refusals in their place."""
    params = params or {"KeyId": "a-key"}

    async def one():
        try:
            return await road.send(PLACE, call, params)
        except Refusal as no:
            return no.state, no.code

    async def all_of_them():
        try:
            if at_once:
                return await asyncio.gather(*(one() for _ in range(times)))
            return [await one() for _ in range(times)]
        finally:
            await road.rest()

    return asyncio.run(all_of_them())


# Connections


def test_a_connection_carries_one_request_after_another():
    with serving(says(http(BODY))) as server:
        answers = ask(transport(server), 30, at_once=False)

    assert answers == [FOUND] * 30
    assert server.connections == 1


def test_no_more_connections_to_a_host_than_agreed_and_nobody_starves():
    with serving(says(http(BODY), pause=0.02)) as server:
        answers = ask(transport(server), 200)

    assert answers == [FOUND] * 200
    assert 1 < server.most <= server.connections <= wire.PER_HOST


def test_a_connection_on_which_something_came_unasked_carries_nothing_more():
    with serving(says(http(BODY) + http(b'{"KeyMetadata": {"KeyId": "another"}}'))) as server:
        answers = ask(transport(server), 5, at_once=False)

    assert answers == [FOUND] * 5
    assert server.connections == 5


def test_a_connection_that_the_server_ends_is_not_used_again():
    with serving(says(http(BODY, Connection="close"))) as server:
        answers = ask(transport(server), 5, at_once=False)

    assert answers == [FOUND] * 5
    assert server.connections == 5


def test_of_idle_connections_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(wire, "MOST_IDLE", 2)

    with serving(says(http(BODY), pause=0.02)) as server:
        road = transport(server)

        async def many():
            await asyncio.gather(*(road.send(PLACE, KEY, {"KeyId": "a-key"}) for _ in range(8)))
            idle = len(road._road[1]._idle)
            await road.rest()
            return idle, len(road._road or ())

        assert asyncio.run(many()) == (2, 0)


def test_a_connection_that_waited_too_long_is_not_used(monkeypatch):
    monkeypatch.setattr(wire, "KEPT_SECONDS", -1.0)

    with serving(says(http(BODY))) as server:
        assert ask(transport(server), 3, at_once=False) == [FOUND] * 3

    assert server.connections == 3


def test_the_answer_to_a_head_is_its_headers(monkeypatch):
    head = http(b"", Content_Length="999", X_Amz_Bucket_Region="eu-west-1")

    with serving(says(head)) as server:
        asked = ask(transport(server), 3, at_once=False, call=Call("s3", "HeadBucket"), Bucket="a-bucket")

    assert [found["BucketRegion"] for found in asked] == ["eu-west-1"] * 3
    assert server.connections == 1


def test_a_header_cannot_become_two(monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token\r\nX-Injected: yes")

    with serving(says(http(BODY))) as server:
        assert ask(transport(server)) == [(State.UNREACHABLE, "HTTPClientError")]

    assert server.asked == []


def test_a_transport_serves_one_event_loop_after_another():
    with serving(says(http(BODY))) as server:
        road = transport(server)

        assert [ask(road) for _ in range(3)] == [[FOUND]] * 3


# Certificates


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_certificates_are_loaded_once_for_all_connections_of_all_accounts(variable, tmp_path, monkeypatch):
    bundle, tls = authority(tmp_path)
    monkeypatch.setenv(variable, str(bundle))
    loaded, load = [], ssl.create_default_context
    monkeypatch.setattr(wire.ssl, "create_default_context", lambda **how: loaded.append(how) or load(**how))

    with serving(says(http(BODY), pause=0.01), tls) as server:
        answers = [ask(transport(server, "https", "localhost"), 20) for _ in range(2)]

    assert answers == [[FOUND] * 20] * 2
    assert server.connections > 2
    assert loaded == [{"cafile": str(bundle)}]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_with_the_wrong_certificate_is_told_nothing(host, tmp_path, monkeypatch):
    bundle, tls = authority(tmp_path)
    if host == "127.0.0.1":  # the authority is known, and the name is not the certificate's
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    with serving(says(http(BODY)), tls) as server:
        answers = ask(transport(server, "https", host))

    assert answers == [(State.UNREACHABLE, "SSLError")]
    assert server.asked == []


def test_a_bundle_that_is_not_there_is_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    _, tls = authority(tmp_path)

    with serving(says(http(BODY)), tls) as server:
        assert ask(transport(server, "https", "localhost")) == [(State.UNREACHABLE, "HTTPClientError")]


# Answers, whole and broken

WHOLE = {
    "at once": says(http(BODY)),
    "in pieces": says(*(http(BODY)[n : n + 7] for n in range(0, len(http(BODY)), 7)), pause=0.001),
    "chunked": says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, BODY[:9], len(BODY) - 9, BODY[9:])
    ),
    "compressed": says(http(gzip.compress(BODY), Content_Encoding="gzip")),
    "until the connection closes": says(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, then="close"),
    "with a long header": says(http(BODY, X_Long="a" * 20_000)),
    "after a word of patience": says(b"HTTP/1.1 100 Continue\r\n\r\n" + http(BODY)),
}
BROKEN = {
    "reset": (says(then="reset"), "unreachable", "ConnectionClosedError"),
    "closed": (says(then="close"), "unreachable", "ConnectionClosedError"),
    "cut": (says(http(BODY)[:-9], then="close"), "parse_error", "ResponseParserError"),
    "a chunk cut": (
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n" + BODY, then="close"),
        "parse_error",
        "ResponseParserError",
    ),
    "damaged": (says(http(b"no gzip", Content_Encoding="gzip")), "parse_error", "ResponseParserError"),
    "half an answer that counts as whole": (says(http(BODY[:-9])), "parse_error", "ResponseParserError"),
    "a page for people": (says(http(b"<html><body>Sign in</body></html>")), "parse_error", "ResponseParserError"),
    "no HTTP": (says(b"220 mail.example ESMTP\r\n\r\n"), "unreachable", "HTTPClientError"),
    "a header without end": (says(http(BODY, X_Long="a" * 80_000)), "unreachable", "HTTPClientError"),
    "too large": (says(http(b'"' + b"a" * 5000 + b'"')), "parse_error", "ResponseParserError"),
    "a chunk of no length": (
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY),
        "parse_error",
        "ResponseParserError",
    ),
    "headers that never end": (says(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 400_000), "unreachable", "HTTPClientError"),
    "another protocol": (
        says(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
        "unreachable",
        "HTTPClientError",
    ),
    "packed and cut": (
        says(http(gzip.compress(BODY)[:-12], Content_Encoding="gzip")), "parse_error", "ResponseParserError",
    ),
    "packed and too large": (
        says(http(gzip.compress(b'"' + b"a" * 50_000 + b'"'), Content_Encoding="gzip")),
        "parse_error",
        "ResponseParserError",
    ),
    "silence": (says(b"HTTP/1.1 200 OK\r\n", pause=5), "unreachable", "ReadTimeoutError"),
    "slow": (says(http(BODY)[:-9], BODY[-9:], pause=5), "unreachable", "ReadTimeoutError"),
    "dripping": (says(*(bytes([byte]) for byte in http(BODY)), pause=0.02), "unreachable", "ReadTimeoutError"),
    "a refusal that breaks off": (says(http(BODY, "403 No")[:-9], then="close"), "denied", "403"),
    "a redirect": (says(http(b"", "302 Found", Location="http://127.0.0.1:1/")), "parse_error", "302"),
}  # fmt: skip


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE)
def test_an_answer_that_is_whole_is_read_however_it_comes(answer):
    with serving(answer) as server:
        assert ask(transport(server)) == [FOUND]


@pytest.mark.parametrize(("answer", "state", "code"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_is_broken_is_a_refusal_and_no_answer(answer, state, code, monkeypatch):
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    monkeypatch.setattr(wire, "LARGEST", 4000)
    monkeypatch.setattr(wire, "WHOLE_SECONDS", 0.4)

    with serving(answer) as server:
        assert ask(transport(server)) == [(State(state), code)]

    assert len(server.asked) == 1  # whether to ask again is the Asker's to say


def test_where_nobody_listens_is_a_refusal():
    with serving(says(http(BODY))) as server:
        pass

    assert ask(transport(server)) == [(State.UNREACHABLE, "EndpointConnectionError")]


def test_a_bucket_that_lives_elsewhere_is_asked_by_boto3(monkeypatch):
    no = b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"
    monkeypatch.setattr(Transport, "ask", lambda self, place, call, params: {"Policy": params["Bucket"]})

    with serving(says(http(no, "301 Moved Permanently"))) as server:
        assert ask(transport(server), call=BUCKET, Bucket="a-bucket") == [{"Policy": "a-bucket"}]


# Proxies


def test_the_proxy_of_the_environment_is_used(monkeypatch):
    with serving(says(http(BODY))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://somebody:secret@127.0.0.1:{proxy.port}")
        session = models.session()
        road = Transport(boto3.Session(botocore_session=session), endpoint="http://kms.example:81")

        assert ask(road) == [FOUND]

    assert proxy.asked[0].line.startswith("POST http://kms.example:81/")
    assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")


def test_of_an_answer_behind_tls_a_proxy_sees_only_where_it_goes(tmp_path, monkeypatch):
    bundle, tls = authority(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    async def tunnel(proxy, asked, writer):
        reader, onward = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = asyncio.create_task(pour(reader, writer))
        try:
            await pour(proxy.readers[writer], onward)
        finally:
            onward.transport.abort()
            back.cancel()

    with serving(says(http(BODY)), tls) as server, serving(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")

        assert ask(transport(server, "https", "localhost")) == [FOUND]

    assert [asked.line for asked in proxy.asked] == [f"CONNECT localhost:{server.port} HTTP/1.1"]
    assert "authorization" in server.asked[0].headers


@pytest.mark.parametrize("says_no", ["407 Who are you", "502 Nobody there"])
def test_a_proxy_that_makes_no_tunnel_is_a_refusal_and_sees_no_signature(says_no, tmp_path, monkeypatch):
    bundle, _ = authority(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    with serving(says(http(b"", says_no))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:se%23cret@127.0.0.1:{proxy.port}")
        road = Transport(boto3.Session(botocore_session=models.session()), endpoint="https://kms.example")

        assert ask(road) == [(State.UNREACHABLE, "ProxyConnectionError")]

    (asked,) = proxy.asked
    assert asked.line == "CONNECT kms.example:443 HTTP/1.1"
    assert base64.b64decode(asked.headers["proxy-authorization"].split()[1]) == b"somebody:se#cret"
    assert "authorization" not in asked.headers


def test_a_proxy_that_is_itself_behind_tls_is_left_to_boto3(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "https://127.0.0.1:1")
    monkeypatch.setattr(Transport, "ask", lambda self, place, call, params: {"asked by": "boto3"})
    road = Transport(boto3.Session(botocore_session=models.session()), endpoint="https://kms.example")

    assert ask(road) == [{"asked by": "boto3"}]


async def pour(reader, writer):
    while read := await reader.read(65536):
        writer.write(read)


def test_a_host_without_proxy_is_reached_directly(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    with serving(says(http(BODY))) as server:
        assert ask(transport(server)) == [FOUND]


def test_a_proxy_that_is_not_there_is_a_refusal(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    with serving(says(http(BODY))) as server:
        assert ask(transport(server)) == [(State.UNREACHABLE, "ProxyConnectionError")]


# Clocks


def test_a_wrong_clock_is_corrected_by_the_clouds():
    ahead = datetime.now(UTC) + timedelta(hours=1)

    async def strict(server, asked, writer):
        signed = datetime.strptime(asked.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        no = http(b'{"__type": "InvalidSignatureException"}', "400 Bad", Date=format_datetime(ahead, usegmt=True))
        writer.write(http(BODY) if abs(signed - ahead) < timedelta(minutes=5) else no)

    with serving(strict) as server:
        answers = ask(transport(server), 3, at_once=False)

    assert answers == [FOUND] * 3
    assert len(server.asked) == 4  # one was asked twice


def test_a_wrong_signature_is_not_tried_again_and_again():
    now = format_datetime(datetime.now(UTC), usegmt=True)
    no = http(b'{"__type": "InvalidSignatureException"}', "400 Bad", Date=now)

    with serving(says(no)) as server:
        assert ask(transport(server)) == [(State.DENIED, "InvalidSignatureException")]

    assert len(server.asked) == 1


# Credentials


def session_with(fetch, lives=3600):
    session = models.session()
    session._credentials = RefreshableCredentials.create_from_metadata(
        keys(0, lives), refresh_using=fetch, method="assume-role"
    )
    return session


def keys(number, lives=3600):
    ends = (datetime.now(UTC) + timedelta(seconds=lives)).isoformat()
    return {"access_key": f"AKIA{number}", "secret_key": "s", "token": f"token{number}", "expiry_time": ends}


def signed_with(server):
    return [asked.headers["authorization"].split("/")[0].rpartition("=")[2] for asked in server.asked]


def test_credentials_are_renewed_while_the_scan_goes_on_and_not_in_the_loop(monkeypatch):
    monkeypatch.setattr(signing, "LOOK_AGAIN", 0.0)
    where = []

    def fetch():
        where.append(threading.current_thread())
        return keys(1)

    with serving(says(http(BODY))) as server:
        session = session_with(fetch)
        road = transport(server, session=session)
        first = ask(road)
        session._credentials._expiry_time = datetime.now(UTC) + timedelta(minutes=2)
        rest = ask(road, 20)

    assert first + rest == [FOUND] * 21
    assert signed_with(server) == ["AKIA0"] + ["AKIA1"] * 20
    assert server.asked[-1].headers["x-amz-security-token"] == "token1"
    assert len(where) == 1
    assert where[0] is not threading.main_thread()


def test_while_credentials_are_good_a_failing_renewal_stops_nothing():
    tried = []

    def fetch():
        tried.append(1)
        raise CredentialRetrievalError(provider="assume-role", error_msg="not now")

    with serving(says(http(BODY))) as server:
        answers = ask(transport(server, session=session_with(fetch, lives=14 * 60)), 20)

    assert answers == [FOUND] * 20
    assert len(tried) == 1  # and then not for a while


def test_credentials_that_cannot_be_had_are_a_refusal():
    def fetch():
        raise CredentialRetrievalError(provider="assume-role", error_msg="no")

    with serving(says(http(BODY))) as server:
        answers = ask(transport(server, session=session_with(fetch, lives=-1)), 3)

    assert answers == [(State.DENIED, "CredentialRetrievalError")] * 3
    assert server.asked == []


def test_without_any_credentials_nothing_is_asked(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with serving(says(http(BODY))) as server:
        assert ask(transport(server)) == [(State.DENIED, "NoCredentialsError")]

    assert server.asked == []
