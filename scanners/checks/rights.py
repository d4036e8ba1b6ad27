"""Rights that are given too loosely: by exclusion, by the service, past the group, over the audit trail.

Limits: as in `identities`, one policy at a time with its own Deny statements; policies that AWS manages are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, matches, statements
from scanners.checks.identities import DETAILS, INLINE, POLICY, documents_of, gives_all, judged, limited, on_all
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

USER = "AWS::IAM::User"
NEW_VERSION = "aws iam create-policy-version --policy-arn ARN --policy-document file://narrow.json --set-as-default"
SILENCES = (  # the record: stopped, gone, made to leave things out, or sent elsewhere
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:UpdateTrail",
)
ANY_TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/any"


@check(
    "aws.iam.notaction_allow",
    on=(POLICY, *INLINE),
    severity=Severity.MEDIUM,
    title="Allow by exclusion",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Policies > the policy > Edit: name what is allowed under Action and Resource; what must never"
        " happen belongs into a Deny.",
        cli=NEW_VERSION,
        terraform='data "aws_iam_policy_document" "this" { statement { actions = ["s3:GetObject"]  resources ='
        ' ["${aws_s3_bucket.this.arn}/*"] } }',
    ),
)
def notaction_allow(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever AWS adds from now on is allowed too, and nobody decided that it should be."""
    yield from judged(resource, _by_exclusion, "everything but what it names")


def _by_exclusion(statement: Statement) -> tuple[str, ...]:
    by_exclusion = statement.node["NotAction"].present or statement.node["NotResource"].present
    return ("*",) if by_exclusion and not _with_a_second_factor(statement) else ()


def _with_a_second_factor(statement: Statement) -> bool:
    """The usual policy for people who have signed in with a second factor."""
    return any(
        operator == "bool"
        and key == "aws:multifactorauthpresent"
        and all(str(v.value).lower() == "true" for v in values)
        for operator, key, values in statement.conditions()
    )


@check(
    "aws.iam.service_wildcard",
    on=(POLICY, *INLINE),
    severity=Severity.MEDIUM,
    title="Customer policy with service:*",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Policies > the policy > Edit: name the actions that are used (Access Advisor shows them), or the"
        " resources.",
        cli=NEW_VERSION,
        terraform='data "aws_iam_policy_document" "this" { statement { actions = ["sqs:SendMessage"]  resources ='
        " [aws_sqs_queue.this.arn] } }",
    ),
)
def service_wildcard(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """Every service has actions that delete, open to strangers and hide; daily work needs only a few of the others."""
    yield from judged(resource, _whole_services, "{} on every resource", none="all actions of a service")


def _whole_services(statement: Statement) -> Iterator[str]:
    if on_all(statement) and not limited(statement) and not statement.node["NotAction"].present:
        for one in statement.node["Action"]:
            service, _, action = one.text().partition(":")
            if service.strip("*?") and "*" in action and not action.strip("*?"):
                yield f"{service}:*"


@check(
    "aws.iam.cloudtrail_full",
    on=(POLICY, *INLINE),
    severity=Severity.MEDIUM,
    title="May switch off the audit trail",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Policies > the policy > Edit: leave these actions out; in an organisation, deny them with a"
        " service control policy to all but the security team.",
        cli=NEW_VERSION,
        terraform='resource "aws_organizations_policy" "this" { type = "SERVICE_CONTROL_POLICY", content ='
        " data.aws_iam_policy_document.trails_stay_on.json }",
    ),
)
def cloudtrail_full(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """The first thing an intruder does is to switch off the record of what follows."""
    for _, document in documents_of(resource):
        for statement in statements(document):
            if statement.allows and gives_all(statement):
                yield not_applicable("It gives full rights, over trails as over everything", statement.node)
                return
    yield from judged(resource, _over_trails, "{}", none="to stop, delete or change a trail")


def _over_trails(statement: Statement) -> Iterator[str]:
    if _on_trails(statement):
        yield from (action for action in SILENCES if statement.may(action))


def _on_trails(statement: Statement) -> bool:
    spared = statement.node["NotResource"]
    if spared.present:
        return not any(matches(one.text(), ANY_TRAIL) for one in spared)
    return any(_may_be_a_trail(one.text()) for one in statement.node["Resource"])


def _may_be_a_trail(pattern: str) -> bool:
    """Told by the service in the ARN; a pattern with fewer parts ends in a wildcard that covers it, or is none."""
    parts = pattern.split(":", 5)
    return matches(pattern, ANY_TRAIL) if len(parts) < 6 else matches(parts[2], "cloudtrail")


@check(
    "aws.iam.user_attached_policy",
    on=USER,
    severity=Severity.LOW,
    title="Policy attached to a user",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Users > the user > Permissions: remove the policies, and add the user to a group that has them;"
        " better, give people access through IAM Identity Center.",
        cli="aws iam detach-user-policy --user-name NAME --policy-arn ARN; aws iam add-user-to-group --user-name NAME"
        " --group-name GROUP",
        terraform='resource "aws_iam_user_group_membership" "this" { user = aws_iam_user.this.name, groups ='
        " [aws_iam_group.this.name] }",
    ),
)
def user_attached_policy(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """Rights that hang on one person are seen by nobody who looks at the groups, and stay when the task is over."""
    details = user[DETAILS]
    attached, own = details["AttachedManagedPolicies"], details["UserPolicyList"]
    names = [*(one.need("PolicyName") for one in attached), *(one.need("PolicyName") for one in own)]
    if names:
        listed = ", ".join(sorted(name.text() for name in names))
        yield failed(f"Policies are attached to the user itself: {listed}", *names)
    else:
        yield passed("The user has its rights from groups alone", attached, own)
