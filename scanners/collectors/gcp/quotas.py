"""Request rates that Google publishes for the calls we make, per project.  Dated; sources beside each.

A bucket is shared by the calls that share a quota.  Calls of services without a published number start at DEFAULT, and
slow down when told to.  Google counts most quotas against the project that the *scanner's* credentials belong to: an
installation that looks at many projects at once slows down by being told so.
"""

from __future__ import annotations

DEFAULT = 10.0

# (service, operation or "*") → (bucket, requests a second)
RATES = {
    # "Quotas and limits" (Cloud Asset Inventory): ListAssets 100 a minute a consumer project, 800 an organisation.
    # Searches have 400 a minute.  Read 2026-11.
    ("cloudasset", "searchAllResources"): ("cloudasset/Search", 400 / 60),
    ("cloudasset", "*"): ("cloudasset/ListAssets", 100 / 60),
    # "Quotas and limits" (IAM): v1 reads 6,000 a minute a project; v2 (deny policies) 5; v3 (boundaries) 5; federation
    # 600.  Read 2026-11.
    ("iam", "policies.listPolicies"): ("iam/v2", 5 / 60),
    ("iam", "policies.get"): ("iam/v2", 5 / 60),
    ("iam", "organizations.locations.principalAccessBoundaryPolicies.list"): ("iam/v3", 5 / 60),
    ("iam", "projects.locations.policyBindings.list"): ("iam/v3", 5 / 60),
    ("iam", "folders.locations.policyBindings.list"): ("iam/v3", 5 / 60),
    ("iam", "organizations.locations.policyBindings.list"): ("iam/v3", 5 / 60),
    ("iam", "projects.locations.workloadIdentityPools.list"): ("iam/federation", 10.0),
    ("iam", "projects.locations.workloadIdentityPools.providers.list"): ("iam/federation", 10.0),
    ("iam", "*"): ("iam", 100.0),
    # "Quotas" (Cloud KMS): read requests 300 a minute a calling project.  Read 2026-11.
    ("cloudkms", "*"): ("cloudkms", 5.0),
    # "Quotas and limits" (Recommender): reads 100 a minute an organisation; and 100 a day without a support package.
    ("recommender", "*"): ("recommender", 100 / 60),
}


def rate(service: str, operation: str) -> tuple[str, float]:
    return RATES.get((service, operation)) or RATES.get((service, "*")) or (service, DEFAULT)
