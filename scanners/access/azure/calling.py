"""Function Apps and Container Apps: who calls them, and as whom their code runs.

Azure's roles do not decide over HTTP calls: a function asks for a key, or nothing, and the platform may ask callers to
sign in ("Secure your function endpoints", "Authentication and authorization in Azure App Service", read 2026-11).
Roles decide who is handed the keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure.doors import FUNCTIONS, asks_who
from scanners.access.azure.rights import RESOURCE, identities
from scanners.model import Gap, Node, Resource, State, Unread

SITE, CONTAINER_APP = "Microsoft.Web/sites", "Microsoft.App/containerApps"
HAND_OUT_KEYS = ("Microsoft.Web/sites/host/listkeys/action", "Microsoft.Web/sites/functions/listkeys/action")
ASKS = {
    "anonymous": "it asks for no key",
    "function": "it asks for a key of the function or of its app",
    "admin": "it asks for the master key",
}


def is_function_app(row: Resource) -> bool:
    """Raises Unread."""
    return row.kind == SITE and "functionapp" in str(row[RESOURCE]["kind"].value or "").casefold()


def invocation(row: Resource) -> tuple[str, ...]:
    """The actions that hand out what a caller must show; a container app asks for nothing that roles hand out."""
    return HAND_OUT_KEYS if is_function_app(row) else ()


def runs_as(row: Resource) -> list[str]:
    """Object ids in small letters.  Raises Unread, also where an identity's object id was not told."""
    for name, told in row[RESOURCE]["identity"]["user"].items():
        if told.value is None:
            why = f"the object id of {name} was not told"
            raise Unread(Gap(told.call, "", State.PARSE_ERROR, why, told.region))
    return [who for who, _ in identities(row[RESOURCE])]


def notes(row: Resource) -> tuple[str, ...]:
    """Who may call it over HTTP, as far as its settings say; what was not read is said as well."""
    try:
        return tuple(_told(row))
    except Unread as unread:
        gap = unread.gaps[0]
        return (f"who may call it over HTTP is not known: {gap.call} was not read ({gap.code})",)


def _told(row: Resource) -> Iterator[str]:
    if row.kind == CONTAINER_APP:
        way = row[RESOURCE]["properties"]["configuration"]["ingress"]
        if not way.present:
            yield "it answers no HTTP calls"
        else:
            where = "the internet" if way["external"].value is True else "its own environment"
            yield f"roles do not decide who calls it: it answers callers of {where}"
    elif row.kind == SITE and is_function_app(row):
        yield "roles do not decide who calls it over HTTP: they decide who is handed its keys"
        yield (
            "callers must have signed in with the platform"
            if asks_who(row)[0]
            else "the platform asks nobody to sign in"
        )
        for function in row[FUNCTIONS]:
            yield from _function(function)


def _function(told: Node) -> Iterator[str]:
    for way in told["bindings"]:
        if str(way["type"].value).casefold() == "httptrigger":
            level = str(way["authLevel"].value or "function").casefold()
            yield f"{str(told['name'].value)[:80]}: {ASKS.get(level, ASKS['function'])}"
