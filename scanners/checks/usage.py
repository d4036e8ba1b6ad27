"""What stands unused: roles, what they may do and do not, functions nobody calls, secrets nobody reads.

Limits: AWS remembers the last use of a role for 400 days, and learns of one within four hours; actions are told apart
for some services only; of a function it is not known when it was made, so that one changed lately is not judged; of
functions at the edge AWS counts each region by itself, and none here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from scanners.checks.function_roles import gone
from scanners.checks.gateway_stages import stages
from scanners.checks.gateways import HTTP, REST
from scanners.checks.registry import Fix, check
from scanners.checks.trust import EDGE, ROLE, assuming, trust_policy
from scanners.checks.vaults import SECRET
from scanners.graph.rights import role_named
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
DETAILS, REPORT = "GetAccountAuthorizationDetails", "GetServiceLastAccessedDetails"
WINDOW = timedelta(days=90)
LINKED = ":role/aws-service-role/"
SHOWN = 10
NARROW = "aws iam put-role-policy --role-name NAME --policy-name own --policy-document file://used-only.json"
OWN_POLICY = 'resource "aws_iam_role_policy" "own" { policy = data.aws_iam_policy_document.used_only.json }'


def day(moment: Node) -> date:
    try:
        return date.fromisoformat(moment.text()[:10])
    except ValueError:
        code = f"{moment.pointer} is no date"
        raise Unread(Gap(moment.call, "", State.PARSE_ERROR, code, moment.region)) from None


def lately(moment: Node, estate: Estate) -> bool:
    """Whether it was within the window; something that never was is not."""
    return moment.present and day(moment) >= estate.now.date() - WINDOW


def said_of(moment: Node) -> str:
    return f"was last used on {day(moment)}" if moment.present else "was never used, as far as AWS remembers"


@check(
    "aws.iam.role_unused",
    on=ROLE,
    severity=Severity.LOW,
    title="Role not used",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Last activity: ask whose it is; then Delete.",
        cli="aws iam delete-role --role-name NAME",
        terraform="Remove the role and what is attached to it from the configuration.",
    ),
)
def role_unused(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """What nobody uses nobody watches: rights that wait for whoever finds a way to them."""
    said = role[DETAILS]
    used, made = said["RoleLastUsed"]["LastUsedDate"], said.need("CreateDate")
    if LINKED in role.ref:
        yield not_applicable("The role belongs to a service of AWS, which makes and removes it", made)
    elif lately(used, estate):
        yield passed("The role is used", used)
    elif lately(made, estate):
        yield passed(f"The role is new: it was made on {day(made)}", made)
    else:
        yield failed(f"The role {said_of(used)}", used, made)


@check(
    "aws.iam.role_unused_services",
    on=ROLE,
    severity=Severity.LOW,
    title="Role may use services it never used",
    reads=(DETAILS, REPORT),
    fix=Fix(
        console="IAM > Roles > the role > Last Accessed: leave out of its policies the services that it does not use.",
        cli=NARROW,
        terraform=OWN_POLICY,
    ),
)
def role_unused_services(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each service that it may use and does not is a gift to whoever takes it over, and costs nothing to take back."""
    yield from _idle_services(role, role[DETAILS].need("RoleName"), estate)


@check(
    "aws.lambda.role_unused_services",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Role may use services it never used",
    reads=("ListFunctions",),
    joins=((ROLE, DETAILS), (ROLE, REPORT)),
    fix=Fix(
        console="IAM > Roles > the execution role > Last Accessed: leave out the services that the code does not call.",
        cli=NARROW,
        terraform=OWN_POLICY,
    ),
)
def function_unused_services(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Code does the same every day: a service that it has not called for months it will not miss."""
    where = function["ListFunctions"].need("Role")
    role = role_named(estate, where)
    yield from [gone(where)] if role is None else _idle_services(role, where, estate)


def _idle_services(role: Resource, where: Node, estate: Estate) -> Iterator[Verdict]:
    """The verdict on what a role may use, as far as a report was ordered on it."""
    if verdict := _nothing_to_report(role, where, estate):
        yield verdict
        return
    services = list(role[REPORT].need("ServicesLastAccessed"))
    idle = [one for one in services if not lately(one["LastAuthenticated"], estate)]
    if idle:
        names = sorted(one.need("ServiceNamespace").text() for one in idle)
        said = f"{len(idle)} of {len(services)} services that the role may use it does not use: {_some(names)}"
        yield failed(said, where, *idle[:SHOWN])
    else:
        yield passed("The role uses every service that it may use", where, role[REPORT])


def _nothing_to_report(role: Resource, where: Node, estate: Estate) -> Verdict | None:
    """Why no report was ordered on a role, or why it would say little."""
    said = role[DETAILS]
    used, made = said["RoleLastUsed"]["LastUsedDate"], said.need("CreateDate")
    if LINKED in role.ref:
        return not_applicable("AWS itself writes the rights of the role", where)
    if not said["RolePolicyList"].value and not said["AttachedManagedPolicies"].value:
        return not_applicable("The role may do nothing", where, said["RolePolicyList"])
    if lately(made, estate):
        return not_applicable(f"The role is new: it was made on {day(made)}", where, made)
    if not lately(used, estate):
        return not_applicable(f"The role itself is not used: it {said_of(used)}", where, used)
    return None


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


@check(
    "aws.lambda.role_unused_actions",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Role may use actions it never used",
    reads=("ListFunctions",),
    joins=((ROLE, DETAILS), (ROLE, REPORT)),
    fix=Fix(
        console="IAM > Roles > the execution role > Last Accessed > a service: leave out what is not used.",
        cli=NARROW,
        terraform=OWN_POLICY,
    ),
)
def function_unused_actions(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Of a service that the code does use, it seldom needs what deletes or opens.  Asked of services whose actions AWS
    tells apart; of services that are not used at all `aws.lambda.role_unused_services` speaks.
    """
    where = function["ListFunctions"].need("Role")
    role = role_named(estate, where)
    if role is None:
        yield gone(where)
        return
    if verdict := _nothing_to_report(role, where, estate):
        yield verdict
        return
    used = [one for one in role[REPORT].need("ServicesLastAccessed") if lately(one["LastAuthenticated"], estate)]
    tracked = [(one, action) for one in used for action in one["TrackedActionsLastAccessed"]]
    idle = [(one, action) for one, action in tracked if not lately(action["LastAccessedTime"], estate)]
    silent = sorted(one.need("ServiceNamespace").text() for one in used if not one["TrackedActionsLastAccessed"].value)
    beside = f"; of {_some(silent)} AWS does not tell actions apart" if silent else ""
    if idle:
        names = sorted(f"{one['ServiceNamespace'].value}:{action.need('ActionName').value}" for one, action in idle)
        yield failed(f"The role may do, and does not: {_some(names)}{beside}", where, *(a for _, a in idle[:SHOWN]))
    elif tracked:
        yield passed(f"The role does all that it may do and AWS tells apart{beside}", where, role[REPORT])
    else:
        yield not_applicable("Of no service that the role uses AWS tells actions apart", where, role[REPORT])


@check(
    "aws.lambda.stale",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Function not invoked for a long time",
    reads=("ListFunctions", "GetMetricData"),
    fix=Fix(
        console="Lambda > the function > Monitor: if nobody needs it, Actions > Delete, and its role with it.",
        cli="aws lambda delete-function --function-name NAME",
        terraform="Remove the function, its role and its triggers from the configuration.",
    ),
)
def stale(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Dead code with live rights: nobody patches it, nobody would notice that somebody else has found it."""
    said = function["ListFunctions"]
    changed, asked = said["LastModified"], function["GetMetricData"]
    if asked.need("Invoked").value is True:
        yield passed("It was invoked in the last 90 days", asked["Invoked"])
    elif lately(changed, estate):
        yield not_applicable(f"It was changed on {day(changed)}, and may be new", changed)
    elif function.region == "us-east-1" and _at_the_edge(said.need("Role"), estate):
        yield not_applicable("It may run at the edge, where each region counts for itself", said["Role"])
    else:
        yield failed("It was not invoked in the last 90 days", asked["Invoked"], changed)


def _at_the_edge(where: Node, estate: Estate) -> bool:
    """Whether its role, as the edge demands, may be taken on by functions there."""
    role = role_named(estate, where)
    if role is None:
        return False
    return any(service == EDGE for trust in assuming(trust_policy(role)) for service, _ in trust.services())


@check(
    "aws.apigw.stale_stage",
    on=(REST, HTTP),
    severity=Severity.LOW,
    title="Stage without traffic",
    reads=("GetStages", "GetMetricData"),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Delete, after asking whose it is.",
        cli="aws apigateway delete-stage --rest-api-id ID --stage-name NAME",
        terraform="Remove the stage and its deployment from the configuration.",
    ),
)
def stale_stage(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Old versions of an API stay online with flaws that newer ones have no more, and nobody looks at their logs."""
    if not (there := list(stages(api))):
        yield not_applicable("The API has no stage", api["GetStages"])
        return
    counted = api["GetMetricData"]
    for name, stage in there:
        made = stage["createdDate" if api.kind == REST else "CreatedDate"]
        if counted.need(name).value is True:
            yield passed("The stage was called in the last 90 days", counted[name], subject=name)
        elif lately(made, estate):
            yield not_applicable(f"The stage is new: it was made on {day(made)}", made, subject=name)
        else:
            yield failed("The stage was not called in the last 90 days", counted[name], stage, subject=name)


@check(
    "aws.secretsmanager.unused",
    on=SECRET,
    severity=Severity.LOW,
    title="Secret not read",
    reads=("ListSecrets",),
    fix=Fix(
        console="Secrets Manager > the secret > Actions > Delete secret: it can be restored for the days you choose.",
        cli="aws secretsmanager delete-secret --secret-id ARN --recovery-window-in-days 30",
        terraform='resource "aws_secretsmanager_secret" "this" { recovery_window_in_days = 30 }',
    ),
)
def secret_unused(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """It still opens what it opened once, costs money every month, and is on nobody's list."""
    said = secret["ListSecrets"]
    used, made = said["LastAccessedDate"], said.need("CreatedDate")
    if (keeper := said["OwningService"]).present:
        yield not_applicable(f"The secret belongs to {keeper.value}", keeper)
    elif lately(used, estate):
        yield passed("The secret is read", used)
    elif lately(made, estate):
        yield passed(f"The secret is new: it was made on {day(made)}", made)
    else:
        words = f"was last read on {day(used)}" if used.present else "was never read"
        yield failed(f"The secret {words}", used, made)
