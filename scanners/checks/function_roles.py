"""What functions may do by their execution roles, with everything that bounds a role counted.

Limits: a grant on a condition that is not known counts as scoped; a wildcard that several statements make together, a
half each, is not seen as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from scanners.access.aws.policies import Rule
from scanners.checks.registry import Fix, check
from scanners.graph.ascent import PRINCIPALS, escalation, full_rights, proofs
from scanners.graph.paths import Answer
from scanners.graph.rights import JOINS, Rights, rights_of, role_named
from scanners.model import Node, Resource, Severity, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
NARROW = "aws iam put-role-policy --role-name NAME --policy-name own --policy-document file://narrow.json"
# Actions that read or change what people store, and all that a service keeps in one region, or everywhere.
DATA = (
    ("s3:GetObject", "arn:{partition}:s3:::*/*"),
    ("s3:PutObject", "arn:{partition}:s3:::*/*"),
    ("s3:DeleteObject", "arn:{partition}:s3:::*/*"),
    *(
        (f"dynamodb:{action}", "arn:{partition}:dynamodb:{region}:{account}:table/*")
        for action in ("GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem")
    ),
    ("secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:*"),
    ("ssm:GetParameter", "arn:{partition}:ssm:{region}:{account}:parameter/*"),
    ("ssm:GetParameters", "arn:{partition}:ssm:{region}:{account}:parameter/*"),
    ("ssm:GetParametersByPath", "arn:{partition}:ssm:{region}:{account}:parameter/*"),
    ("kms:Decrypt", "arn:{partition}:kms:{region}:{account}:key/*"),
    ("sqs:ReceiveMessage", "arn:{partition}:sqs:{region}:{account}:*"),
    ("sqs:SendMessage", "arn:{partition}:sqs:{region}:{account}:*"),
    ("rds-data:ExecuteStatement", "arn:{partition}:rds:{region}:{account}:cluster:*"),
)
CALLS = ("lambda:InvokeFunction", "lambda:InvokeAsync")
EVERY_FUNCTION = "arn:{partition}:lambda:{region}:{account}:function:*"


def run_as(estate: Estate, where: Node, region: str) -> Rights | None:
    """The rights of the role that something runs as; None when there is no such role any more."""
    role = role_named(estate, where)
    return None if role is None else rights_of(estate, role, region=region, workload=True)


def of_function(function: Resource, estate: Estate) -> tuple[Node, Rights | None]:
    where = function["ListFunctions"].need("Role")
    return where, run_as(estate, where, function.region)


def gone(where: Node) -> Verdict:
    return not_applicable("The role it runs as does not exist any more", where)


def in_full(estate: Estate, rights: Rights, where: Node, severity: Severity | None = None) -> Verdict | None:
    """The failure of what runs with an administrator's rights."""
    if (statement := full_rights(estate, rights)) is None:
        return None
    bounded = (rights.boundary,) if rights.boundary else ()
    words = "It may do everything with everything in the account"
    return failed(words + rights.caveat, where, statement, *bounded, severity=severity)


def on_the_way(estate: Estate, rights: Rights, where: Node) -> Iterator[Verdict]:
    """The failure of what can become an administrator; nothing where it cannot."""
    if found := way_up(estate, rights.resource):
        yield failed(steps_of(found) + rights.caveat, where, *proofs(estate, found))


def way_up(estate: Estate, principal: Resource) -> Answer | None:
    """The way of a principal that is no administrator to becoming one.  Raises Unread where nobody knows."""
    found = escalation(estate, principal)
    return found if found.escalates and found.steps else None


def steps_of(found: Answer) -> str:
    """In words that name nobody but those whom it becomes on the way."""
    steps = [f"{step.rule.title[0].lower()}{step.rule.title[1:]} ({_who(step.target)})" for step in found.steps]
    count = f"{len(steps)} steps" if len(steps) > 1 else "one step"
    more = " on conditions that callers may bring about" if _conditions(found) else ""
    return f"It can become an administrator in {count}{more}: {'; then '.join(steps)}"


def _who(arn: str) -> str:
    return arn.split(":", 5)[-1].rpartition("/")[2] if arn.startswith("arn:") else arn


def _conditions(found: Answer) -> bool:
    return any(reason.condition for step in found.steps for reason in step.because)


def on_all(rights: Rights, action: str, pattern: str, region: str) -> Rule | None:
    """The statement that allows an action on all that a service keeps in a region."""
    _, partition, _, _, account, _ = rights.resource.ref.split(":", 5)
    return rights.wholly(action, pattern.format(partition=partition, region=region, account=account))


def wide_data(rights: Rights, region: str) -> dict[str, Rule]:
    """Actions on data that are allowed on all that the service keeps, with the statement that allows each."""
    found = {action: on_all(rights, action, pattern, region) for action, pattern in DATA}
    return {action: rule for action, rule in found.items() if rule is not None}


def nodes(rights: Rights, rules: list[Rule]) -> list[Node]:
    return list({(node.ref, node.pointer): node for node in map(rights.at, rules)}.values())


@check(
    "aws.lambda.role_admin",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Function runs with administrator rights",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions: detach what gives full rights, and allow the calls"
        " that the code makes (Access Advisor shows them).",
        cli="aws iam detach-role-policy --role-name NAME --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        terraform='resource "aws_iam_role_policy" "own" { role = aws_iam_role.this.id  policy ='
        " data.aws_iam_policy_document.narrow.json }",
    ),
)
def role_admin(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A flaw in the code or in one of its libraries is then a flaw of the whole account: whoever makes the function do
    something else owns everything.
    """
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
    elif verdict := in_full(estate, rights, where):
        yield verdict
    else:
        yield passed(
            "Its role has no full rights", where, rights.resource["GetAccountAuthorizationDetails"]["RoleName"]
        )


@check(
    "aws.lambda.role_privilege_escalation",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Code in the function can raise its own rights",
    reads=("ListFunctions",),
    joins=PRINCIPALS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions: take away the first action of the path that is shown,"
        " or name under Resource what it may be done to.",
        cli=NARROW,
        terraform='data "aws_iam_policy_document" "own" { statement { actions = ["iam:PassRole"]  resources ='
        " [aws_iam_role.worker.arn] } }",
    ),
)
def role_privilege_escalation(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A few rights together, each harmless alone, make an administrator: code that was taken over needs minutes."""
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
        return
    if statement := full_rights(estate, rights):
        yield not_applicable("Its role has full rights already", where, statement)
        return
    yield from on_the_way(estate, rights, where)
    yield passed("No way leads from its role to full rights", where)


@check(
    "aws.lambda.role_wildcard_data",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Function may touch every table, bucket, secret or key",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions > the policy > Edit: the ARNs that the function uses"
        " instead of the wildcard.",
        cli=NARROW,
        terraform='data "aws_iam_policy_document" "own" { statement { actions = ["dynamodb:GetItem"]  resources ='
        " [aws_dynamodb_table.orders.arn] } }",
    ),
)
def role_wildcard_data(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """One function that is taken over then gives away the data of all others, and what is stored tomorrow as well."""
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
    elif found := wide_data(rights, function.region):
        services = ", ".join(sorted({action.partition(":")[0] for action in found}))
        words = f"Its role may touch all that is stored in {services}: {', '.join(found)}"
        yield failed(words + rights.caveat, where, *nodes(rights, list(found.values())))
    else:
        yield passed("Its role names the data that it may touch, or touches none", where)


@check(
    "aws.lambda.role_service_wildcard",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Role grants whole services",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions > the policy > Edit: name the actions that are used.",
        cli=NARROW,
        terraform='data "aws_iam_policy_document" "own" { statement { actions = ["sqs:SendMessage"]  resources ='
        " [aws_sqs_queue.this.arn] } }",
    ),
)
def role_service_wildcard(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Among all actions of a service are those that delete, that open to strangers, and those that AWS will add.

    Lighter where every such statement names the resources it is about.
    """
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
    elif found := whole_services(rights):
        everywhere = any(rule.resources.stars for _, rule in found)
        said = ", ".join(dict.fromkeys(words for words, _ in found))
        yield failed(
            f"Its role grants {said}{rights.caveat}",
            where,
            *nodes(rights, [rule for _, rule in found]),
            severity=None if everywhere else Severity.LOW,
        )
    else:
        yield passed("Its role grants single actions, not whole services", where)


def whole_services(rights: Rights) -> list[tuple[str, Rule]]:
    """(what is granted, statement) of every Allow of all actions of a service that other layers leave standing.

    An action that does not exist yet stands for those that nobody has named: what forbids it forbids the wildcard.
    """
    found = []
    for _, rule in rights.layers.identity.places():
        for service in _services_in_full(rule) if rule.allows else ():
            action = "nosuchservice:anything" if service == "*" else f"{service}:anythingyettocome"
            if rule in rights.giving(action) and rights.sure(action):
                words = "everything but what it excludes" if rule.actions.negated else f"{service}:*"
                found.append((words if service != "*" or rule.actions.negated else "every service", rule))
    return found


def _services_in_full(rule: Rule) -> Iterator[str]:
    if rule.actions.negated or rule.actions.every:
        yield "*"
        return
    for text in rule.actions.texts:
        service, colon, name = text.lower().partition(":")
        if colon and name and not name.strip("*"):
            yield service


@check(
    "aws.lambda.role_shared",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Functions share one execution role",
    reads=("ListFunctions",),
    fix=Fix(
        console="IAM > Roles > Create role, for Lambda, with what this function needs; then Lambda > the function >"
        " Configuration > Permissions > Edit: choose it.",
        cli="aws lambda update-function-configuration --function-name NAME --role ROLE-ARN",
        terraform='resource "aws_lambda_function" "this" { role = aws_iam_role.of_this_function_alone.arn }',
    ),
)
def role_shared(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of them has what all of them need: the weakest one decides what is lost.

    Versions and aliases run as the function they belong to, and copies at the edge as their master: they count once.
    """
    said = function["ListFunctions"]
    role, master = said.need("Role"), said["MasterArn"]
    if master.present:
        yield not_applicable("It is a copy at the edge, which runs as its master", master)
        return
    others = [
        one for one in estate.derived("by role", lambda: _by_role(estate))[role.text()] if one.ref != function.ref
    ]
    if others:
        names = ", ".join(sorted(other["ListFunctions"].need("FunctionName").text() for other in others)[:10])
        more = f" and {len(others) - 10} more" if len(others) > 10 else ""
        yield failed(
            f"It runs as the same role as {names}{more}", role, *(o["ListFunctions"]["Role"] for o in others[:10])
        )
        return
    list(estate.all(FUNCTION))  # other regions may hold one more
    yield passed("No other function runs as its role", role)


def _by_role(estate: Estate) -> dict[str, list[Resource]]:
    """Functions that were seen, in every region, by their role."""
    found: dict[str, list[Resource]] = {}
    with suppress(Unread):
        for function in estate.all(FUNCTION):
            said = function["ListFunctions"]
            if not said["MasterArn"].present:
                found.setdefault(said.need("Role").text(), []).append(function)
    return found


@check(
    "aws.lambda.role_invoke_any",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Function may invoke any other function",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions > the policy > Edit: the functions it calls, by ARN.",
        cli=NARROW,
        terraform='data "aws_iam_policy_document" "own" { statement { actions = ["lambda:InvokeFunction"]  resources ='
        " [aws_lambda_function.next.arn] } }",
    ),
)
def role_invoke_any(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """What is kept from strangers by a gateway in front of a function is open to whoever takes over this one."""
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
        return
    found = [rule for action in CALLS if (rule := on_all(rights, action, EVERY_FUNCTION, function.region))]
    if found:
        yield failed(f"Its role may call every function of the account{rights.caveat}", where, *nodes(rights, found))
    else:
        yield passed("Its role may call functions that are named, or none", where)
