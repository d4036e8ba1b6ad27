"""boto3's own way to AWS: one session an account, one client a service and region, shared by all threads.

What is asked outside units of work goes this way, and what the wire does not carry; and tests hold the wire against it.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import ParseError

import boto3
import msgspec
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from scanners.collectors.aws.errors import refusal
from scanners.collectors.cloud import Call, Params, Refusal
from scanners.model import Place, State

HOME_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
CONNECT_SECONDS, READ_SECONDS = 5, 30
ODD = (  # what odd answers cause in botocore's parsers and hooks; UnboundLocalError: a map's entry without its value
    AttributeError, LookupError, TypeError, ValueError, RecursionError, UnboundLocalError, ParseError,
)  # fmt: skip
_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},  # the Asker retries: it must see every refusal to pace
    max_pool_connections=32,
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    user_agent_extra="posture",
)
PATH_STYLE = Config(s3={"addressing_style": "path"})
_decoder = msgspec.json.Decoder()


class Clients:
    """`endpoint` replaces AWS for this account alone; `emulated` says that it is not AWS that answers."""

    def __init__(self, session: boto3.Session, endpoint: str | None, *, emulated: bool) -> None:
        self.session, self._endpoint, self.emulated = session, endpoint, emulated
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._lock = threading.Lock()

    def ask(self, place: Place, call: Call, params: Params) -> Any:
        """The answer without botocore's metadata; raises Refusal.  For `@region` see `where`."""
        region, sent = where(place, params)
        try:
            operation = getattr(self.client(call.service, region), str(xform_name(call.operation)))
            answer = _answered(operation, sent)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise refusal(error) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def client(self, service: str, region: str, *, path_style: bool = False) -> Any:
        """`path_style`: a bucket's name stands in the path, so that buckets share connections."""
        key = (service, region, path_style or self.emulated)
        with self._lock:  # creating clients of one session is not thread-safe; using them is
            if key not in self._clients:
                self._clients[key] = self._made(service, region, path_style=key[2])
            return self._clients[key]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _made(self, service: str, region: str, *, path_style: bool) -> Any:
        config = _CONFIG.merge(PATH_STYLE) if path_style else _CONFIG
        try:
            client = self.session.client(service, region_name=region, endpoint_url=self._endpoint, config=config)
        except ValueError as error:  # an endpoint that is no URL
            raise Refusal(State.UNREACHABLE, "InvalidEndpoint", str(error)) from error
        if "json" in client.meta.service_model.resolved_protocol:
            client.meta.events.register("before-parse", whole)
        if self.emulated and service == "s3control":
            client.meta.events.register("before-send.s3-control", _without_account_in_host)
        return client


def where(place: Place, params: Params) -> tuple[str, dict[str, Any]]:
    """The region to ask, and what is sent.

    `@region` among the parameters names the region, where that is not the unit's (S3 buckets); "global" is asked in
    the partition's first region.  `@account` names the parameter that takes the account's number.  `@days` asks for
    that many days up to the end of today, as StartTime and EndTime; `@told_to` is the Asker's.
    """
    region = params.get("@region") or place.region
    real = HOME_REGION.get(place.partition, "us-east-1") if region == "global" else region
    sent = {name: value for name, value in params.items() if not name.startswith("@")}
    if account := params.get("@account"):
        sent[account] = place.account
    if days := params.get("@days"):
        tomorrow = datetime.combine(datetime.now(UTC).date(), time.min, UTC) + timedelta(days=1)
        sent |= {"StartTime": tomorrow - timedelta(days=days), "EndTime": tomorrow}
    return real, sent


def whole(response_dict: dict[str, Any], **_: Any) -> Any:
    """The value of a JSON body; raises ResponseParserError.

    botocore takes JSON that was cut off, or HTML, for an answer with nothing in it.  We do not.
    """
    body = response_dict["body"]
    if response_dict["status_code"] < 300 and body and isinstance(body, bytes):
        try:
            return _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
            raise ResponseParserError(f"the answer is no whole JSON: {broken}") from None
    return None


def without_account(url: str) -> str:
    """S3 Control puts the account id before the host's name, which a loopback address cannot have."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.partition(".")[2]))


def _without_account_in_host(request: Any, **_: Any) -> None:
    request.url = without_account(request.url)


def _answered(operation: Any, sent: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = operation(**sent)
    except ODD as broken:
        raise ResponseParserError(f"{type(broken).__name__}: {broken}") from broken
    return answer
