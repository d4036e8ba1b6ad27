"""Jobs of Cloud Scheduler: what they call, and as whom.

They are asked location by location, of the service itself.  Bodies and headers of requests are never kept.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scanners.collectors.cloud import Collector, Over
from scanners.collectors.door import Door
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, keep
from scanners.model import Identity, Place

JOB = "cloudscheduler.googleapis.com/Job"
LOCATIONS = ask(
    "cloudscheduler",
    "projects.locations.list",
    "cloudscheduler.locations.list",
    items="locations",
    params={"name": PROJECT, "pageSize": PAGE},
)
_kept = keep(
    "name",
    "state",
    "schedule",
    "httpTarget.uri",
    "httpTarget.httpMethod",
    "httpTarget.oidcToken.serviceAccountEmail",
    "httpTarget.oidcToken.audience",
    "httpTarget.oauthToken.serviceAccountEmail",
    "pubsubTarget.topicName",
    "appEngineHttpTarget.relativeUri",
)


def job(body: Any, door: Door) -> Any:
    told = _kept(body, door)
    target = told.get("httpTarget", {})
    if isinstance(target, dict) and isinstance(target.get("uri"), str):
        target["uri"] = bare(target["uri"])
    return told


def bare(uri: str) -> str:
    """An address without a password and what stands behind its question mark; empty for what is none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def identified(place: Place, body: Any) -> Identity:
    name = str(body["name"])
    return Identity(f"//cloudscheduler.googleapis.com/{name}", name.rpartition("/")[2], name.split("/")[3])


COLLECTORS = (
    Collector(
        kind=JOB,
        listing=ask(
            "cloudscheduler",
            "projects.locations.jobs.list",
            "cloudscheduler.jobs.list",
            items="jobs",
            fills=RESOURCE,
            params={"pageSize": 500},
        ),
        identify=identified,
        shape=job,
        everywhere=False,
        over=(Over(LOCATIONS, lambda location: {"parent": location["name"]}),),
    ),
)
