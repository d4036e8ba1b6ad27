"""Fernhollow's other projects, and the folders they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from posture.runtime.sample.gcp.double import Answer, Asked, Refused
from posture.runtime.sample.gcp.estate import FOLDER, HOME, NUMBER, ORGANIZATION, PROJECT, Estate

MANAGER = "//cloudresourcemanager.googleapis.com"
SYSTEM, SCRIPTS = "folders/555000111333", "folders/555000111444"


@dataclass(frozen=True)
class Project:
    ref: str
    number: str
    name: str
    parent: str = FOLDER
    state: str = "ACTIVE"


@dataclass(frozen=True)
class Folder:
    name: str
    display: str
    parent: str


def family(made: Estate) -> None:
    made.folders = [
        Folder(FOLDER, "shops", ORGANIZATION),
        Folder(SYSTEM, "system-gsuite", ORGANIZATION),
        Folder(SCRIPTS, "apps-script", SYSTEM),
    ]
    made.projects = [
        Project(PROJECT, NUMBER, "Fernhollow shop"),
        Project("fernhollow-data", "424242424243", "Fernhollow data"),
        Project("fernhollow-lab", "424242424244", "Fernhollow lab"),
        Project("fernhollow-attic", "424242424245", "Fernhollow attic", ORGANIZATION, "DELETE_REQUESTED"),
        Project("sys-01234567890123456789012345", "424242424246", "A script", SCRIPTS),
    ]


def relatives(estate: Estate) -> list[dict[str, str]]:
    """By which names each is known, beside the shop's."""
    others = (one for one in estate.projects if one.ref != PROJECT and one.state == "ACTIVE")
    return [{PROJECT: one.ref, NUMBER: one.number} for one in others]


def answers(estate: Estate) -> dict[str, Answer]:
    return {
        "cloudasset.searchAllResources": lambda asked: {"results": list(_searched(estate, asked))},
        "cloudresourcemanager.effectiveTags.list": lambda asked: {"effectiveTags": list(_effective(estate, asked))},
        "cloudresourcemanager.projects.list": lambda asked: {"projects": list(_projects(estate, asked))},
        "cloudresourcemanager.folders.list": lambda asked: {"folders": list(_folders(estate, asked))},
    }


def _searched(estate: Estate, asked: Asked) -> Iterator[dict[str, Any]]:
    if str(asked.params["scope"]).startswith("projects/"):
        yield from _tagged(estate, asked)
        return
    inside = _below(estate, _known(estate, str(asked.params["scope"])))
    for one in estate.projects:
        if one.parent in inside:
            yield {
                "name": f"{MANAGER}/projects/{one.ref}",
                "assetType": "cloudresourcemanager.googleapis.com/Project",
                "project": f"projects/{one.number}",
                "displayName": one.name,
                "additionalAttributes": {"projectId": one.ref},
                "state": one.state,
                "parentFullResourceName": f"{MANAGER}/{one.parent}",
            }


def _tagged(estate: Estate, asked: Asked) -> Iterator[dict[str, Any]]:
    """What comes down from the project, and in its place what a resource has of the same key."""
    if str(asked.params["scope"]) not in (HOME, f"projects/{NUMBER}"):
        raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
    home = f"{MANAGER}/{HOME}"
    project = (home, "cloudresourcemanager.googleapis.com/Project")
    for name, kind in (project, *((asset.name, asset.kind) for asset in estate.assets)):
        if kind in asked.params["assetTypes"]:
            own = {} if name == home else estate.tags.get(name, {})
            above = {key: value for key, value in estate.tags.get(home, {}).items() if key not in own}
            told = [{"attachedResource": at, "effectiveTags": [_tag(*one) for one in tags.items()]}
                    for at, tags in ((name, own), (home, above)) if tags]  # fmt: skip
            yield {"name": name, "assetType": kind, **({"effectiveTags": told} if told else {})}


def _effective(estate: Estate, asked: Asked) -> Iterator[dict[str, Any]]:
    """Of the project alone."""
    if str(asked.params["parent"]) not in (f"{MANAGER}/{HOME}", f"{MANAGER}/projects/{NUMBER}"):
        raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
    for key, value in estate.tags.get(f"{MANAGER}/{HOME}", {}).items():
        told = _tag(key, value)
        yield {"tagKey": told["tagKeyId"], "namespacedTagKey": told["tagKey"], "tagValue": told["tagValueId"],
               "namespacedTagValue": told["tagValue"], "inherited": False}  # fmt: skip


def _tag(key: str, value: str) -> dict[str, str]:
    ids = f"tagKeys/{sum(key.encode())}", f"tagValues/{sum(f'{key}/{value}'.encode())}"
    return {"tagKey": key, "tagKeyId": ids[0], "tagValue": f"{key}/{value}", "tagValueId": ids[1]}


def _below(estate: Estate, root: str) -> set[str]:
    inside, before = {root}, 0
    while len(inside) > before:
        before = len(inside)
        inside |= {one.name for one in estate.folders if one.parent in inside}
    return inside


def _known(estate: Estate, name: str) -> str:
    if name not in {ORGANIZATION, *(one.name for one in estate.folders)}:
        raise Refused(403, "PERMISSION_DENIED", f"The caller does not have permission on {name}")
    return name


def _projects(estate: Estate, asked: Asked) -> Iterator[dict[str, Any]]:
    parent = _known(estate, str(asked.params["parent"]))
    for one in estate.projects:
        if one.parent == parent and (one.state == "ACTIVE" or asked.params.get("showDeleted") == "true"):
            yield {
                "name": f"projects/{one.number}",
                "projectId": one.ref,
                "displayName": one.name,
                "parent": one.parent,
                "state": one.state,
            }


def _folders(estate: Estate, asked: Asked) -> Iterator[dict[str, Any]]:
    parent = _known(estate, str(asked.params["parent"]))
    for one in estate.folders:
        if one.parent == parent:
            yield {"name": one.name, "displayName": one.display, "parent": one.parent, "state": "ACTIVE"}
