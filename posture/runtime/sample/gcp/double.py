"""The double: requests checked against the specification, answers computed from an estate, and checked as well.

Every listing has a second page, and of a listing with one item the first page is empty, as Google may do.  A token is
demanded.  Faults and the journal are controlled as those of the AWS emulator are: /_sample/faults and /_sample/calls.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from posture.runtime.sample.gcp import spec
from posture.runtime.sample.gcp.spec import Method, Mismatch
from posture.runtime.sample.rules import HTML, Rule

TOKEN = "posture-sample"  # noqa: S105  (opens nothing but this)
MINTED = "ya29.sample-"
REASONS = {403: "forbidden", 404: "notFound", 429: "rateLimitExceeded", 503: "backendError"}


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = "", **detail: Any) -> None:
        super().__init__(message or code)
        self.status, self.code, self.message, self.detail = status, code, message or code, detail


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    kind: str = "application/json; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    cut: str = ""  # "reset": no answer at all; "truncate": half of the body


@dataclass(frozen=True)
class Asked:
    """One request that the specification knows.  `params` are the places of its path and its query."""

    method: Method
    params: Mapping[str, Any]
    body: Any
    text: str
    region: str = "global"

    @property
    def service(self) -> str:
        return self.method.service

    @property
    def operation(self) -> str:
        """As the call tables name it."""
        content = {"RESOURCE": "Resource", "IAM_POLICY": "IamPolicy"}.get(str(self.params.get("contentType")), "")
        return self.method.id.partition(".")[2] + content


Answer = Callable[[Asked], dict[str, Any]]


class Double:
    """`answers` are by method id; what has none is refused as not implemented."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._calls: list[dict[str, Any]] = []

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        url = urlsplit(target)
        if url.path.startswith("/_sample/"):
            return self._control(verb, url.path.removeprefix("/_sample/"), body)
        if url.path == "/token":
            minted = {"access_token": MINTED + "token", "expires_in": 3600, "token_type": "Bearer"}
            return _json(200, minted)
        try:
            asked = self._recognise(verb, url.path, url.query, headers, body)
        except Refused as refused:
            return _refusal(refused)
        reply = self._struck(asked) or self._answer(asked)
        with self._lock:
            digest = hashlib.sha256(f"{asked.text}{body!r}".encode()).hexdigest()[:16]
            line = {"service": asked.service, "operation": asked.operation, "region": asked.region}
            self._calls.append({**line, "params": digest, "status": reply.status})
        return reply

    def _recognise(self, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Asked:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token != TOKEN and not token.startswith(MINTED):
            raise Refused(401, "UNAUTHENTICATED", "Request is missing required authentication credential.")
        host, _, rest = path.lstrip("/").partition("/")
        found = spec.find(verb, host, rest)
        if not found:
            raise Refused(404, "NOT_FOUND", f"No method of {host} is {verb} {rest}")
        method, places = found
        asked = parse_qs(query, keep_blank_values=True)
        try:
            method.check_query(asked)
            said = json.loads(body) if body else None
            if method.request:
                spec.check(said or {}, method.api, method.request)
            elif said:
                raise Mismatch("the method takes no body")
        except (Mismatch, ValueError) as wrong:
            raise Refused(400, "INVALID_ARGUMENT", str(wrong)) from None
        repeated = {name for name, told in method.parameters.items() if told.get("repeated")}
        told = {name: values if name in repeated else values[0] for name, values in asked.items()}
        return Asked(method, {**told, **places}, said, f"{verb} {path}?{query}")

    def _answer(self, asked: Asked) -> Reply:
        made = self.answers.get(asked.method.id)
        try:
            if made is None:
                raise Refused(501, "UNIMPLEMENTED", f"The double has no answer for {asked.method.id}")
            whole = _page(asked, made(asked))
            if asked.method.response:
                spec.check(whole, asked.method.api, asked.method.response)
        except Refused as refused:
            return _refusal(refused)
        except Mismatch as wrong:
            return _refusal(Refused(500, "INTERNAL", f"the double's own answer is wrong: {wrong}"))
        return _json(200, whole)

    def _struck(self, asked: Asked) -> Reply | None:
        with self._lock:
            struck = [rule.said for rule in self._rules if rule.strikes(asked)]
        for said in struck:
            time.sleep(said.get("latency_ms", 0) / 1000)
        for said in struck:
            if said.get("reset"):
                return Reply(0, b"", cut="reset")
            if said.get("html"):
                return Reply(502, HTML, "text/html")
            if error := said.get("error"):
                return _refusal(Refused(**{"status": 400, **error}))
            if said.get("truncate"):
                whole = self._answer(asked)
                return Reply(whole.status, whole.body, cut="truncate")
        return None

    def _control(self, verb: str, name: str, body: bytes) -> Reply:
        with self._lock:
            if (verb, name) == ("POST", "faults"):
                try:
                    self._rules += [Rule(rule) for rule in json.loads(body)]
                except ValueError as wrong:
                    return _json(400, {"error": str(wrong)})
            elif (verb, name) == ("DELETE", "faults"):
                self._rules = []
            elif (verb, name) == ("DELETE", "calls"):
                self._calls = []
            elif (verb, name) == ("GET", "calls"):
                return _json(200, self._calls)
            else:
                return _json(404, {"error": "no such control"})
        return _json(200, None)


def _page(asked: Asked, answer: dict[str, Any]) -> dict[str, Any]:
    """The page that was asked for: the first has half of the items, rounded down."""
    knative = "continue" in asked.method.parameters
    token_in = "continue" if knative else "pageToken"
    if token_in not in asked.method.parameters:
        return answer
    key = next((name for name, value in answer.items() if isinstance(value, (list, dict)) and name != "metadata"), "")
    items = answer.get(key, [])
    rows = list(items.items()) if isinstance(items, dict) else list(items)
    half = len(rows) // 2
    second = hashlib.sha256(f"{asked.method.id}{len(rows)}".encode()).hexdigest()[:12]
    token = asked.params.get(token_in)
    if token not in (None, "", second):
        raise Refused(400, "INVALID_ARGUMENT", "The page token is not one of this listing")
    kept = rows[half:] if token else rows[:half]
    page = {name: value for name, value in answer.items() if name != key}
    if kept:  # Google leaves out empty fields
        page[key] = dict(kept) if isinstance(items, dict) else kept
    if not token and knative:
        page["metadata"] = {**page.get("metadata", {}), "continue": second}
    elif not token:
        page["nextPageToken"] = second
    return page


def _refusal(refused: Refused) -> Reply:
    """As Google answers: the status and the older list of errors side by side."""
    detail = dict(refused.detail)
    retry_after = detail.pop("retry_after", None)
    error: dict[str, Any] = {
        "code": refused.status,
        "message": refused.message,
        "status": "PERMISSION_DENIED" if refused.code == "SERVICE_DISABLED" else refused.code,
        "errors": [{"message": refused.message, "domain": "global", "reason": REASONS.get(refused.status, "invalid")}],
    }
    if refused.code == "SERVICE_DISABLED":
        about = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": refused.code,
            "domain": "googleapis.com",
        }
        error["details"] = [{**about, "metadata": detail.get("metadata", {})}]
    headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
    return Reply(refused.status, json.dumps({"error": error}).encode(), headers=headers)


def _json(status: int, said: Any) -> Reply:
    return Reply(status, json.dumps(said).encode())
