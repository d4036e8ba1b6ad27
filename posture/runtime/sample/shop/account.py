"""How the estate is built: SDK clients of one account that say when in its past each call happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.emulator.clock import HEADER
from posture.runtime.sample.shop import MAIN

QUICK = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30, signature_version=UNSIGNED)
SIGNING_NAMES = {
    "accessanalyzer": "access-analyzer",
    "apigatewayv2": "apigateway",
    "cloudwatch": "monitoring",
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "s3control": "s3",
    "stepfunctions": "states",
}
SEEDER = "AKIASAMPLESEEDSAMPLE"


class Account:
    """`past(days)` sets when the following calls happen; each call is one second after the one before.

    One SDK client a service, and no signatures: the emulator reads who, where and which service from the credential
    scope and checks nothing, and building the estate takes half the time.
    """

    def __init__(self, endpoint: str, founded: date, *, number: str = ACCOUNT, inside: Any = None) -> None:
        self.endpoint, self.number = endpoint, number
        self._inside = inside  # an HTTP session of the emulator's own process, see `emulator/inside.py`
        self.today = datetime.combine(founded, time(9), UTC)
        self.now = self.today
        self.region, self.access_key = MAIN, SEEDER
        self._session = boto3.Session(aws_access_key_id=SEEDER, aws_secret_access_key=SEEDER, region_name=MAIN)
        self._clients: dict[str, Any] = {}
        self._tokens = 0

    def days_ago(self, days: float) -> datetime:
        return self.today - timedelta(days=days)

    @contextmanager
    def past(self, days: float) -> Iterator[None]:
        before, self.now = self.now, self.days_ago(days)
        try:
            yield
        finally:
            self.now = before

    def client(self, service: str, region: str = MAIN, *, access_key: str = SEEDER) -> Any:
        """`access_key`: a user's own, to leave a trace of its use."""
        if service not in self._clients:
            self._clients[service] = self._made(service)
        return InRegion(self, self._clients[service], region, access_key)

    def elsewhere(self, number: str) -> Account:
        """Another account on the same emulator."""
        return Account(self.endpoint, self.today.date(), number=number, inside=self._inside)

    def _made(self, service: str) -> Any:
        client = self._session.client(service, endpoint_url=self.endpoint, config=QUICK)
        if self._inside:
            client._endpoint.http_session = self._inside
        signing_name = SIGNING_NAMES.get(service, service)
        client.meta.events.register_first("before-parameter-build.*.*", self._repeatable)
        client.meta.events.register("before-sign.*.*", lambda request, **_: self._addressed(request, signing_name))
        client.meta.events.register("before-send.s3-control.*", self._here)
        return client

    def _repeatable(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """The SDK would make up a token for some calls, and two starts would differ."""
        for name in model.idempotent_members:
            self._tokens += 1
            params.setdefault(name, f"00000000-0000-4000-9000-{self._tokens:012d}")

    def _here(self, request: Any, **_: Any) -> None:
        """The SDK puts the account before the host's name, which loopback has not."""
        request.url = request.url.replace(f"//{self.number}.", "//", 1)

    def _addressed(self, request: Any, signing_name: str) -> None:
        self.now += timedelta(seconds=1)
        scope = f"{self.access_key}/{self.now:%Y%m%d}/{self.region}/{signing_name}/aws4_request"
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        request.headers[HEADER] = self.now.isoformat()
        request.headers["x-moto-account-id"] = self.number


class InRegion:
    """A client of one service, in one region, with one access key."""

    def __init__(self, account: Account, client: Any, region: str, access_key: str) -> None:
        self._account, self._client, self._region, self._access_key = account, client, region, access_key

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self._client, operation)

        def there(**parameters: Any) -> Any:
            self._account.region, self._account.access_key = self._region, self._access_key
            return call(**parameters)

        return there


def statement(
    effect: str, principal: Any, action: str | list[str], resource: str | list[str] = "*", **condition: Any
) -> dict[str, Any]:
    """One statement of a resource policy; `condition` is operator=tests."""
    said = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    return said | ({"Condition": condition} if condition else {})


def allow(action: str | list[str], resource: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    """One statement of an identity policy."""
    said: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return said | ({"Condition": condition} if condition else {})


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tags(name: str, **more: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {"Name": name, **more}.items()]
