"""CloudTrail trails: what they record, whether they are running, and where the records go.

Each trail is taken once, in its home region: so is the one that an organisation records for its member accounts, whose
settings a member may be refused.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.model import Identity, Place

LIST = Call("cloudtrail", "DescribeTrails", items="trailList")
STATUS = Call(
    "cloudtrail",
    "GetTrailStatus",
    drop=frozenset(
        {  # all that moves with every delivery; of the errors only that of the bucket tells whether records arrive
            "LatestCloudWatchLogsDeliveryError",
            "LatestCloudWatchLogsDeliveryTime",
            "LatestDeliveryAttemptSucceeded",
            "LatestDeliveryAttemptTime",
            "LatestDeliveryTime",
            "LatestDigestDeliveryError",
            "LatestDigestDeliveryTime",
            "LatestNotificationAttemptSucceeded",
            "LatestNotificationAttemptTime",
            "LatestNotificationError",
            "LatestNotificationTime",
            "StartLoggingTime",
            "StopLoggingTime",
            "TimeLoggingStarted",
            "TimeLoggingStopped",
        }
    ),
)
SELECTORS = Call("cloudtrail", "GetEventSelectors", drop=frozenset({"TrailARN"}))


def trail(place: Place, item: Any) -> Identity:
    return Identity(item["TrailARN"], item["Name"], item["HomeRegion"])


def at_home(place: Place, item: Any) -> bool:
    """Every region lists a trail of all regions, and members that of their organisation: each is taken once, at its
    home, or in the scan's first region where its home is left out.
    """
    home = item["HomeRegion"]
    left_out = bool(place.scanned) and home not in place.scanned
    return bool(home == place.region or (left_out and place.region == place.scanned[0]))


COLLECTORS = (
    Collector(
        kind="AWS::CloudTrail::Trail",
        listing=LIST,
        identify=trail,
        choose=at_home,
        details=(
            Detail(STATUS, bind=lambda trail: {"Name": trail.ref}),
            Detail(SELECTORS, bind=lambda trail: {"TrailName": trail.ref}),
        ),
    ),
)
