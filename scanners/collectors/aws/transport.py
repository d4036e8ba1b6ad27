"""Carries calls to AWS on connections of our own; boto3 says what to send, and what an answer means.

A call costs a third of what boto3's own client takes (docs/decisions/transport.md).  What the wire does not carry
(rare signatures, redirects of S3 to a bucket's region) boto3 carries, in a thread.
"""

from __future__ import annotations

import asyncio
import os
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import boto3
import jmespath
from botocore.exceptions import BotoCoreError, ClientError, DataNotFoundError
from botocore.parsers import ResponseParserError

from scanners.collectors.aws import quotas
from scanners.collectors.aws.clients import HOME_REGION, Clients, where, without_account
from scanners.collectors.aws.errors import refusal
from scanners.collectors.aws.reading import Reader, Reply
from scanners.collectors.aws.signing import Keys, Signer
from scanners.collectors.aws.wire import IN_FLIGHT, PER_HOST, Wire
from scanners.collectors.aws.writing import CLIENT_A_REGION, NotOurs, Request, Service
from scanners.collectors.cloud import Call, Paging, Params
from scanners.model import Place

EMULATED_RATE = 2_000.0  # an endpoint of our own choosing has not AWS's quotas
SKEWED = {  # what services say of a request that seems to come from another time
    "AuthFailure", "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}  # fmt: skip
SKEW_THAT_COUNTS = 60.0  # seconds; AWS allows five minutes
REDIRECTS = {301, 302, 307}
WRONG_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed"}


class Transport:
    """Implements scanners.collectors.cloud.Transport.

    `endpoint` replaces AWS for this account alone; `emulated` says that it is not AWS that answers.
    """

    def __init__(self, session: boto3.Session, *, endpoint: str | None = None, emulated: bool = False) -> None:
        self._clients = Clients(session, endpoint, emulated=emulated)
        self._emulated = emulated
        self._signer = Signer()
        self._services: dict[tuple[str, str], tuple[Service, Reader]] = {}
        self._paging: dict[str, Paging | None] = {}
        self._road: tuple[asyncio.AbstractEventLoop, Wire, Keys] | None = None

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        """The answer without botocore's metadata; raises Refusal.  For `@region` see `where`."""
        region, sent = where(place, params)
        try:
            service, reader = self._service(call.service, region)
            request = service.request(call.operation, region, sent)
            reply = await self._reply(request)
            try:
                return reader.value(call.operation, request, reply)
            except ClientError as error:
                if not self._corrected(error, reply):
                    raise
            return reader.value(call.operation, request, await self._reply(request))
        except NotOurs:
            return await asyncio.to_thread(self.ask, place, call, params)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            if call.service == "s3" and isinstance(error, ClientError) and _elsewhere(error):
                return await asyncio.to_thread(self.ask, place, call, params)
            raise refusal(error) from error

    def ask(self, place: Place, call: Call, params: Params) -> Any:
        """The same by boto3 alone, without an event loop."""
        return self._clients.ask(place, call, params)

    def paging(self, call: Call) -> Paging | None:
        if call.name not in self._paging:
            self._paging[call.name] = _paging(self._clients.session._session, call)
        return self._paging[call.name]

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        bucket, rate = quotas.rate(call.service, call.operation)
        return bucket, EMULATED_RATE if self._emulated and not quotas.kept_for_emulators() else rate

    def search(self, expression: str, answer: Any) -> Any:
        return answer.get(expression) if expression.isidentifier() else jmespath.search(expression, answer)

    def partition_of(self, region: str) -> str:
        try:
            return str(self._clients.session.get_partition_for_region(region))
        except BotoCoreError:  # newer than this botocore
            return "aws"

    async def rest(self) -> None:
        """Close the connections of this event loop; more calls open others."""
        road, self._road = self._road, None
        if road:
            await road[1].close()

    def close(self) -> None:
        self._clients.close()

    async def _reply(self, request: Request) -> Reply:
        wire, keys = self._of_this_loop()
        credentials = await keys.now()
        url = request.url
        headers = self._signer.sign(request.method, url, request.headers, request.body, request.scope, credentials)
        if self._emulated and request.scope.service == "s3" and "/v20180820/" in url:
            url = without_account(url)
        return await wire.send(request.method, url, headers, request.body)

    def _of_this_loop(self) -> tuple[Wire, Keys]:
        loop = asyncio.get_running_loop()
        if self._road is None or self._road[0] is not loop:
            session = self._clients.session._session
            bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
            wire = Wire(bundle, per_host=IN_FLIGHT if self._emulated else PER_HOST)
            self._road = loop, wire, Keys(session)
        return self._road[1:]

    def _service(self, name: str, region: str) -> tuple[Service, Reader]:
        key = (name, region if name in CLIENT_A_REGION else "")
        if key not in self._services:
            service = Service(self._clients.client(name, region, path_style=name == "s3"))
            self._services[key] = service, Reader(service)
        return self._services[key]

    def _corrected(self, error: ClientError, reply: Reply) -> bool:
        """Whether the cloud's clock differs from the one we signed with; if so, sign with the cloud's."""
        if error.response.get("Error", {}).get("Code") not in SKEWED:
            return False
        try:
            skew = parsedate_to_datetime(reply.headers.get("Date", "")).timestamp() - time()
        except ValueError:
            return False
        if abs(skew - self._signer.skew) < SKEW_THAT_COUNTS:
            return False
        self._signer.skew = skew
        return True


def _elsewhere(error: ClientError) -> bool:
    """Whether S3 says that the bucket lives in another region than the one asked: boto3 finds out which."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status in REDIRECTS or error.response.get("Error", {}).get("Code") in WRONG_REGION


def _paging(session: Any, call: Call) -> Paging | None:
    try:
        config = session.get_paginator_model(call.service).get_paginator(call.operation)
    except (ValueError, DataNotFoundError):  # botocore knows none
        return _by_its_token(session.get_service_model(call.service).operation_model(call.operation))
    return Paging(_tuple(config["input_token"]), _tuple(config["output_token"]), config.get("more_results", ""))


def _by_its_token(operation: Any) -> Paging | None:
    """Some operations answer in pages and botocore has no paginator for them: what comes out goes in again."""
    said, given = (shape.members if shape else {} for shape in (operation.input_shape, operation.output_shape))
    tokens = ("NextToken", "nextToken", "NextMarker")
    return next((Paging((name,), (name,)) for name in tokens if name in said and name in given), None)


def _tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


__all__ = ["HOME_REGION", "Transport"]
