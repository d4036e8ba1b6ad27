"""Tags of resources, their own and those that come down from the project and from above it.

The inventory tells them effective: of one key the lowest level's value.  A resource that it does not list otherwise has
the project's.  Source: "Tags overview", "ResourceSearchResult" (Cloud Asset Inventory), read 2026-11.

Where `alone` is told, only the project's are known.

Limits: those of folders and of the organisation are not known by themselves; the inventory lags by minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scanners.access.gcp.bindings import MANAGER
from scanners.access.gcp.kinds import service_of
from scanners.model import Node, Resource, Unread

SECTION = "effectiveTags"
Held = Mapping[str, str]  # by key, in both spellings: {"9/env": "prod", "tagKeys/1": "tagValues/2"}


@dataclass(frozen=True, slots=True)
class Tags:
    """`project` None: they were not read."""

    project: Held | None = None
    alone: bool = False
    own: Mapping[str, Held] = field(default_factory=dict)

    def of(self, ref: str) -> Held | None:
        """Of the project, of a resource in it, or of what lies in one."""
        if service_of(ref) == MANAGER or self.project is None:
            return self.project
        if self.alone:
            return None
        while ref.count("/") > 2:
            if ref in self.own:
                return self.own[ref]
            ref = ref.rpartition("/")[0]
        return self.project


def tags_of(project: Resource | None, account: str, number: str) -> Tags:
    """Of those that were not understood, none is taken for not there."""
    try:
        if project is None or not project.asked(SECTION):
            return Tags()
        parts = list(project[SECTION])
        if any(one["alone"].value is True for one in parts):
            return Tags(dict(_held(parts[0], account, number)), alone=True)
        found = {one.need("name").text(): dict(_held(one, account, number)) for one in parts}
    except Unread:
        return Tags()
    home = {name for name in (account, number) if name}
    own = next((found.pop(name) for name in map(_level, home) if name in found), {})
    return Tags(own, own=found)


def _level(name: str) -> str:
    return f"//{MANAGER}/projects/{name}"


def _held(one: Node, account: str, number: str) -> Iterator[tuple[str, str]]:
    """Keys of a project are spelled with its id or with its number."""
    for level in one[SECTION]:
        for tag in level[SECTION]:
            key, value = tag.need("tagKey").text(), tag.need("tagValue").text().rpartition("/")[2]
            yield key, value
            owner, _, short = key.partition("/")
            if owner in (account, number):
                yield from ((f"{other}/{short}", value) for other in (account, number) if other)
            if tag["tagKeyId"].present and tag["tagValueId"].present:
                yield tag["tagKeyId"].text(), tag["tagValueId"].text()
