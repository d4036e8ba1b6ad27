"""The projects under an organisation or a folder, at any depth.

Two roads: one search of the inventory, or folder by folder in the Resource Manager.  Both are refused as a whole where
they may not be asked; projects.search is not, and leaves out what the caller may not see ("Method: projects.search",
Resource Manager API v3, read 2026-11), so it is no road.

Left out are the projects that Google makes behind each Apps Script: their ids start with sys- ("View or edit Google
Cloud projects", Apps Script admin guide, read 2026-11) and go on with digits.

Limits: the inventory lags behind by minutes, so a new project joins that much later.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from scanners.collectors.asker import Asker
from scanners.collectors.cloud import Call, Caller, Refusal
from scanners.collectors.family import Family, Member, odd, whole
from scanners.collectors.gcp.account import ACCOUNT
from scanners.collectors.gcp.hierarchy import PROJECT_KIND
from scanners.collectors.gcp.transport import Transport
from scanners.collectors.gcp.words import ask
from scanners.model import Gap, Place, Provider, Unread

NOWHERE = Place("", "global", "gcp")  # no project is looked at
SEARCH_PAGE, PAGE = 500, 300
SEARCH = ask(
    "cloudasset",
    "searchAllResources",
    "cloudasset.assets.searchAllResources",
    items="results",
    params={"assetTypes": [PROJECT_KIND], "pageSize": SEARCH_PAGE},
)
PROJECTS = ask(
    "cloudresourcemanager",
    "projects.list",
    "resourcemanager.projects.list",
    items="projects",
    params={"pageSize": PAGE, "showDeleted": True},
)
FOLDERS = ask(
    "cloudresourcemanager",
    "folders.list",
    "resourcemanager.folders.list",
    items="folders",
    params={"pageSize": PAGE},
)
CALLS = (SEARCH, PROJECTS, FOLDERS)
OF_SCRIPTS = re.compile(r"sys-[0-9]{10,}")
FOLDER = re.compile(r"folders/[0-9]+")


def family(transport: Transport) -> Family:
    """Raises Unread with the refusals of both roads."""
    gaps: list[Gap] = []
    for road in (_searched, _walked):
        asker = Asker(transport, NOWHERE, {})
        try:
            members = whole(asyncio.run(road(asker, transport.root)))
        except Unread as unread:
            gaps += unread.gaps
        except Refusal as refusal:  # it was answered, and not understood
            gaps.append(refusal.gap(SEARCH if road is _searched else PROJECTS, NOWHERE))
        else:
            return Family(transport.root, members, Caller("", "gcp", transport.principal, Provider.GCP))
    raise Unread(*gaps)


async def _searched(asker: Asker, root: str) -> list[Member]:
    return _members(await asker.listing(SEARCH, {"scope": root}), _of_inventory)


async def _walked(asker: Asker, root: str) -> list[Member]:
    """Level by level, all folders of one together."""
    found, level, seen = list[Member](), [root], {root}
    while level:
        projects = await _under(asker, PROJECTS, level)
        found += _members(projects, _of_manager)
        level = [name for name in map(_folder, await _under(asker, FOLDERS, level)) if name not in seen]
        seen.update(level)
    return found


async def _under(asker: Asker, call: Call, parents: Iterable[str]) -> list[Any]:
    told = await asyncio.gather(*(asker.listing(call, {"parent": parent}) for parent in parents))
    return [item for items in told for item in items]


def _folder(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(name, str) or not FOLDER.fullmatch(name):
        raise odd("a folder in it has no name")
    return name


def _members(items: Iterable[Any], read: Callable[[dict[str, Any]], Member]) -> list[Member]:
    """Raises Refusal for one without an id or a state: it might be any of those that are known."""
    found = []
    for item in items:
        member = read(item) if isinstance(item, dict) else Member("", "", "")
        if not ACCOUNT.fullmatch(member.ref) or not member.state:
            raise odd("a project in it has no id or no state")
        if not OF_SCRIPTS.fullmatch(member.ref):
            found.append(replace(member, name=member.name[:200] or member.ref))
    return found


def _of_inventory(item: dict[str, Any]) -> Member:
    """Its id is an attribute; the last step of its name is the id or the number."""
    told = item.get("additionalAttributes")
    ref = told.get("projectId") if isinstance(told, dict) else None
    ref = ref or str(item.get("name") or "").rpartition("/")[2]
    return Member(str(ref), str(item.get("displayName") or ""), str(item.get("state") or ""))


def _of_manager(item: dict[str, Any]) -> Member:
    told = (str(item.get(name) or "") for name in ("projectId", "displayName", "state"))
    return Member(*told)
