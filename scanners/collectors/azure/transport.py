"""Carries calls to Azure Resource Manager and Microsoft Graph over REST, shared by all units of a subscription."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from scanners.collectors.azure import activity, quotas
from scanners.collectors.azure.authorization import ASSIGNMENTS, DEFINITIONS
from scanners.collectors.azure.errors import refusal
from scanners.collectors.azure.http import Http
from scanners.collectors.azure.rights import Definition, unseen
from scanners.collectors.azure.routes import Route, routes
from scanners.collectors.azure.words import OWN_RIGHTS, PAGE
from scanners.collectors.cloud import Call, Paging, Params, Refusal, at
from scanners.collectors.rest import Reply
from scanners.model import Place, State

THREADS = 16
EMULATED_RATE = 2_000.0  # an endpoint of our own choosing has not Azure's quotas
NEXT = "nextLink"
PAGES = 1_000
AGO = re.compile(r"\{(-?\d{1,3}) days ago\}")  # in a parameter: the midnight that began that day, in UTC
_decoder = msgspec.json.Decoder()


class Transport:
    """Implements scanners.collectors.cloud.Transport.

    `hosts` are those of the cloud's planes; `endpoint` stands before both, whose names become the first step of the
    path: the loopback double.  With a `root` a management group is looked at, and no subscription.
    """

    def __init__(
        self, http: Http, subscription: str, hosts: Mapping[str, str], *, root: str = "", endpoint: str = ""
    ) -> None:
        self._http, self._hosts, self._endpoint = http, hosts, endpoint.rstrip("/")
        self.subscription, self.root = subscription, root
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="azure")
        self._rights, self._held = threading.Lock(), list[Definition]()

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.ask, place, call, params)

    def ask(self, place: Place, call: Call, params: Params) -> Any:
        """The answer, whole: of Resource Graph only what shows every resource of its kinds.  Raises Refusal."""
        route = routes()[call.name]
        if call.service == "resourcegraph":
            self._see_everything(place, call)
        if following := params.get(NEXT):
            reply = self._fetch(route.verb, self._following(route, str(following)), [], None, route.plane)
        else:
            path, query = route.address({name: _placed(value, place) for name, value in params.items()})
            sent = _query(place, query) if call.service == "resourcegraph" else None
            asked = [] if sent else list(_flat(query))
            version = [("api-version", route.version)] if route.version else []
            reply = self._fetch(route.verb, self._base(route.plane) + path, version + asked, sent, route.plane)
        answer = _whole(reply, call)
        return activity.slim(answer) if call.name == activity.LOG.name else answer

    def paging(self, call: Call) -> Paging | None:
        return routes()[call.name].paging

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        bucket, rate = quotas.rate(call.service)
        return bucket, EMULATED_RATE if self._endpoint else rate

    def search(self, expression: str, answer: Any) -> Any:
        """Names of Microsoft Graph have dots in them: "@odata.nextLink"."""
        return answer.get(expression) if isinstance(answer, dict) else None

    async def rest(self) -> None:
        """Connections belong to threads, and to no event loop."""

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def principal(self) -> str:
        """The object id that our token speaks for; empty where the token does not say it."""
        claims = _claims(self._http.token(f"https://{self._hosts['arm']}"))
        return str(claims.get("oid") or "")

    def _fetch(self, verb: str, url: str, query: list[tuple[str, str]], body: Any, plane: str) -> Reply:
        reply = self._http.fetch(verb, url, query, body, f"https://{self._hosts[plane]}")
        if reply.status != 200:
            raise refusal(reply.status, reply.headers, reply.body)
        return reply

    def _base(self, plane: str) -> str:
        host = self._hosts[plane]
        return f"{self._endpoint}/{host}" if self._endpoint else f"https://{host}"

    def _following(self, route: Route, told: str) -> str:
        """The address of a next page: the cloud tells it, and it is followed to the plane's own host alone.

        Raises Refusal for any other, for our token would go there.
        """
        base, link = urlsplit(self._base(route.plane)), urlsplit(told)
        try:
            same = (link.scheme, link.hostname, link.port or 443) == (base.scheme, base.hostname, base.port or 443)
        except ValueError:
            same = False
        if not same or link.username or not link.path.startswith(f"{base.path}/"):
            raise Refusal(State.PARSE_ERROR, "ForeignNextLink", "the next page is said to be on another host")
        return link._replace(netloc=base.netloc, fragment="").geturl()

    def _see_everything(self, place: Place, call: Call) -> None:
        """Raises Refusal where some of the call's kinds are not ours to read in the whole subscription."""
        with self._rights:
            if not self._held:
                self._held = self._own_roles(place)
            held = self._held
        if hidden := unseen(held, [one for one in call.permissions if one not in OWN_RIGHTS]):
            why = (
                f"no role of ours holds {', '.join(hidden)} in the whole subscription, and a query leaves out silently"
            )
            raise Refusal(State.DENIED, "RowsHidden", why)

    def _own_roles(self, place: Place) -> list[Definition]:
        oid = self.principal()
        if not oid or not all(part.isalnum() for part in oid.split("-")):
            raise Refusal(State.DENIED, "RowsHidden", "the token does not say whose it is, so its roles are not known")
        mine = {"$filter": f"atScope() and assignedTo('{oid}')"}
        bound = [one["properties"] for one in self._all(place, ASSIGNMENTS, mine)]
        roles = {
            str(one["roleDefinitionId"]).casefold().rpartition("/")[2] for one in bound if not one.get("condition")
        }
        known = self._all(place, DEFINITIONS, {}) if roles else []
        return [one for one in known if str(one["name"]).casefold() in roles] or [{}]

    def _all(self, place: Place, call: Call, params: Params) -> list[Any]:
        found, asked = list[Any](), {**call.params, **params}
        for _ in range(PAGES):
            answer = self.ask(place, call, asked)
            found += answer["value"]
            if not (following := answer.get(NEXT)):
                return found
            asked = {NEXT: following}
        raise Refusal(State.PARSE_ERROR, "EndlessPages", f"more than {PAGES} pages")


def _query(place: Place, params: Params) -> dict[str, Any]:
    token = params.get("$skipToken")
    options = {"$top": PAGE, "resultFormat": "objectArray", **({"$skipToken": token} if token else {})}
    return {"subscriptions": [place.account], "query": params["query"], "options": options}


def _placed(value: Any, place: Place) -> Any:
    if not isinstance(value, str):
        return value
    return AGO.sub(_midnight, value).replace("{subscription}", place.account)


def _midnight(ago: re.Match[str]) -> str:
    return f"{datetime.now(UTC).date() - timedelta(days=int(ago[1])):%Y-%m-%d}T00:00:00Z"


def _flat(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _whole(reply: Reply, call: Call) -> Any:
    try:
        answer = _decoder.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Refusal(State.PARSE_ERROR, "NotJson", str(broken)) from broken
    if not isinstance(answer, dict):
        raise Refusal(State.PARSE_ERROR, "NotJson", "the answer is no object")
    if call.items and not isinstance(at(call.items, answer), list):
        raise Refusal(State.PARSE_ERROR, "NotAList", f"the answer has no list {call.items}")
    if answer.get("resultTruncated") == "true" and not answer.get("$skipToken"):
        raise Refusal(State.UNREACHABLE, "PartialAnswer", "rows were left out, and no next page is told")
    return answer


def _claims(token: str) -> Mapping[str, Any]:
    """What a token says of itself.  Nothing is trusted to it: the cloud judges the token, we read whose it is."""
    try:
        body = token.split(".")[1]
        told = _decoder.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return told if isinstance(told, dict) else {}
