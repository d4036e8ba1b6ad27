"""Access Analyzer, which moto has not: analyzers are made and listed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from posture.runtime.sample.emulator import clock
from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call, Refused

ANALYZERS: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
"""(account, region) → analyzers by name."""
PAGES: dict[str, Any] = {
    "limit": "maxResults",
    "token": "nextToken",
    "next": "nextToken",
    "refusal": "ValidationException",
}


def create_analyzer(call: Call, _: MotoSays) -> dict[str, Any]:
    name, mine = call.params["analyzerName"], ANALYZERS[call.account, call.region]
    if name in mine:
        raise Refused("ConflictException", f"Analyzer {name} exists already.", 409)
    arn = f"arn:aws:access-analyzer:{call.region}:{call.account}:analyzer/{name}"
    made = {"name": name, "arn": arn, "type": call.params["type"], "status": "ACTIVE", "createdAt": clock.now()}
    mine[name] = {**made, "tags": call.params.get("tags") or {}}
    return {"arn": arn}


def analyzers(call: Call, _: MotoSays) -> dict[str, Any]:
    kind = call.params.get("type")
    rows = [row for row in ANALYZERS[call.account, call.region].values() if kind in (None, row["type"])]
    return Paged("analyzers", **PAGES).cut(
        {"analyzers": rows}, call.params.get("maxResults"), call.params.get("nextToken")
    )


ANSWERS: dict[tuple[str, str], Answer] = {
    ("accessanalyzer", "CreateAnalyzer"): create_analyzer,
    ("accessanalyzer", "ListAnalyzers"): analyzers,
}
