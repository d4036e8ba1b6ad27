"""The double: requests checked against the specification, answers taken from an estate, and checked as well.

Every listing that can have pages has a second one, and of a listing with one item the first page is empty.  A token is
demanded, of the right audience.  Resource Graph shows the columns that are asked for, ordered by id, or refuses.
Faults and the journal are controlled as those of the AWS emulator are: /_sample/faults and /_sample/calls.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from posture.runtime.sample.azure import spec
from posture.runtime.sample.azure.estate import ABOVE, KINDS, SUBSCRIPTION, Estate
from posture.runtime.sample.azure.spec import AFTER, Mismatch
from posture.runtime.sample.gcp.double import Double as Controlled
from posture.runtime.sample.gcp.double import Reply
from posture.runtime.sample.rules import HTML
from scanners.collectors.azure.account import CLOUDS, PUBLIC
from scanners.collectors.azure.routes import Route

PLANES = {host: plane for plane, host in CLOUDS[PUBLIC].items()}
QUERY = re.compile(
    r"resources \| where type in~ \((?P<types>[^)]*)\) \| project (?P<columns>[\w, ]+) \| order by id asc"
)
CONTAINERS = re.compile(
    r"resourcecontainers \| where type =~ 'microsoft.resources/subscriptions'"
    r" \| project id, above = properties.managementGroupAncestorsChain \| order by id asc"
)
ASSIGNED = re.compile(r"atScope\(\) and assignedTo\('([0-9a-f-]+)'\)")
IS_IN = re.compile(r"(\w+) in \(([^)]*)\)")
BETWEEN = re.compile(r"eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)'")
NAMED = re.compile(r"name eq '([^']+)'")
EQUALS = re.compile(r"(\w+) eq (true|false)")


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message or code)
        self.status, self.code, self.message, self.retry_after = status, code, message or code, retry_after


@dataclass(frozen=True)
class Asked:
    """One request that the specification knows."""

    name: str  # of the call: "web.web_apps.list"
    route: Route
    path: str
    query: Mapping[str, str]
    body: Any
    text: str
    here: str  # the address that this plane is reached at
    region: str = "global"

    @property
    def service(self) -> str:
        return self.name.partition(".")[0]

    @property
    def operation(self) -> str:
        return self.name.partition(".")[2]


class Double(Controlled):
    def __init__(self, estate: Estate) -> None:
        super().__init__({})
        self.estate = estate

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        url = urlsplit(target)
        if url.path.startswith("/_sample/"):
            return self._control(verb, url.path.removeprefix("/_sample/"), body)
        try:
            asked = _recognised(verb, target, headers, body)
        except Refused as refused:
            return _refusal(refused)
        reply = self._fault(asked) or self._answered(asked)
        with self._lock:
            digest = hashlib.sha256(f"{asked.text}{body!r}".encode()).hexdigest()[:16]
            line = {"service": asked.service, "operation": asked.operation, "region": asked.region}
            self._calls.append({**line, "params": digest, "status": reply.status})
        return reply

    def _fault(self, asked: Asked) -> Reply | None:
        with self._lock:
            struck = [rule.said for rule in self._rules if rule.strikes(asked)]
        for said in struck:
            if said.get("reset"):
                return Reply(0, b"", cut="reset")
            if said.get("html"):
                return Reply(502, HTML, "text/html")
            if error := said.get("error"):
                return _refusal(Refused(**{"status": 400, **error}))
            if said.get("truncate"):
                whole = self._answered(asked)
                return Reply(whole.status, whole.body, cut="truncate")
        return None

    def _answered(self, asked: Asked) -> Reply:
        try:
            told = self._rows(asked) if asked.service == "resourcegraph" else _page(asked, self._found(asked))
            spec.check(told, spec.answer_of(asked.name), asked.name)
        except Refused as refused:
            return _refusal(refused)
        except Mismatch as wrong:
            return _refusal(Refused(500, "InternalServerError", f"the double's own answer is wrong: {wrong}"))
        return Reply(200, json.dumps(told).encode())

    def _found(self, asked: Asked) -> Any:
        if kind := KINDS.get(asked.name):
            return [one for one in self.estate.resources if one["type"].casefold() == kind.casefold()]
        known = self.estate.at.get(asked.path.casefold())
        if known is None:
            code = "Request_ResourceNotFound" if asked.route.plane == "graph" else "ResourceNotFound"
            raise Refused(404, code, f"nothing stands at {asked.path}")
        if isinstance(known, list):
            return _selected(_filtered(known, asked), asked)
        return _selected([known], asked)[0]

    def _rows(self, asked: Asked) -> dict[str, Any]:
        said = asked.body or {}
        if said.get("subscriptions") != [SUBSCRIPTION]:
            raise Refused(403, "AccessDenied", "no access to the given subscriptions")
        if CONTAINERS.fullmatch(str(said.get("query"))):
            return _graph_page([self.estate.at[ABOVE]], said.get("options", {}).get("$skipToken"))
        if not (match := QUERY.fullmatch(str(said.get("query")))):
            raise Refused(400, "BadRequest", "ParserFailure: a query that the double does not know")
        options, columns = said.get("options", {}), match["columns"].split(", ")
        if options.get("resultFormat") != "objectArray" or "id" not in columns:
            raise Refused(400, "BadRequest", "objects are asked for, with their ids, or there are no pages")
        wanted = {one.strip(" '").casefold() for one in match["types"].split(",")}
        rows = [one for one in self.estate.resources if one["type"].casefold() in wanted]
        rows.sort(key=lambda one: str(one["id"]).casefold())
        shown = [{column: _in_graph(one, column) for column in columns} for one in rows]
        return _graph_page(shown, options.get("$skipToken"))


def _recognised(verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked:
    url = urlsplit(target)
    host, _, rest = url.path.lstrip("/").partition("/")
    if host not in PLANES:
        raise Refused(404, "NotFound", f"no plane is called {host}")
    _demand_token(headers.get("authorization", ""), host)
    plane = PLANES[host]
    found = spec.find(plane, verb, f"/{rest}")
    if not found:
        raise Refused(404, "InvalidResourceType", f"no operation is {verb} /{rest}")
    name, route, places = found[0]
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    if plane == "arm" and places.get("subscriptionId", SUBSCRIPTION) != SUBSCRIPTION:
        raise Refused(404, "SubscriptionNotFound", "The subscription could not be found.")
    said = None
    try:
        if name == "resourcegraph.resources":
            said = json.loads(body)
        elif body:
            raise Mismatch("the operation takes no body")
        spec.check_query(
            route, query if name != "resourcegraph.resources" else {"api-version": query.get("api-version", "")}
        )
    except (Mismatch, ValueError) as wrong:
        raise Refused(400, "BadRequest", str(wrong)) from None
    here = f"http://{headers.get('host', '')}/{host}"
    return Asked(name, route, f"/{rest}", query, said, f"{verb} {target}", here)


def _demand_token(told: str, host: str) -> None:
    try:
        part = told.removeprefix("Bearer ").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        raise Refused(
            401, "AuthenticationFailed", "Authentication failed. The Authorization header is missing."
        ) from None
    if claims.get("aud") != f"https://{host}":
        raise Refused(401, "InvalidAuthenticationToken", "The audience is another.")


def _filtered(items: list[Any], asked: Asked) -> list[Any]:
    """Of a listing what its filter asks for; one that the double does not know is refused."""
    told = asked.query.get("$filter")
    if not told:
        return items
    if match := ASSIGNED.fullmatch(told):
        return [one for one in items if one["properties"]["principalId"] == match[1] and _at_scope(one)]
    if match := IS_IN.fullmatch(told):
        wanted = {one.strip(" '") for one in match[2].split(",")}
        return [one for one in items if one.get(match[1]) in wanted]
    if match := BETWEEN.fullmatch(told):
        return [one for one in map(_dated, items) if match[1] <= one["eventTimestamp"] <= match[2]]
    if match := NAMED.fullmatch(told):
        return [one for one in items if one.get("name") == match[1]]
    if match := EQUALS.fullmatch(told):
        return [one for one in items if one.get(match[1]) is (match[2] == "true")]
    raise Refused(400, "BadRequest", f"the double does not know the filter {told}")


def _dated(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the activity log with its day, which is told as so many days ago."""
    return {
        **line,
        "eventTimestamp": f"{datetime.now(UTC) - timedelta(days=line['eventTimestamp']):%Y-%m-%d}T08:15:00Z",
    }


def _at_scope(assignment: Any) -> bool:
    return "/resourcegroups/" not in assignment["properties"]["scope"].casefold()


def _selected(items: list[Any], asked: Asked) -> list[Any]:
    if "$select" not in asked.query:
        return items
    wanted = set(asked.query["$select"].split(","))
    return [{key: value for key, value in one.items() if key in wanted or key.startswith("@")} for one in items]


def _page(asked: Asked, found: Any) -> Any:
    """The page that was asked for: the first has half of the items, rounded down."""
    if not isinstance(found, list):
        return found
    if not asked.route.page:
        return {"value": found}
    half, after = len(found) // 2, hashlib.sha256(f"{asked.path}{len(found)}".encode()).hexdigest()[:12]
    if (token := asked.query.get(AFTER)) not in (None, after):
        raise Refused(400, "InvalidSkipToken", "the token is not one of this listing")
    if token:
        return {"value": found[half:]}
    again = "&".join(f"{quote(name)}={quote(value)}" for name, value in {**asked.query, AFTER: after}.items())
    return {"value": found[:half], asked.route.page[1]: f"{asked.here}{quote(asked.path)}?{again}"}


def _in_graph(one: Mapping[str, Any], column: str) -> Any:
    """As Resource Graph tells a resource: types in small letters, and nulls for what it has not."""
    return str(one["type"]).lower() if column == "type" else one.get(column)


def _graph_page(rows: list[Any], token: Any) -> dict[str, Any]:
    half, after = len(rows) // 2, hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]
    if token not in (None, after):
        raise Refused(400, "InvalidSkipToken", "the token is not one of this query")
    shown = rows[half:] if token else rows[:half]
    told = {"totalRecords": len(rows), "count": len(shown), "data": shown, "facets": [], "resultTruncated": "false"}
    return told if token else {**told, "$skipToken": after}


def _refusal(refused: Refused) -> Reply:
    body = json.dumps({"error": {"code": refused.code, "message": refused.message}}).encode()
    headers = (("Retry-After", str(refused.retry_after)),) if refused.retry_after is not None else ()
    return Reply(refused.status, body, headers=headers)
