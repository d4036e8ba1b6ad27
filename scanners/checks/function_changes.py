"""Who may change functions, and functions that talk to private stores from outside their network.

Limits: what a function's own policy lets others change is not asked; values of variables are not kept, so that their
names have to tell of a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scanners.access.aws.policies import Rule
from scanners.checks.function_roles import EVERY_FUNCTION, FUNCTION, gone, nodes, of_function, on_all
from scanners.checks.readers import named_principals, principals
from scanners.checks.registry import Fix, check
from scanners.graph.ascent import PRINCIPALS
from scanners.graph.rights import JOINS, Rights
from scanners.graph.stored import DETAILS
from scanners.model import Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

CHANGES = ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:AddPermission")
LAYERS = "arn:{partition}:lambda:{region}:{account}:layer:*"
MOST = 5
# Actions that are asked on the way to a store which is reached within a network alone.
INSIDE = ("rds-db:connect", "elasticache:Connect", "memorydb:Connect", "neptune-db:connect", "kafka-cluster:Connect")
PRIVATE = re.compile(
    r"^(\w+_)?(PG|DB|RDS|DATABASE|POSTGRES\w*|MYSQL|AURORA|REDIS|VALKEY|MEMCACHED|CACHE)_?(HOST|HOSTNAME|ENDPOINT|URL)$",
    re.I,
)


@check(
    "aws.lambda.role_can_change_code",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Function may change function code or configuration",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions: leave these actions to the role of the pipeline.",
        cli="aws iam put-role-policy --role-name NAME --policy-name own --policy-document file://narrow.json",
        terraform='resource "aws_iam_role_policy" "own" { policy = data.aws_iam_policy_document.narrow.json }',
    ),
)
def role_can_change_code(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever takes over this function writes its own code into the others, and runs with the rights of each."""
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
        return
    found = {action: rule for action in CHANGES if (rule := _on_others(rights, action, function, estate))}
    if layers := on_all(rights, "lambda:PublishLayerVersion", LAYERS, function.region):
        found["lambda:PublishLayerVersion"] = layers
    if found:
        said = f"Its role may do to other functions: {', '.join(found)}"
        yield failed(said + rights.caveat, where, *nodes(rights, list(found.values())))
    else:
        yield passed("Its role changes no other function", where)


def _on_others(rights: Rights, action: str, function: Resource, estate: Estate) -> Rule | None:
    """The statement that lets it change all functions, or one that is there."""
    if rule := on_all(rights, action, EVERY_FUNCTION, function.region):
        return rule
    if not rights.layers.identity.candidates(action.lower())[0]:
        return None
    for other in estate.all(FUNCTION):
        if other.ref != function.ref and rights.sure(action, other.ref):
            return next(rights.giving(action, other.ref), None)
    return None


@check(
    "aws.lambda.code_changers",
    on=FUNCTION,
    severity=Severity.INFO,
    title="Who can change this function",
    reads=("ListFunctions",),
    joins=PRINCIPALS,
    fix=Fix(
        console="IAM > the policies that are shown > Edit: leave the functions' code to the role of the pipeline.",
        cli="aws iam create-policy-version --policy-arn ARN --policy-document file://without-code.json"
        " --set-as-default",
        terraform='data "aws_iam_policy_document" "deploy" { statement { actions = ["lambda:UpdateFunctionCode"]'
        "  resources = [aws_lambda_function.this.arn] } }",
    ),
)
def code_changers(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of them can make the function do something else, with the function's rights.  Administrators aside."""
    me = function["ListFunctions"].need("FunctionArn")
    everybody, gaps = principals(estate)
    able = estate.derived("may change code", lambda: [one for one in everybody if any(_speaks(one, CHANGES[:2]))])
    found = [one for one in able if any(one.sure(action, function.ref) for action in _speaks(one, CHANGES[:2]))]
    said = f"{len(found)} users and roles beside administrators can change it"
    proof = [_proof(one, function.ref) for one in found[:10]]
    if len(found) > MOST:
        yield failed(f"{said}: {named_principals(found)}{found[0].caveat}", me, *proof)
    if gaps:
        raise Unread(*gaps)
    yield passed(f"{said}: {named_principals(found)}" if found else said, me, *proof)


def _speaks(who: Rights, actions: Iterable[str]) -> Iterator[str]:
    """The actions that some statement of its own allows somewhere."""
    return (action for action in actions if who.layers.identity.candidates(action.lower())[0])


def _proof(who: Rights, on: str) -> Node:
    given = (who.at(rule) for action in CHANGES[:2] for rule in who.giving(action, on))
    return next(given, who.resource[DETAILS]["Arn"])


@check(
    "aws.lambda.vpc_private_data",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Function reaches private data over public paths",
    reads=("ListFunctions",),
    joins=JOINS,
    fix=Fix(
        console="Lambda > the function > Configuration > VPC > Edit: the private subnets of the store.",
        cli="aws lambda update-function-configuration --function-name NAME --vpc-config"
        " SubnetIds=ID,ID,SecurityGroupIds=ID",
        terraform='resource "aws_lambda_function" "this" { vpc_config { subnet_ids = var.private_subnets'
        "  security_group_ids = [aws_security_group.this.id] } }",
    ),
)
def vpc_private_data(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """For a function outside of the network to reach it, a database or cache must be open to the internet."""
    said = function["ListFunctions"]
    network = said["VpcConfig"]["VpcId"]
    if network.value:
        yield passed("It runs in a network of the account", network)
        return
    names = [value for name, value in said["Environment"]["Variables"].items() if PRIVATE.match(name)]
    if names:
        told = ", ".join(sorted(node.pointer.rpartition("/")[2] for node in names))
        yield failed(f"It runs in no network, and its variables name a store that stands in one: {told}", *names)
        return
    where, rights = of_function(function, estate)
    found = {action: rule for action in INSIDE if rights and (rule := _named(rights, action))}
    if rights and found:
        said_of = f"It runs in no network, and its role may sign in to what stands in one: {', '.join(found)}"
        yield failed(said_of, where, *nodes(rights, list(found.values())))
    else:
        yield passed("Nothing tells of a store that is reached within a network alone", where)


def _named(rights: Rights, action: str) -> Rule | None:
    """A statement that speaks of the service; one of everything says nothing of what is used."""
    if not rights.sure(action):
        return None
    given = rights.giving(action)
    return next((rule for rule in given if not rule.actions.every and not rule.actions.negated), None)
