"""Rules of EventBridge: what the roles may do by which they start their targets.

Limits: schedules of rules and of EventBridge Scheduler are not asked for their targets; a role that allows an action of
its target on more than that target is not told of.
Source: "Using IAM roles to grant access to targets" (Amazon EventBridge user guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.effective import catalogue, effective
from scanners.checks.function_roles import NARROW, gone, run_as
from scanners.checks.registry import Fix, check
from scanners.graph.rights import JOINS
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

RULE = "AWS::Events::Rule"
STARTS = {  # service of a target → the actions that reach it
    "batch": {"batch:submitjob"},
    "codebuild": {"codebuild:startbuild"},
    "codepipeline": {"codepipeline:startpipelineexecution"},
    "ecs": {"ecs:runtask", "ecs:tagresource", "iam:passrole"},
    "events": {"events:invokeapidestination", "events:putevents"},
    "execute-api": {"execute-api:invoke"},
    "firehose": {"firehose:putrecord", "firehose:putrecordbatch"},
    "glue": {"glue:notifyevent"},
    "kinesis": {"kinesis:putrecord", "kinesis:putrecords"},
    "lambda": {"lambda:invokefunction"},
    "sagemaker": {"sagemaker:startpipelineexecution"},
    "sns": {"sns:publish"},
    "sqs": {"sqs:sendmessage"},
    "ssm": {"ssm:sendcommand", "ssm:startautomationexecution"},
    "states": {"states:startexecution", "states:startsyncexecution"},
}
BESIDE = {"kms:decrypt", "kms:generatedatakey", "sqs:sendmessage"}  # encrypted targets, and where failed events go
SHOWN = 5


@check(
    "aws.events.target_role_wide",
    on=RULE,
    severity=Severity.MEDIUM,
    title="Rule runs with a wide role",
    reads=("ListTargetsByRule",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the role of the target: allow the one action that starts it, on the target alone.",
        cli=NARROW,
        terraform='data "aws_iam_policy_document" "start" { statement { actions = ["states:StartExecution"]'
        "  resources = [aws_sfn_state_machine.this.arn] } }",
    ),
)
def target_role_wide(rule: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may add a target to the rule has the service do with the role what he may not do himself."""
    if not rule.asked("ListTargetsByRule"):
        return
    judged = False
    for target in rule["ListTargetsByRule"]:
        if (where := target["RoleArn"]).value:
            judged = True
            yield _of_target(rule, target, where, estate)
    if not judged:
        yield not_applicable("Its targets are started without a role", rule["ListTargetsByRule"])


def _of_target(rule: Resource, target: Node, where: Node, estate: Estate) -> Verdict:
    if (rights := run_as(estate, where, rule.region)) is None:
        return gone(where)
    arn = target.need("Arn")
    service = arn.text().partition(":")[2].partition(":")[2].partition(":")[0]
    may = set(catalogue().named(effective(rights.principal, rights.layers, rights.context).sure))
    more = sorted(may - STARTS.get(service, set()) - BESIDE)
    if not more:
        return passed("Its role may start the target, and do nothing else", where, arn)
    some = ", ".join(more[:SHOWN]) + (f" and {len(more) - SHOWN} more actions" if len(more) > SHOWN else "")
    given = (held.node for held in rights.held)
    return failed(f"Its role may do more than start the target: {some}{rights.caveat}", where, arn, *given)
