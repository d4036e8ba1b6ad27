"""What the activity log has of the last months: who changed what, so many days ago."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import DOMAIN, GROUP, SUBSCRIPTION, Estate, principal
from scanners.collectors.azure.account import SAMPLE_PRINCIPAL

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/fernhollow-orders"
DEPLOYMENT = f"{GROUP}/providers/Microsoft.Resources/deployments/release"


def activity(made: Estate) -> None:
    lines = [
        *(line(days, "deploy-pipeline", "Microsoft.Resources/deployments/write", DEPLOYMENT) for days in (2, 9, 41)),
        *(line(days, "deploy-pipeline", "Microsoft.Web/sites/write", SITE) for days in (2, 41)),
        line(9, "deploy-pipeline", "Microsoft.Web/sites/config/write", f"{SITE}/config/web"),
        line(2, "deploy-pipeline", "Microsoft.Authorization/policies/audit/action", SITE),
        line(3, "fernhollow-deploys", "Microsoft.Web/sites/publishxml/action", SITE),
        line(4, "posture", "Microsoft.Web/sites/config/list/action", SITE, SAMPLE_PRINCIPAL),
        line(65, "ada", "Microsoft.Authorization/roleAssignments/write", WHOLE),
        line(20, "radia", "Microsoft.KeyVault/vaults/write", f"{GROUP}/providers/Microsoft.KeyVault/vaults/new"),
    ]
    made.put(f"{WHOLE}/providers/Microsoft.Insights/eventtypes/management/values", lines)


def line(days: int, who: str, operation: str, scope: str, oid: str = "") -> dict[str, Any]:
    """`eventTimestamp` is how many days ago, until it is told."""
    return {
        "authorization": {"action": operation, "scope": scope},
        "caller": f"{who}@{DOMAIN}",
        "claims": {OBJECT_ID: oid or principal(who), "ipaddr": "198.51.100.7"},
        "eventTimestamp": days,
        "operationName": {"value": operation},
        "resourceId": scope,
        "status": {"value": "Succeeded"},
    }
