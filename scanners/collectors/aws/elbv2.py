"""Load balancers: what each listener does and speaks, and which web firewall stands before them.

Rules that come before a listener's default action are asked for where they can change the answer: of listeners that
speak HTTP and send everybody else to HTTPS.  Of a rule's conditions hosts and paths are kept; headers may be secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

PERMISSION = "elasticloadbalancing:"
LARGEST_PAGE = {"PageSize": 400}
LIST = Call(
    "elbv2",
    "DescribeLoadBalancers",
    items="LoadBalancers",
    params=LARGEST_PAGE,
    permission=PERMISSION + "DescribeLoadBalancers",
    drop=frozenset({"State"}),
)
LISTENERS = Call(
    "elbv2", "DescribeListeners", items="Listeners", params=LARGEST_PAGE, permission=PERMISSION + "DescribeListeners"
)
RULES = Call("elbv2", "DescribeRules", items="Rules", params=LARGEST_PAGE, permission=PERMISSION + "DescribeRules")
FIREWALL = Call(
    "wafv2",
    "GetWebACLForResource",
    also=("wafv2:GetWebACL",),  # "GetWebACLForResource", AWS WAF API reference: required permissions
    absent=frozenset({"WAFNonexistentItemException"}),
)


def balancer(place: Place, item: Any) -> Identity:
    return Identity(item["LoadBalancerArn"], item["LoadBalancerName"])


def arn_of(balancer: Resource) -> str:
    return balancer["DescribeLoadBalancers"].need("LoadBalancerArn").text()


def of_balancer(balancer: Resource) -> dict[str, str]:
    return {"LoadBalancerArn": arn_of(balancer)}


def if_it_takes_one(balancer: Resource) -> dict[str, str] | None:
    """Only application load balancers can have a web firewall."""
    kind = balancer["DescribeLoadBalancers"].need("Type").value
    return {"ResourceArn": arn_of(balancer)} if kind == "application" else None


def of_plain_listeners(balancer: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for listener in balancer["DescribeListeners"]:
        redirects = any(action["Type"].value == "redirect" for action in listener["DefaultActions"])
        if listener["Protocol"].value == "HTTP" and redirects:
            arn = listener.need("ListenerArn").text()
            yield arn, {"ListenerArn": arn}


def rules(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    """The rules before the default one."""
    return [
        {
            "RuleArn": item["RuleArn"],
            "Priority": item["Priority"],
            "Actions": [without_secret(action) for action in item.get("Actions") or ()],
            "Conditions": [condition(one) for one in item.get("Conditions") or ()],
        }
        for item in items
        if not item.get("IsDefault")
    ]


def condition(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("Field", "Values", "HostHeaderConfig", "PathPatternConfig")
    return {key: item[key] for key in kept if key in item}


def listeners(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    return [
        {**item, "DefaultActions": [without_secret(action) for action in item.get("DefaultActions") or ()]}
        for item in items
    ]


def without_secret(action: Mapping[str, Any]) -> dict[str, Any]:
    """A listener that signs people in holds the secret it shares with whoever knows them."""
    kept = dict(action)
    if sign_in := action.get("AuthenticateOidcConfig"):
        kept["AuthenticateOidcConfig"] = {k: v for k, v in sign_in.items() if k != "ClientSecret"}
    return kept


def only_its_name(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """{"WebACL": its name and ARN}; {} where none is attached."""
    firewall = answer.get("WebACL")
    return {"WebACL": {"ARN": firewall["ARN"], "Name": firewall["Name"]}} if firewall else {}


COLLECTORS = (
    Collector(
        kind="AWS::ElasticLoadBalancingV2::LoadBalancer",
        listing=LIST,
        identify=balancer,
        details=(
            Detail(LISTENERS, bind=of_balancer, shape=listeners),
            Detail(RULES, each=of_plain_listeners, after="DescribeListeners", shape=rules),
            Detail(FIREWALL, bind=if_it_takes_one, shape=only_its_name),
        ),
    ),
)
