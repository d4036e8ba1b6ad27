"""Web firewalls: whether an ACL blocks anything, and whether its decisions are written down.

Limits: of a managed rule group nobody can see here whether each of its rules was turned into counting one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

WALL = "AWS::WAFv2::WebACL"
STOPS = {"Block", "Captcha", "Challenge"}
GROUPS = ("Rules", "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")


@check(
    "aws.wafv2.empty_acl",
    on=WALL,
    severity=Severity.MEDIUM,
    title="Web ACL blocks nothing",
    reads=("GetWebACL",),
    fix=Fix(
        console="WAF & Shield > Web ACLs > the ACL > Rules > Add: the managed core rule set and a rate-based rule, both"
        " blocking.",
        cli="aws wafv2 update-web-acl --name NAME --scope REGIONAL --id ID --lock-token TOKEN --default-action Allow={}"
        " --rules file://rules.json --visibility-config file://visibility.json",
        terraform='resource "aws_wafv2_web_acl" "this" { rule { override_action { none {} } statement {'
        ' managed_rule_group_statement { vendor_name = "AWS"  name = "AWSManagedRulesCommonRuleSet" } } } }',
    ),
)
def empty_acl(wall: Resource, estate: Estate) -> Iterator[Verdict]:
    """The wall is there on paper: whatever stands behind it gets every request, and everybody thinks it is guarded."""
    said = wall["GetWebACL"]
    default = said.need("DefaultAction")
    rules = [rule for group in GROUPS for rule in said[group]]
    stopping = [rule for rule in rules if _stops(rule)]
    if any(one.value == "Block" for one in default):
        yield passed("What no rule lets in is blocked", default)
    elif stopping:
        yield passed("Its rules block", *stopping)
    elif rules:
        yield failed("None of its rules stops anything", *rules, default)
    else:
        yield failed("It has no rules and lets everything in", said["Rules"], default)


def _stops(rule: Node) -> bool:
    """A rule by its own action; a group of rules by theirs, unless all are turned into counting."""
    actions = [one.value for one in rule["Action"]]
    overrides = [one.value for one in rule["OverrideAction"]]
    return any(action in STOPS for action in actions) or "None" in overrides


@check(
    "aws.wafv2.no_logging",
    on=WALL,
    severity=Severity.LOW,
    title="Web firewall decisions not logged",
    reads=("ListLoggingConfigurations",),
    fix=Fix(
        console="WAF & Shield > Web ACLs > the ACL > Logging and metrics > Enable: a destination, and the headers that"
        " hold secrets left out.",
        cli="aws wafv2 put-logging-configuration --logging-configuration"
        " ResourceArn=ARN,LogDestinationConfigs=LOG-GROUP-ARN",
        terraform='resource "aws_wafv2_web_acl_logging_configuration" "this" { log_destination_configs ='
        " [aws_cloudwatch_log_group.waf.arn]  resource_arn = aws_wafv2_web_acl.this.arn }",
    ),
)
def no_logging(wall: Resource, estate: Estate) -> Iterator[Verdict]:
    """Neither an attack nor a customer who was shut out by mistake can be looked into afterwards."""
    logged = wall["ListLoggingConfigurations"]
    destinations = [where for one in logged for where in one["LogDestinationConfigs"]]
    if destinations:
        yield passed("Its decisions are logged", *destinations)
    else:
        yield failed("Its decisions are not logged", logged)
