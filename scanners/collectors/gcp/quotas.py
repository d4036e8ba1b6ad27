"""Request rates that Google publishes for the calls we make, per project.  Dated; sources beside each.

A bucket is shared by the calls that share a quota.  Calls of services without a published number start at DEFAULT, and
slow down when told to.  Google counts most quotas against the project that the *scanner's* credentials belong to: an
installation that looks at many projects at once slows down by being told so.
"""

from __future__ import annotations

DEFAULT = 10.0

# (service, operation or "*") → (bucket, requests a second)
RATES = {
    # "Quotas and limits" (Cloud Asset Inventory): ListAssets 100 a minute a consumer project.  Read 2026-11.
    ("cloudasset", "*"): ("cloudasset/ListAssets", 100 / 60),
    # "Cloud Run quotas and limits": read requests 3,000 a minute a project and region.  Read 2026-11.
    ("run", "*"): ("run", 50.0),
    # "Quotas" (Cloud Run functions): READ calls 5,000 per 100 s.  Read 2026-11.
    ("cloudfunctions", "*"): ("cloudfunctions", 50.0),
    # "Quotas and limits" (IAM): read requests 6,000 a minute a project.  Read 2026-11.
    ("iam", "*"): ("iam", 100.0),
    # "Resource Manager quotas": read requests 1,200 a minute; getIamPolicy likewise 1,200.  Read 2026-11.
    ("cloudresourcemanager", "*"): ("cloudresourcemanager", 20.0),
    # "Cloud KMS quotas": read requests 300 a minute a project.  Read 2026-11.
    ("cloudkms", "*"): ("cloudkms", 5.0),
    # "Secret Manager quotas": read requests 600 a minute a project.  Read 2026-11.
    ("secretmanager", "*"): ("secretmanager", 10.0),
    # "Compute Engine API rate quotas": global resources, list requests 750 a minute a project.  Read 2026-11.
    ("compute", "*"): ("compute", 12.5),
    # "Recommender quotas": 100 requests a minute a project.  Read 2026-11.
    ("recommender", "*"): ("recommender", 100 / 60),
}


def rate(service: str, operation: str) -> tuple[str, float]:
    return RATES.get((service, operation)) or RATES.get((service, "*")) or (service, DEFAULT)
