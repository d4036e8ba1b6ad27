"""Web firewalls: what each web ACL blocks, and whether its decisions are written down.

Those for CloudFront are listed in one place, and belong to that unit.  Of a rule is kept what decides: what it looks
for may be a header whose value is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

RULES = ("Rules", "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")
OF_A_RULE = ("Name", "Priority", "Action", "OverrideAction")


def wall(place: Place, item: Any) -> Identity:
    return Identity(item["ARN"], item["Name"])


def ref(wall: Resource) -> str:
    return wall.ref


def decisions(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """The default action and, of each rule and each group of Firewall Manager, its own."""
    said = {key: [rule(one) for one in answer[key]] for key in RULES if key in answer}
    return {"DefaultAction": verdict(answer["DefaultAction"]), **said}


def rule(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: item[key] for key in OF_A_RULE if item.get(key) is not None}
    for key in kept.keys() & {"Action", "OverrideAction"}:
        kept[key] = verdict(kept[key])
    statement = item.get("Statement") or item.get("FirewallManagerStatement") or {}
    return {**kept, "Kinds": sorted(key for key, value in statement.items() if value is not None)}


def verdict(action: Mapping[str, Any]) -> list[str]:
    """["Block"]; what it answers with is left out."""
    return sorted(key for key, value in action.items() if value is not None)


def of_scope(scope: str, **unit: Any) -> Collector:
    asked = {"Scope": scope, "Limit": 100}

    def itself(wall: Resource) -> dict[str, str]:
        listed = wall["ListWebACLs"]
        return {"Name": listed.need("Name").text(), "Scope": scope, "Id": listed.need("Id").text()}

    return Collector(
        kind="AWS::WAFv2::WebACL",
        listing=Call("wafv2", "ListWebACLs", items="WebACLs", params=asked, drop=frozenset({"LockToken"})),
        identify=wall,
        details=(Detail(Call("wafv2", "GetWebACL", take="WebACL"), bind=itself, shape=decisions),),
        attached=(
            Attached(
                Call("wafv2", "ListLoggingConfigurations", items="LoggingConfigurations", params=asked),
                of=lambda logged: str(logged["ResourceArn"]),
                to=ref,
            ),
        ),
        **unit,
    )


COLLECTORS = (of_scope("REGIONAL"), of_scope("CLOUDFRONT", service="cloudfront", everywhere=False))
