"""Load balancers that lead to a function or a service: an address, a proxy, a map of URLs, and a backend whose endpoint
is serverless.  Source: "Serverless network endpoint groups overview" (Cloud Load Balancing), read 2026-11.

Limits: what a URL mask leaves to the request may be any service of its region; hosts and paths are not told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanners.access.gcp.kinds import SERVICE, path_of
from scanners.access.gcp.tree import told
from scanners.model import Node, Resource
from scanners.model.estate import Estate

COMPUTE = "compute.googleapis.com"
GROUP, BACKEND = f"{COMPUTE}/NetworkEndpointGroup", f"{COMPUTE}/BackendService"
URLS, FORWARDING = f"{COMPUTE}/UrlMap", f"{COMPUTE}/ForwardingRule"
PROXIES = {f"{COMPUTE}/TargetHttpsProxy": "HTTPS", f"{COMPUTE}/TargetHttpProxy": "plain HTTP"}
OUTSIDE = ("EXTERNAL", "EXTERNAL_MANAGED")
MARK = "/backendServices/"


@dataclass(frozen=True, slots=True)
class Balanced:
    """`rule` has the address, `backend` what filters; `masked`: a URL mask decides whether it leads here."""

    rule: Resource
    speaks: str
    backend: Resource
    masked: bool


def link(text: object) -> str:
    """ "projects/p/global/urlMaps/m" of a link, whatever version of the API it names."""
    _, mark, rest = str(text or "").partition("/projects/")
    return f"projects/{rest}" if mark else ""


def balanced(estate: Estate, *shown: Resource) -> Iterator[Balanced]:
    """The ways from outside to any of these, which are one function with its service.  Raises Unread."""
    groups = {path_of(group.ref): masked for group in estate.all(GROUP) if (masked := _leads(group, shown)) is not None}
    backends = [one for one in estate.all(BACKEND) if groups and _behind(one) & groups.keys()]
    for backend in backends:
        if told(backend, "loadBalancingScheme").value in OUTSIDE:
            masked = all(groups[one] for one in _behind(backend) & groups.keys())
            for rule, speaks in _before(estate, backend):
                yield Balanced(rule, speaks, backend, masked)


def _behind(backend: Resource) -> set[str]:
    return {link(one["group"].value) for one in told(backend, "backends")}


def _before(estate: Estate, backend: Resource) -> Iterator[tuple[Resource, str]]:
    maps = {path_of(one.ref) for one in estate.all(URLS) if path_of(backend.ref) in set(_services(told(one).value))}
    for kind, speaks in PROXIES.items() if maps else ():
        proxies = {path_of(one.ref) for one in estate.all(kind) if link(told(one, "urlMap").value) in maps}
        for rule in estate.all(FORWARDING) if proxies else ():
            if link(told(rule, "target").value) in proxies:
                yield rule, speaks


def _services(document: Any) -> Iterator[str]:
    """All backends that a map of URLs names, wherever it does."""
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and MARK in one:
            yield link(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _leads(group: Resource, shown: tuple[Resource, ...]) -> bool | None:
    """Whether a URL mask has a say; None for a group that leads elsewhere."""
    about = told(group)
    if about["networkEndpointType"].value != "SERVERLESS":
        return None
    region = str(about["region"].value or "").rpartition("/")[2]
    for one in shown:
        serves, name = (about["cloudRun"], "service") if one.kind == SERVICE else (about["cloudFunction"], "function")
        if not serves.present or region not in ("", one.region):
            continue
        if serves[name].value == one.name:
            return False
        if _masked(serves, name):
            return True
    return None


def _masked(serves: Node, name: str) -> bool:
    return bool(serves["urlMask"].value) and not serves[name].value
