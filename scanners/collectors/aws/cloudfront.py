"""CloudFront distributions: how viewers may come.  One list for all regions.

Headers that CloudFront adds towards an origin often hold a shared secret: their values are read at the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.door import Door
from scanners.model import Identity, Place

LIST = Call(
    "cloudfront",
    "ListDistributions",
    items="DistributionList.Items",
    params={"MaxItems": "100"},
    drop=frozenset({"ETag", "LastModifiedTime", "Status"}),
)


def distribution(place: Place, item: Any) -> Identity:
    names = (item.get("Aliases") or {}).get("Items") or ()
    return Identity(item["ARN"], min(names, default=item["Id"]))


def without_header_values(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    origins = item["Origins"]
    return {**item, "Origins": {**origins, "Items": [origin(one, door) for one in origins.get("Items") or ()]}}


def origin(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    kept = dict(item)
    if headers := item.get("CustomHeaders"):
        values = {one["HeaderName"]: one["HeaderValue"] for one in headers.get("Items") or ()}
        kept["CustomHeaders"] = door.variables(values)
    return kept


COLLECTORS = (
    Collector(
        kind="AWS::CloudFront::Distribution",
        listing=LIST,
        identify=distribution,
        shape=without_header_values,
        everywhere=False,
    ),
)
