"""Carries calls to AWS with boto3: one session an account, one client a service and region, shared by all threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
import jmespath
import msgspec
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from scanners.collectors.aws import quotas
from scanners.collectors.aws.errors import refusal
from scanners.collectors.cloud import Call, Paging, Params, Refusal
from scanners.model import Place, State

THREADS = 32
HOME_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
EMULATED_RATE = 2_000.0  # an endpoint of our own choosing has not AWS's quotas
_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},  # the Asker retries: it must see every refusal to pace
    max_pool_connections=THREADS,
    connect_timeout=5,
    read_timeout=30,
    user_agent_extra="posture",
)
_decoder = msgspec.json.Decoder()


class Transport:
    """Implements scanners.collectors.cloud.Transport.

    `endpoint` replaces AWS for this account alone; `emulated` says that it is not AWS that answers.
    """

    def __init__(self, session: boto3.Session, *, endpoint: str | None = None, emulated: bool = False) -> None:
        self._session, self._endpoint, self._emulated = session, endpoint, emulated
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.ask, place, call, params)

    def ask(self, place: Place, call: Call, params: Params) -> Any:
        """`@region` among the parameters names the region to ask, where that is not the unit's (S3 buckets)."""
        region = params.get("@region") or place.region
        sent = {name: value for name, value in params.items() if name != "@region"}
        try:
            answer = self._operation(call, self._real(region, place))(**sent)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise refusal(error) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def paging(self, call: Call) -> Paging | None:
        client = self._client(call.service, "us-east-1")
        if not client.can_paginate(_python_name(call.operation)):
            return _by_its_token(client.meta.service_model.operation_model(call.operation))
        config = client.get_paginator(_python_name(call.operation))._pagination_cfg
        return Paging(_tuple(config["input_token"]), _tuple(config["output_token"]), config.get("more_results", ""))

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        bucket, rate = quotas.rate(call.service, call.operation)
        return bucket, EMULATED_RATE if self._emulated and not quotas.kept_for_emulators() else rate

    def search(self, expression: str, answer: Any) -> Any:
        return jmespath.search(expression, answer)

    def partition_of(self, region: str) -> str:
        try:
            return str(self._session.get_partition_for_region(region))
        except BotoCoreError:  # newer than this botocore
            return "aws"

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for client in self._clients.values():
            client.close()

    def _real(self, region: str, place: Place) -> str:
        return HOME_REGION.get(place.partition, "us-east-1") if region == "global" else region

    def _operation(self, call: Call, region: str) -> Callable[..., Any]:
        operation: Callable[..., Any] = getattr(self._client(call.service, region), _python_name(call.operation))
        return operation

    def _client(self, service: str, region: str) -> Any:
        with self._lock:  # creating clients of one session is not thread-safe; using them is
            if (service, region) not in self._clients:
                config = _CONFIG.merge(Config(s3={"addressing_style": "path"})) if self._emulated else _CONFIG
                client = self._made(service, region, config)
                if "json" in client.meta.service_model.resolved_protocol:
                    client.meta.events.register("before-parse", _whole)
                if self._emulated and service == "s3control":
                    client.meta.events.register("before-send.s3-control", self._without_account_in_host)
                self._clients[service, region] = client
            return self._clients[service, region]

    def _made(self, service: str, region: str, config: Config) -> Any:
        try:
            return self._session.client(service, region_name=region, endpoint_url=self._endpoint, config=config)
        except ValueError as error:  # an endpoint that is no URL
            raise Refusal(State.UNREACHABLE, "InvalidEndpoint", str(error)) from error

    @staticmethod
    def _without_account_in_host(request: Any, **_: Any) -> None:
        """S3 Control puts the account id before the host's name, which a loopback address cannot have."""
        url = urlsplit(request.url)
        request.url = urlunsplit(url._replace(netloc=url.netloc.partition(".")[2]))


def _whole(response_dict: dict[str, Any], **_: Any) -> None:
    """botocore takes JSON that was cut off, or HTML, for an answer with nothing in it.  We do not."""
    body = response_dict["body"]
    if response_dict["status_code"] < 300 and body and isinstance(body, bytes):
        try:
            _decoder.decode(body)
        except msgspec.DecodeError as broken:
            raise ResponseParserError(f"the answer is no whole JSON: {broken}") from None


def _by_its_token(operation: Any) -> Paging | None:
    """Some operations answer in pages and botocore has no paginator for them: what comes out goes in again."""
    said, given = (shape.members if shape else {} for shape in (operation.input_shape, operation.output_shape))
    tokens = ("NextToken", "nextToken", "NextMarker")
    return next((Paging((name,), (name,)) for name in tokens if name in said and name in given), None)


def _tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _python_name(operation: str) -> str:
    return str(xform_name(operation))
