"""Carries calls to Google's APIs over REST: one connection a project, shared by all its units."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from scanners.collectors.cloud import Call, Paging, Params, Refusal, at
from scanners.collectors.gcp import quotas
from scanners.collectors.gcp.errors import refusal
from scanners.collectors.gcp.http import Http
from scanners.collectors.gcp.routes import Route, routes
from scanners.collectors.rest import Reply
from scanners.model import Place, State

THREADS = 16
EMULATED_RATE = 2_000.0  # an endpoint of our own choosing has not Google's quotas
UNIVERSE = "googleapis.com"
PARTIAL = (
    "unreachable",
    "unreachables",
    "unreachableLocations",
    "missingZones",
)  # the places that a listing is silent about
_decoder = msgspec.json.Decoder()


class Transport:
    """Implements scanners.collectors.cloud.Transport.

    `endpoint` stands before all of Google's hosts, whose names become the first step of the path: the loopback double.
    With a `root` an organisation or a folder is looked at, and no project.
    """

    def __init__(self, http: Http, project: str, *, root: str = "", principal: str = "", endpoint: str = "") -> None:
        self._http, self._endpoint = http, endpoint.rstrip("/")
        self.project, self.root, self.principal = project, root, principal
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gcp")
        self._number: str | None = None

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.ask, place, call, params)

    def ask(self, place: Place, call: Call, params: Params) -> Any:
        """The answer, whole: one that says itself that places are missing from it is none.  Raises Refusal."""
        route = routes()[call.name]
        path, query = route.address({name: _placed(value, place) for name, value in params.items()})
        body = query.pop("body", {} if route.takes_body else None)
        reply = self._http.fetch(route.verb, self._url(route, path), list(_flat(query)), body)
        if reply.status != 200:
            raise refusal(reply.status, reply.headers, reply.body, lambda project: self._is(place, project))
        return _whole(reply)

    def paging(self, call: Call) -> Paging | None:
        return routes()[call.name].paging

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        bucket, rate = quotas.rate(call.service, call.operation)
        elsewhere = self._endpoint or _override(routes()[call.name].host)
        return bucket, EMULATED_RATE if elsewhere else rate

    def search(self, expression: str, answer: Any) -> Any:
        return at(expression, answer)

    async def rest(self) -> None:
        """Connections belong to threads, and to no event loop."""

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def _url(self, route: Route, path: str) -> str:
        if self._endpoint:
            return f"{self._endpoint}/{route.host}/{path}"
        return f"{_override(route.host) or 'https://' + route.host.replace(UNIVERSE, _universe())}/{path}"

    def _is(self, place: Place, project: str) -> bool:
        """Whether a project's id or number is that of the project looked at; asked only when an API is off."""
        if not place.account:
            return False
        if project != place.account and self._number is None:
            route = routes()["cloudresourcemanager.projects.get"]
            path, _ = route.address({"name": f"projects/{place.account}"})
            reply = self._http.fetch(route.verb, self._url(route, path), [])
            self._number = str(_whole(reply).get("name", "")).rpartition("/")[2] if reply.status == 200 else ""
        return project in (place.account, self._number)


def _placed(value: Any, place: Place) -> Any:
    return value.replace("{project}", place.account) if isinstance(value, str) else value


def _flat(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one).lower() if isinstance(one, bool) else str(one)


def _whole(reply: Reply) -> Any:
    try:
        answer = _decoder.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Refusal(State.PARSE_ERROR, "NotJson", str(broken)) from broken
    if not isinstance(answer, dict):
        raise Refusal(State.PARSE_ERROR, "NotJson", "the answer is no object")
    for name in PARTIAL:
        if missing := answer.get(name):
            raise Refusal(State.UNREACHABLE, "PartialAnswer", f"nothing was heard of {missing}"[:300])
    if warnings := answer.get("warnings"):  # Cloud SQL: regions that did not answer
        raise Refusal(State.UNREACHABLE, "PartialAnswer", str(warnings)[:300])
    return answer


def _universe() -> str:
    return os.environ.get("GOOGLE_CLOUD_UNIVERSE_DOMAIN") or UNIVERSE


def _override(host: str) -> str:
    """Where an API is to be asked instead, as Google's own tools are told: STORAGE_EMULATOR_HOST of the client library,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_<API> of gcloud ("gcloud config", api_endpoint_overrides; read 2026-11).
    """
    service = host.partition(".")[0]
    told = os.environ.get(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}", "")
    if service == "storage" and not told and (told := os.environ.get("STORAGE_EMULATOR_HOST", "")):
        told = told if "://" in told else f"http://{told}"
    return told.rstrip("/").removesuffix("/compute/v1").removesuffix("/storage/v1").removesuffix("/bigquery/v2")
