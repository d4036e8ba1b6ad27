"""Request rates that Microsoft publishes for the calls we make.  Dated; sources beside each."""

from __future__ import annotations

# service → (bucket, requests a second)
RATES = {
    # "Guidance for throttled requests in Azure Resource Graph": 15 queries in 5 seconds a principal.  Read 2026-11.
    "resourcegraph": ("resourcegraph", 3.0),
    # "Microsoft Graph service-specific throttling limits", identity and access: of a small tenant 3,500 units in 10 s
    # an app, and few of our questions cost more than 5.  Read 2026-11.
    "graph": ("graph", 20.0),
}
# "Understand how Azure Resource Manager throttles requests": 250 reads at once and 25 a second more, a subscription and
# principal.  Read 2026-11.
MANAGER = ("arm", 25.0)


def rate(service: str) -> tuple[str, float]:
    return RATES.get(service, MANAGER)
