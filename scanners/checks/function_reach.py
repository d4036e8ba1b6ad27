"""What a function reaches when it is taken over, what may feed it, and whether it leaves a trace.

Limits: a function's groups of logs in other regions, as at the edge, are not looked for; of triggers those are seen
that it reads from, and those that its own policy names.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, kept_out, open_to_anyone, statements
from scanners.checks.buckets import ACCOUNT_BLOCK, BLOCK, BUCKET, NOT_SENSITIVE, SENSITIVE, restricted
from scanners.checks.callers import FUNCTION
from scanners.checks.function_roles import gone, of_function
from scanners.checks.functions import MAPPING
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.graph import reached as reach
from scanners.graph.ascent import PRINCIPALS
from scanners.graph.rights import Rights
from scanners.model import Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

LOG_GROUP = "AWS::Logs::LogGroup"
WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")
TOP = 0.05  # of all functions


@check(
    "aws.lambda.blast_radius",
    on=FUNCTION,
    severity=Severity.INFO,
    title="Blast radius of the function",
    reads=("ListFunctions",),
    joins=(*PRINCIPALS, *reach.JOINS),
    fix=Fix(
        console="IAM > Roles > the execution role > Permissions: begin with the statement that reaches most.",
        cli="aws iam put-role-policy --role-name NAME --policy-name own --policy-document file://narrow.json",
        terraform='resource "aws_iam_role_policy" "own" { policy = data.aws_iam_policy_document.narrow.json }',
    ),
)
def blast_radius(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """What is lost with this one function: it says where to begin.  It fails for the twentieth part of all functions
    that reach most, and for those that reach a secret tagged as sensitive.
    """
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
        return
    mine = reach.reached(estate, rights)
    said = f"Its role {_words(mine)}"
    if tagged := [tag for one in mine.reads for tag in _sensitive(one)]:
        yield failed(
            f"{said}; what it reads is tagged {', '.join(sorted({str(t.value) for t in tagged}))}", where, *tagged
        )
    scores, unread = estate.derived("blast radii", lambda: _scores(estate))
    above = sum(score >= mine.score for score in scores)
    room = TOP * (len(scores) + len(unread))
    if mine.score and above + len(unread) <= room:
        yield failed(f"{said}: more than nearly all other functions", where, *_givers(rights))
    elif mine.score and above <= room:
        raise Unread(*unread[0].gaps)
    else:
        yield passed(said, where)


def _words(found: reach.Reached) -> str:
    counts = {"stores to read": found.reads, "to write": found.writes, "functions to call": found.calls}
    said = ", ".join(f"{len(of)} {what}" for what, of in counts.items())
    return f"has {said}, and can act as {len(found.becomes)} other users and roles"


def _sensitive(store: Resource) -> Iterator[Node]:
    if store.kind == "AWS::SecretsManager::Secret":
        for tag in store["ListSecrets"]["Tags"]:
            words = (str(tag["Key"].value), str(tag["Value"].value))
            if any(map(SENSITIVE.search, words)) and not NOT_SENSITIVE.match(words[1]):
                yield tag


def _scores(estate: Estate) -> tuple[list[int], list[Unread]]:
    found, unread = list[int](), list[Unread]()
    for function in estate.all(FUNCTION):
        try:
            _, rights = of_function(function, estate)
            found.append(reach.reached(estate, rights).score if rights else 0)
        except Unread as gaps:
            unread.append(gaps)
    return found, unread


def _givers(rights: Rights) -> list[Node]:
    return [held.node for held in rights.held]


@check(
    "aws.lambda.logs_missing",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Function leaves no logs",
    reads=("ListFunctions",),
    joins=((LOG_GROUP, "DescribeLogGroups"), *PRINCIPALS[:2]),
    fix=Fix(
        console="IAM > Roles > the execution role > Add permissions: AWSLambdaBasicExecutionRole; CloudWatch > Log"
        " groups > Create log group, where there is none.",
        cli="aws iam attach-role-policy --role-name NAME --policy-arn"
        " arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        terraform='resource "aws_iam_role_policy_attachment" "logs" { role = aws_iam_role.this.name  policy_arn ='
        ' "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" }',
    ),
)
def logs_missing(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """When something goes wrong there is nothing to read: not what it did, not for whom, not since when."""
    where, rights = of_function(function, estate)
    if rights is None:
        yield gone(where)
        return
    said = function["ListFunctions"]
    configured, name = said["LoggingConfig"]["LogGroup"], said.need("FunctionName")
    group = configured.text() if configured.present else f"/aws/lambda/{name.text()}"
    _, partition, _, region, account, _ = function.ref.split(":", 5)
    arn = f"arn:{partition}:logs:{region}:{account}:log-group:{group}"
    lacking = [action for action in WRITES if not _may_write(rights, action, arn)]
    if lacking:
        yield failed(f"Its role may not write its logs: it lacks {' and '.join(lacking)}", where, *_givers(rights))
        return
    there = next((one for one in nearby(function, LOG_GROUP, estate) if one.name == group), None)
    if there:
        yield passed("Its group of logs is there, and its role may write to it", where, there["DescribeLogGroups"])
    elif rights.possible("logs:CreateLogGroup", arn):
        yield passed("Its role may make its group of logs and write to it", where)
    else:
        yield failed(
            "Its group of logs is not there, and its role may not make it", where, configured, *_givers(rights)
        )


def _may_write(rights: Rights, action: str, group: str) -> bool:
    """AWS asks about the stream; policies are written for the group, with or without the star behind it."""
    return any(rights.possible(action, arn) for arn in (f"{group}:log-stream:any", f"{group}:*", group))


# Source of events → (kind, section with its policy, field, the action by which strangers would feed it).
SOURCES = {
    "sqs": ("AWS::SQS::Queue", "GetQueueAttributes", "Policy", "sqs:SendMessage"),
    "sns": ("AWS::SNS::Topic", "GetTopicAttributes", "Policy", "sns:Publish"),
    "s3": (BUCKET, "GetBucketPolicy", "Policy", "s3:PutObject"),
    "events": ("AWS::Events::EventBus", "ListEventBuses", "Policy", "events:PutEvents"),
}


@check(
    "aws.lambda.esm_public_source",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Anyone can feed events to the function",
    reads=("ListFunctions", "GetPolicy"),
    joins=(
        (MAPPING, "ListEventSourceMappings"),
        *((kind, section) for kind, section, _, _ in SOURCES.values()),
        (BUCKET, BLOCK),
        (ACCOUNT_BLOCK, BLOCK),
    ),
    fix=Fix(
        console="The queue, topic, bucket or bus > its policy > Edit: name the accounts or services that send.",
        cli="aws sqs set-queue-attributes --queue-url URL --attributes file://named-senders.json",
        terraform='resource "aws_sqs_queue_policy" "this" { policy = data.aws_iam_policy_document.named_senders.json }',
    ),
)
def esm_public_source(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Code behind a queue trusts what comes out of it; whoever may write to the queue talks to the code."""
    me = function["ListFunctions"].need("FunctionArn")
    for source in _triggers(function, estate):
        yield from _fed(source, function, estate)
    yield passed("Only known senders feed what triggers it", me)


def _triggers(function: Resource, estate: Estate) -> Iterator[Node]:
    """Where events come from: sources it reads from, and those that its policy lets call it."""
    for mapping in nearby(function, MAPPING, estate):
        said = mapping["ListEventSourceMappings"]
        mine = said.need("FunctionArn").text()
        reads_for_it = mine == function.ref or mine.startswith(f"{function.ref}:")
        if reads_for_it and said["EventSourceArn"].present and said["State"].value != "Disabled":
            yield said["EventSourceArn"]
    for _, policy in function.each("GetPolicy"):
        for statement in statements(policy):
            yield from _named_sources(statement)


def _named_sources(statement: Statement) -> Iterator[Node]:
    for operator, key, values in statement.conditions():
        if statement.allows and key == "aws:sourcearn" and "not" not in operator:
            yield from values


def _fed(source: Node, function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A failure where a source of this account takes events from anyone."""
    service, ref = _queue_or_bus(source.text())
    if service not in SOURCES:
        return
    kind, section, field, action = SOURCES[service]
    found = estate.find(kind, ref)
    if found is None:  # another account's, which `aws.lambda.foreign_event_source` is about
        return
    policy = found[section][field]
    for statement, who in open_to_anyone(policy):
        open_door = statement.may(action) and not kept_out(policy, statement)
        if open_door and not (kind == BUCKET and restricted(found, estate)):
            yield failed(f"Anyone may send to {found.name}, which triggers it", source, who, statement.node)


def _queue_or_bus(arn: str) -> tuple[str, str]:
    """(service, ref): an object's bucket, a rule's bus."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", arn
    service, rest = parts[2], parts[5]
    if service == "events" and rest.startswith("rule/"):
        steps = rest.split("/")
        bus = steps[1] if len(steps) > 2 else "default"
        return service, f"{':'.join(parts[:5])}:event-bus/{bus}"
    if service == "s3":
        return service, f"{':'.join(parts[:5])}:{rest.partition('/')[0]}"
    return service, arn
