"""How calls of Azure's APIs are written down, and the two roads to most kinds.

The road of choice is Resource Graph: one query a service gives every resource of its kinds.  Where it is refused, or
does not show us everything (see transport.py), the service's own listings are asked; both roads fill the same section
with equal documents.  Settings that Resource Graph lacks are asked of Azure Resource Manager, resource by resource.

An operation is called as Microsoft's Python client calls it: "web_apps.list" of azure-mgmt-web.

Limits: Resource Graph lags behind by minutes at most ("Resource Graph overview", read 2026-11).  Ids are compared
without regard to case, and written as Azure tells them, but for the words that are not names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail, Over, Params, Shape
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

SUBSCRIPTION = {"subscriptionId": "{subscription}"}  # the transport puts the account in
RESOURCE = "resource"
PAGE = 1000
GRAPH = "Microsoft.Graph/"  # before a permission of Microsoft Graph, which is granted in the directory
COLUMNS = "id, name, type, location, kind, identity, tags, sku, properties"
FIXED = {word.casefold(): word for word in ("subscriptions", "resourceGroups", "providers", "managementGroups")}
OWN_RIGHTS = ("Microsoft.Authorization/roleAssignments/read", "Microsoft.Authorization/roleDefinitions/read")


def ask(service: str, operation: str, permission: str, **more: Any) -> Call:
    """A call of Azure Resource Manager."""
    return Call(service, operation, permission=permission, **more)


def listing(service: str, operation: str, permission: str, **more: Any) -> Call:
    """A listing of the whole subscription."""
    params = {**SUBSCRIPTION, **more.pop("params", {})}
    return ask(service, operation, permission, items="value", params=params, **more)


def directory(operation: str, permission: str, **more: Any) -> Call:
    """A call of Microsoft Graph, whose permissions are app roles."""
    return Call("graph", operation, permission=GRAPH + permission, **more)


def query(*kinds: str) -> Call:
    """All resources of these kinds.  Ordered by id: without that pages overlap, and without an id there are none."""
    types = ", ".join(f"'{kind.lower()}'" for kind in sorted(kinds))
    text = f"resources | where type in~ ({types}) | project {COLUMNS} | order by id asc"
    return Call(
        "resourcegraph",
        "resources",
        items="data",
        params={"query": text},
        permission=f"{sorted(kinds)[0]}/read",
        also=(*(f"{kind}/read" for kind in sorted(kinds)[1:]), *OWN_RIGHTS),
        fills=RESOURCE,
    )


def containers(what: str, columns: str, permission: str, fills: str) -> Call:
    """What Resource Graph tells of the subscription itself, which it keeps beside the resources."""
    text = f"resourcecontainers | where type =~ '{what.lower()}' | project {columns} | order by id asc"
    params = {"query": text}
    return Call("resourcegraph", "resources", items="data", params=params, permission=permission, fills=fills)


def arm_id(told: str, kind: str = "") -> str:
    """An id with the words that are not names as ARM writes them; of those that are, nothing is changed."""
    steps = told.split("/")
    for index in range(1, len(steps), 2):
        steps[index] = FIXED.get(steps[index].casefold(), steps[index])
    types = kind.split("/")
    if len(types) > 1 and len(steps) >= 2 * len(types):
        begin = len(steps) - 2 * len(types) + 1
        if steps[begin : begin + 1] and steps[begin].casefold() == types[0].casefold():
            steps[begin] = types[0]
            steps[begin + 1 :: 2] = types[1:]
    return "/".join(steps)


def identify(kind: str) -> Callable[[Place, Any], Identity]:
    return lambda place, item: Identity(arm_id(item["id"], kind), item["name"], located(item))


def located(item: Mapping[str, Any]) -> str:
    """ARM tells some places as they are shown: "West Europe"."""
    return str(item.get("location") or "global").replace(" ", "").lower()


def body(kind: str, *fields: str) -> Shape:
    """What is kept of a resource: what names it, who it runs as, and of its properties these fields alone."""
    pruned = pruner(fields)

    def shape(item: Any, door: Door) -> dict[str, Any]:
        kept = {"id": arm_id(item["id"], kind), "name": item["name"], "location": located(item)}
        for name in ("kind", "tags"):
            if item.get(name):
                kept[name] = item[name]
        if found := identity(item.get("identity")):
            kept["identity"] = found
        return {**kept, "properties": pruned(item.get("properties") or {})}

    return shape


def identity(told: Any) -> dict[str, Any]:
    """The managed identities of a resource: {"system": object id, "user": {id of the identity: object id}}."""
    if not isinstance(told, dict):
        return {}
    user = told.get("userAssignedIdentities") or {}
    kept = {
        "system": told.get("principalId"),
        "user": {arm_id(key): (one or {}).get("principalId") for key, one in user.items()},
    }
    return {key: value for key, value in kept.items() if value}


def objects(told: Any) -> list[dict[str, Any]]:
    """What of a list is an object; of what is no list, nothing."""
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def keep(*paths: str) -> Shape:
    """A shape that keeps these fields."""
    pruned = pruner(paths)
    return lambda answer, door: [pruned(one) for one in answer] if isinstance(answer, list) else pruned(answer)


def pruner(paths: tuple[str, ...]) -> Callable[[Any], Any]:
    """Of a body these fields alone, by dotted path; lists on the way are walked through, and nulls left out.

    What is not named is volatile, or bulk, or might be a secret.
    """
    tree: dict[str, Any] = {}
    for path in paths:
        inner = tree
        plain, at, annotation = path.partition("@")
        for step in [*filter(None, plain.split(".")), *([at + annotation] if at else [])]:
            inner = inner.setdefault(step, {})
    return lambda value: _pruned(value, tree)


def _pruned(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_pruned(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    wanted = (
        ((key, value.get(key), inner) for key, inner in tree.items())
        if tree
        else ((key, item, {}) for key, item in value.items())
    )
    return {key: _pruned(item, inner) for key, item, inner in wanted if item is not None}


def by_id(resource: Resource) -> Params:
    """The parameters of a call about the resource itself: its id fills the address."""
    return {"id": resource.ref}


def scope(resource: Resource) -> Params:
    return {"resourceUri": resource.ref.lstrip("/")}


def two_roads(
    kind: str,
    *,
    service: str,
    listed: str,
    fields: tuple[str, ...],
    kinds: tuple[str, ...] = (),
    details: tuple[Detail, ...] = (),
    attached: tuple[Attached, ...] = (),
    over: tuple[Over, ...] = (),
    params: Mapping[str, Any] | None = None,
    shape: Shape | None = None,
) -> Collector:
    """A kind that is found in Resource Graph, and else by its service's own listing.

    `kinds` are all of the service's, so that they share one query; `listed` is the listing's operation.  `shape` is
    given where the `fields` of its properties are not all that is kept.
    """
    shape = shape or body(kind, *fields)
    own = listing(service, listed, f"{kind}/read", fills=RESOURCE, params=params or {})
    second = Collector(
        kind=kind,
        listing=own,
        identify=identify(kind),
        shape=shape,
        details=details,
        attached=attached,
        service=service,
        everywhere=False,
        over=over,
    )
    return Collector(
        kind=kind,
        listing=query(*(kinds or (kind,))),
        identify=identify(kind),
        choose=lambda place, item: str(item["type"]).casefold() == kind.casefold(),
        shape=shape,
        details=details,
        attached=attached,
        service=service,
        everywhere=False,
        otherwise=second,
    )
