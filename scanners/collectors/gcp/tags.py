"""Effective tags of a project and of what stands in it: the inventory tells them for all resources in one listing.

Where it is refused, the Resource Manager tells those of the project itself, and those of what stands in it stay open.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Attached, Detail, at
from scanners.collectors.door import Door
from scanners.collectors.gcp.words import PROJECT, ask, fields

PROJECT_KIND = "cloudresourcemanager.googleapis.com/Project"
TAGGED = (  # what has a policy of its own, and the project
    PROJECT_KIND,
    "iam.googleapis.com/ServiceAccount",
    "cloudfunctions.googleapis.com/CloudFunction",
    "cloudfunctions.googleapis.com/Function",
    "run.googleapis.com/Service",
    "storage.googleapis.com/Bucket",
    "bigquery.googleapis.com/Dataset",
    "secretmanager.googleapis.com/Secret",
    "cloudkms.googleapis.com/KeyRing",
    "cloudkms.googleapis.com/CryptoKey",
    "pubsub.googleapis.com/Topic",
    "pubsub.googleapis.com/Subscription",
    "artifactregistry.googleapis.com/Repository",
    "sqladmin.googleapis.com/Instance",
    "container.googleapis.com/Cluster",
)
TAGS = ask(
    "cloudasset",
    "searchAllResources",
    "cloudasset.assets.searchAllResources",
    items="results",
    fills="effectiveTags",
    params={
        "scope": PROJECT,
        "assetTypes": sorted(TAGGED),
        "readMask": "name,assetType,effectiveTags",
        "pageSize": 500,
    },
)
OF_PROJECT = ask(
    "cloudresourcemanager",
    "effectiveTags.list",
    "resourcemanager.hierarchyNodes.listEffectiveTags",
    items="effectiveTags",
    fills="effectiveTags",
    params={"pageSize": 300},
)
_OF_TAGS = ("tagKey", "tagKeyId", "tagValue", "tagValueId")
TAGS_KEPT = fields("name", *(f"effectiveTags.effectiveTags.{one}" for one in _OF_TAGS))


def tagged(found: list[Any]) -> list[Any]:
    """What has other tags than the project, and the project: everything else has those that come down from it."""
    kept = [TAGS_KEPT(one) for one in found]
    home = next((_values(one) for one in found if one.get("assetType") == PROJECT_KIND), set())
    return [
        told
        for one, told in zip(found, kept, strict=True)
        if one.get("assetType") == PROJECT_KIND or _values(one) != home
    ]


def of_project(found: list[Any], door: Door) -> list[Any]:
    """The project's alone, in the form of the inventory; `alone`: nothing is said of what stands in it."""
    told = [
        {
            "tagKey": one.get("namespacedTagKey"),
            "tagKeyId": one.get("tagKey"),
            "tagValue": one.get("namespacedTagValue"),
            "tagValueId": one.get("tagValue"),
        }
        for one in found
    ]
    return [{"alone": True, "effectiveTags": [{"effectiveTags": told}]}]


def _values(one: Any) -> set[str]:
    return {str(tag.get("tagValue")) for tag in at("effectiveTags.effectiveTags", one) or () if isinstance(tag, dict)}


ATTACHED = Attached(
    TAGS,
    of=lambda item: "",
    to=lambda project: "",
    shape=tagged,
    otherwise=Detail(OF_PROJECT, bind=lambda project: {"parent": project.ref}, shape=of_project),
)
