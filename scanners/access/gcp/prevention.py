"""Public access prevention of buckets: where it is enforced, a binding to everybody lets nobody in.

Source: "Public access prevention" (Cloud Storage documentation), read 2026-11: it is enforced on the bucket, or
inherited from the constraint storage.publicAccessPrevention.
"""

from __future__ import annotations

from scanners.access.gcp.bindings import RESOURCE
from scanners.access.gcp.kinds import BUCKET
from scanners.access.gcp.members import Belongs
from scanners.access.gcp.roles import because
from scanners.access.truth import NO, YES
from scanners.model import Resource, Unread

EFFECTIVE, CONSTRAINT = "projects.policies.getEffectivePolicy", "storage.publicAccessPrevention"
_NO = Belongs(NO)


def prevented(bucket: Resource, project: Resource | None) -> Belongs:
    """Yes, no, or `shaky`: why that is not known."""
    if bucket.kind != BUCKET:
        return _NO
    try:
        if bucket[RESOURCE]["iamConfiguration"]["publicAccessPrevention"].value == "enforced":
            return Belongs(YES)
        if project is None:
            return Belongs(NO, shaky="whether public access is prevented was not read")
        for name, policy in project.each(EFFECTIVE):
            if name == CONSTRAINT:
                return Belongs(YES if any(rule["enforce"].value is True for rule in policy["spec"]["rules"]) else NO)
    except Unread as unread:
        return Belongs(NO, shaky=f"whether public access is prevented was not read: {because(unread.gaps)}")
    return _NO
