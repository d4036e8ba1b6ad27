"""How calls of Google's APIs are written down, and the two roads to most kinds.

The road of choice is Cloud Asset Inventory: two listings a service (RESOURCE and IAM_POLICY) give every resource of its
kinds with every policy on them.  Where the inventory is refused, its API being off or its role missing, the service's
own listings are asked, and each resource for its policy; both roads fill the same sections with the same documents.

Limits: the inventory lags behind the services, by minutes as a rule ("Asset inventory overview", read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail, Over, Params, Shape, as_is
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

PROJECT = "projects/{project}"  # the transport puts the account in
RESOURCE, POLICY = "resource", "iamPolicy"
PAGE = 1000

Name = Callable[[Place, Any], str]  # a resource as its own service tells it → its full name, "//…"


def ask(service: str, operation: str, permission: str, **more: Any) -> Call:
    """A call; `operation` is the method's id in Google's discovery document, without the service."""
    return Call(service, operation, permission=permission, **more)


def get_policy(service: str, of: str, permission: str, field: str = "options.requestedPolicyVersion") -> Call:
    """The call for one resource's policy.  Version 3 shows conditions; a lower one would hide those bindings."""
    return ask(service, f"{of}.getIamPolicy", permission, fills=POLICY, params={field: 3}, drop=frozenset({"etag"}))


def assets(content: str, *types: str, fills: str = "") -> Call:
    """One of the inventory's listings, of the resources of these types (cloudasset.assets.list)."""
    operation = "assets.listResource" if content == "RESOURCE" else "assets.listIamPolicy"
    params = {"parent": PROJECT, "contentType": content, "assetTypes": sorted(types), "pageSize": PAGE}
    fills = fills or (RESOURCE if content == "RESOURCE" else POLICY)
    return ask("cloudasset", operation, f"cloudasset.{operation}", items="assets", params=params, fills=fills)


def only_policy(items: list[Any]) -> Any:
    """The policy of a resource; one that the inventory does not list has none, and nobody is bound there."""
    found = items[0]["iamPolicy"] if items else {}
    return {key: value for key, value in found.items() if key != "etag"}


def keep(*paths: str) -> Shape:
    """A shape that keeps these fields."""
    pruned = fields(*paths)
    return lambda body, door: pruned(body)


def fields(*paths: str) -> Callable[[Any], Any]:
    """Of a body these fields alone, by dotted path; lists on the way are walked through.

    What is not named is volatile, or bulk, or might be a secret.
    """
    tree: dict[str, Any] = {}
    for path in paths:
        inner = tree
        for step in path.split("."):
            inner = inner.setdefault(step, {})
    return lambda body: _pruned(body, tree)


def _pruned(value: Any, tree: Mapping[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pruned(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _pruned(value[key], inner) for key, inner in tree.items() if key in value}


def with_whole_numbers(value: Any) -> Any:
    """The inventory tells every number as a fraction: 20.0 instances."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [with_whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: with_whole_numbers(item) for key, item in value.items()}
    return value


def own(resource: Resource, field: str = "name") -> str:
    return resource[RESOURCE].need(field).text()


def named(field: str = "name", to: str = "resource") -> Callable[[Resource], Params]:
    """Parameters that name the resource as its service does."""
    return lambda resource: {to: own(resource, field)}


def two_roads(
    kind: str,
    *,
    service: str,
    types: tuple[str, ...],
    listing: Call,
    full_name: Name,
    short: Callable[[Any], str] = lambda body: str(body["name"]).rpartition("/")[2],
    location: Callable[[Any], str] = lambda body: "global",
    policy: Call | None = None,
    bind: Callable[[Resource], Params] | None = None,
    policies_of: tuple[str, ...] = (),
    listed: bool = True,
    shape: Shape = as_is,
    also: tuple[str, ...] = (),
    over: tuple[Over, ...] = (),
    details: tuple[Detail, ...] = (),
    attached: tuple[Attached, ...] = (),
    inspect: tuple[Detail, ...] = (),
) -> Collector:
    """A kind that is found in the inventory, and else by its service's own listing.

    `types` are all of the service's, so that its kinds share the inventory's pages; `policies_of` likewise.  `also` are
    asset types that hold resources of this kind besides the one it is called by.  `inspect` is asked on the second road
    alone; where it fills the resource itself, the service's listing is but a list of names (`listed` is false).
    """
    found = {kind, *also}

    def in_inventory(place: Place, item: Any) -> Identity:
        body = item["resource"]["data"]
        return Identity(item["name"], short(body), item["resource"].get("location") or location(body))

    def in_service(place: Place, item: Any) -> Identity:
        return Identity(full_name(place, item), short(item), location(item))

    def whose(item: Any) -> str | None:
        return str(item["name"]) if "iamPolicy" in item else None

    def kept(item: Any, door: Door) -> Any:
        return shape(with_whole_numbers(item["resource"]["data"]), door)

    by_itself = Detail(policy, bind=bind or named()) if policy else None
    bound = (
        (Attached(assets("IAM_POLICY", *policies_of), whose, lambda r: r.ref, only_policy, by_itself),)
        if by_itself
        else ()
    )
    return Collector(
        kind=kind,
        listing=assets("RESOURCE", *types),
        identify=in_inventory,
        choose=lambda place, item: item.get("assetType") in found,
        shape=kept,
        details=details,
        attached=(*bound, *attached),
        service=service,
        everywhere=False,
        otherwise=Collector(
            kind=kind,
            listing=listing,
            identify=in_service,
            shape=shape if listed else as_is,
            details=(*inspect, *details, *((by_itself,) if by_itself else ())),
            attached=attached,
            service=service,
            everywhere=False,
            over=over,
        ),
    )
