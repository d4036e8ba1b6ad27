"""What stands in front of a Function App or a Container App: its host names, its functions, and what triggers them.

What calls it from elsewhere is `before`'s.

Who comes in is told by three doors in a row: the network, the platform's sign-in, and the key that a function asks for.
Sources: "Azure App Service access restrictions", "Azure Functions HTTP trigger", "Ingress in Azure Container Apps",
read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure.calling import ASKS, CONTAINER_APP, is_function_app
from scanners.access.azure.doors import FUNCTIONS, asks_who, named_networks, open_door, wants_certificate, word
from scanners.access.azure.engine import AzureEngine
from scanners.access.azure.rights import RESOURCE
from scanners.graph.azure.before import before
from scanners.graph.fronts import Front
from scanners.model import Node, Resource, Unread

BEYOND = (
    "Front Door (classic), Azure CDN, domains of Event Grid, and what policies of API Management choose are not"
    " collected: what of them calls it is not shown here"
)
NAMES = ("queueName", "topicName", "eventHubName", "path")  # of what a trigger listens to
FEEDS = {
    "queuetrigger": "whoever may add messages to the queue",
    "servicebustrigger": "whoever may send to it",
    "eventhubtrigger": "whoever may send to it",
    "eventgridtrigger": "whoever may publish such events",
    "blobtrigger": "whoever may write to the container",
    "cosmosdbtrigger": "whoever may change what it watches",
    "timertrigger": "the clock",
}
SIGNED_IN = "callers who have signed in with the platform"


def fronts(engine: AzureEngine, function: Resource) -> tuple[list[Front], list[str]]:
    """(what was found, what was not read)"""
    found: list[Front] = []
    unread: list[str] = []
    looks = (_ingress,) if function.kind == CONTAINER_APP else (_hosts, _functions)
    for look in looks:
        try:
            found.extend(look(function, unread))
        except Unread as gaps:
            unread.extend(_told(gaps))
    try:
        found.extend(before(engine.estate, function, unread))
    except Unread as gaps:
        unread.extend(_told(gaps))
    return found, list(dict.fromkeys(unread))


def _told(gaps: Unread) -> Iterator[str]:
    return (f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)


def _network(site: Resource, unread: list[str]) -> tuple[bool | None, str]:
    """(whether the whole internet reaches it, in words)"""
    try:
        if open_door(site):
            return True, ""
        return False, "from named networks or private ways only"
    except Unread as gaps:
        unread.extend(_told(gaps))
        return None, "from where is not known"


def _signs_in(site: Resource, unread: list[str]) -> bool | None:
    try:
        return asks_who(site)[0]
    except Unread as gaps:
        unread.extend(_told(gaps))
        return None


def _hosts(site: Resource, unread: list[str]) -> Iterator[Front]:
    about = site[RESOURCE]["properties"]
    (_, where), signs_in = _network(site, unread), _signs_in(site, unread)
    asks = {True: SIGNED_IN, False: "each function asks for itself", None: "what the platform asks is not known"}
    if not is_function_app(site):
        asks[False] = "the code asks for itself"
    own = about["defaultHostName"]
    named = [one for one in about["hostNames"] if one.value != own.value]
    plain = "" if about["httpsOnly"].value is True else "answers plain HTTP as well"
    off = word(about["state"]) == "stopped" or about["enabled"].value is False
    detail = ", ".join(part for part in (where, plain) if part)
    for what, one in (("Host name", own), *(("Custom domain", one) for one in named)):
        if one.present:
            yield Front(what, str(one.value), detail, asks[signs_in], False, "", site.kind, site.ref, one.pointer, off)


def _functions(site: Resource, unread: list[str]) -> Iterator[Front]:
    if not is_function_app(site):
        return
    (reached, where), signs_in = _network(site, unread), _signs_in(site, unread)
    for function in site[FUNCTIONS]:
        name = str(function["name"].value or "")
        off = function["isDisabled"].value is True
        for way in function["bindings"]:
            kind = word(way["type"])
            if kind == "httptrigger":
                level = word(way["authLevel"], "function")
                asks = _asks(level, signs_in)
                open_ = bool(reached) and signs_in is False and level == "anonymous"
                yield Front("HTTP function", name, _http(way, where), asks, open_, name, site.kind, site.ref,
                            way.pointer, off)  # fmt: skip
            elif kind.endswith("trigger"):
                what = f"Trigger ({kind.removesuffix('trigger')})"
                yield Front(what, _source(way) or name, "", FEEDS.get(kind, "whoever makes such events happen"), False,
                            name, site.kind, site.ref, way.pointer, off)  # fmt: skip


def _asks(level: str, signs_in: bool | None) -> str:
    key = {"anonymous": "", "admin": "the master key"}.get(level, "a key of the function or its app")
    if signs_in is None:
        return "what the platform asks is not known" + (f", the function asks for {key}" if key else "")
    if signs_in:
        return f"{SIGNED_IN}, with {key}" if key else SIGNED_IN
    return f"callers with {key}" if key else f"anyone: {ASKS['anonymous']}"


def _http(way: Node, where: str) -> str:
    methods = ", ".join(str(one.value).upper() for one in way["methods"])
    route = str(way["route"].value or "")
    return ", ".join(part for part in (methods, f"/{route.lstrip('/')}" if route else "", where) if part)


def _source(way: Node) -> str:
    return next((str(way[name].value) for name in NAMES if way[name].present), "")


def _ingress(app: Resource, unread: list[str]) -> Iterator[Front]:
    way = app[RESOURCE]["properties"]["configuration"]["ingress"]
    if not way.present:
        return
    external, certified, named = way["external"].value is True, wants_certificate(way), named_networks(way)
    where = "from its environment only" if not external else "from named networks only" if named else ""
    plain = "answers plain HTTP as well" if way["allowInsecure"].value is True else ""
    detail = ", ".join(part for part in (where, plain) if part)
    asks = "callers with a certificate" if certified else "the code asks for itself"
    domains = [one["name"] for one in way["customDomains"]]
    fqdn = way["fqdn"]
    for what, one in (("Ingress", fqdn), *(("Custom domain", one) for one in domains)):
        if one.present or what == "Ingress":
            yield Front(what, str(one.value or app.name), detail, asks, external and not named and not certified, "",
                        app.kind, app.ref, one.pointer)  # fmt: skip
