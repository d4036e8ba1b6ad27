"""Builds the designed account through the emulator's own API, in its own process; one function a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from posture.management.benchmarks.scan.build import containers, functions, identities, networks, stores, streams
from posture.management.benchmarks.scan.build.site import Site
from posture.management.benchmarks.scan.design import Item

BUILDERS: dict[str, Callable[[Site, Item], str]] = {
    kind: build
    for room in (identities, stores, networks, containers, functions, streams)
    for kind, build in room.BUILDERS.items()
}


def build(site: Site, items: Iterable[Item]) -> None:
    """Every item in its turn; what stands there, and under which id, is remembered in `site`."""
    for item in items:
        site.stands(item, BUILDERS[item.kind](site, item))
