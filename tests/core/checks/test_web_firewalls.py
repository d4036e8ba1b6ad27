"""Web firewalls: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource

WALL = "AWS::WAFv2::WebACL"


def wall(*rules, default="Allow", **groups):
    return Case(resource(WALL, GetWebACL={"DefaultAction": [default], "Rules": list(rules), **groups}))


def rule(action):
    return {"Name": action, "Action": [action], "Kinds": ["ByteMatchStatement"]}


def group(override):
    return {"Name": override, "OverrideAction": [override], "Kinds": ["ManagedRuleGroupStatement"]}


def logged(*destinations):
    told = [{"ResourceArn": "arn", "LogDestinationConfigs": list(destinations)}] if destinations else []
    return Case(resource(WALL, ListLoggingConfigurations=told))


CASES = {
    "aws.wafv2.empty_acl": Cases(
        fails=(wall(), wall(rule("Count")), wall(rule("Allow"), rule("Count")), wall(group("Count"), rule("Count"))),
        passes=(
            wall(rule("Count"), rule("Block")),
            wall(rule("Captcha")),
            wall(rule("Challenge")),
            wall(group("None")),
            wall(rule("Allow"), default="Block"),
            wall(PreProcessFirewallManagerRuleGroups=[group("None")]),
        ),
    ),
    "aws.wafv2.no_logging": Cases(
        fails=(logged(),), passes=(logged("arn:aws:logs:eu-west-1:1:log-group:aws-waf-logs-a"),)
    ),
}
