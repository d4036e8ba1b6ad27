"""What stands unused: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from tests.core.cases import Case, Cases, resource
from tests.core.holders import allow, function, role, trusting

LATELY, LONG_AGO = "2026-11-20", "2026-08-01"
HOLDS = (allow("s3:GetObject"),)
EDGE = trusting("lambda.amazonaws.com", "edgelambda.amazonaws.com")


def worker(*services, used=LATELY, made=LONG_AGO, statements=HOLDS, path="", trust=None):
    """A role, and the report on it: (service, last use, {action: last use})."""
    found = role(*statements, path=path, trust=trust)
    details = dict(found.documents["GetAccountAuthorizationDetails"])
    details |= {"CreateDate": f"{made}T09:00:00Z", "RoleLastUsed": {"LastUsedDate": used} if used else {}}
    report = {"ServicesLastAccessed": [_service(*one) for one in services]}
    documents = {"GetAccountAuthorizationDetails": details} | (
        {"GetServiceLastAccessedDetails": report} if services else {}
    )
    calls = {section: f"iam.{section}" for section in documents}
    return replace(found, documents=documents, calls=calls)


def _service(name, last=None, actions=()):
    tracked = [{"ActionName": a, **({"LastAccessedTime": d} if d else {})} for a, d in dict(actions).items()]
    used = {"LastAuthenticated": last, "TrackedActionsLastAccessed": tracked} if last else {}
    return {"ServiceNamespace": name, **used}


def running(held):
    return Case(function(), (held,))


def counted(invoked, changed=LONG_AGO, region="eu-west-1", trust=None):
    found = function(LastModified=f"{changed}T09:00:00.000+0000", region=region)
    documents = {**found.documents, "GetMetricData": {"Days": 90, "Invoked": invoked}}
    held = role(trust=trust)
    return Case(
        replace(found, documents=documents, calls=dict.fromkeys(documents, "cloudwatch.GetMetricData")), (held,)
    )


def api(counts, *, rest=True, made=LONG_AGO, subject="prod"):
    name, day = ("stageName", "createdDate") if rest else ("StageName", "CreatedDate")
    stages = [{name: one, day: f"{made}T09:00:00Z"} for one in counts]
    kind = "AWS::ApiGateway::RestApi" if rest else "AWS::ApiGatewayV2::Api"
    sections = {"GetStages": stages} | ({"GetMetricData": counts} if counts else {})
    return Case(resource(kind, **sections), subject=subject if counts else "")


def secret(used=None, made=LONG_AGO, **more):
    said = {"Name": "s", "CreatedDate": f"{made}T09:00:00Z", **({"LastAccessedDate": used} if used else {}), **more}
    return Case(resource("AWS::SecretsManager::Secret", ListSecrets=said))


IDLE = worker(("s3", LATELY), ("sqs", LONG_AGO), ("sns",))
BUSY = worker(("s3", LATELY, {"GetObject": LATELY}), ("sqs", "2026-08-25"))
LINKED = worker(used=None, path="aws-service-role/elasticache.amazonaws.com/")
UNUSED = worker(used=LONG_AGO)
NEW = worker(used=LATELY, made=LATELY)
EMPTY = worker(statements=())

CASES = {
    "aws.iam.role_unused": Cases(
        fails=(Case(UNUSED), Case(worker(used=None)), Case(worker(used="2026-08-23"))),
        passes=(Case(worker()), Case(worker(used="2026-08-24")), Case(worker(used=None, made="2026-10-01"))),
        neutral=(Case(LINKED),),
    ),
    "aws.iam.role_unused_services": Cases(
        fails=(Case(IDLE), Case(worker(("s3",)))),
        passes=(Case(BUSY), Case(worker(("s3", LATELY)))),
        neutral=(Case(LINKED), Case(UNUSED), Case(NEW), Case(EMPTY)),
    ),
    "aws.lambda.role_unused_services": Cases(
        fails=(running(IDLE), running(worker(("s3",)))),
        passes=(running(BUSY),),
        neutral=(running(UNUSED), running(NEW), running(EMPTY), Case(function(role="gone"), (IDLE,))),
    ),
    "aws.lambda.role_unused_actions": Cases(
        fails=(
            running(worker(("s3", LATELY, {"GetObject": LATELY, "DeleteBucket": None}))),
            running(worker(("s3", LATELY, {"GetObject": LONG_AGO}))),
        ),
        passes=(
            running(BUSY),
            running(worker(("s3", LATELY, {"GetObject": LATELY}), ("sqs", LONG_AGO, {"SendMessage": LONG_AGO}))),
        ),
        neutral=(running(UNUSED), running(worker(("sqs", LATELY))), Case(function(role="gone"), (IDLE,))),
    ),
    "aws.lambda.stale": Cases(
        fails=(counted(False), counted(False, region="us-east-1")),
        passes=(counted(True), counted(True, changed=LATELY)),
        neutral=(counted(False, changed=LATELY), counted(False, region="us-east-1", trust=EDGE)),
        unknown=(counted(None),),
    ),
    "aws.apigw.stale_stage": Cases(
        fails=(api({"prod": False}), api({"prod": True, "v1": False}, subject="v1"), api({"prod": False}, rest=False)),
        passes=(api({"prod": True}), api({"prod": True}, made=LATELY), api({"prod": True}, rest=False)),
        neutral=(api({}), api({"prod": False}, made=LATELY, subject="prod")),
        unknown=(api({"prod": None}, subject=""),),
    ),
    "aws.secretsmanager.unused": Cases(
        fails=(secret(), secret(LONG_AGO), secret("2026-08-23T00:00:00Z")),
        passes=(secret(LATELY), secret(made=LATELY), secret("2026-08-24")),
        neutral=(secret(OwningService="rds"),),
    ),
}


def test_which_services_are_idle_is_said_and_of_how_many():
    verdict = Case(IDLE).verdict("aws.iam.role_unused_services")

    assert verdict.sentence == "2 of 3 services that the role may use it does not use: sns, sqs"


def test_services_whose_actions_aws_does_not_tell_apart_are_named():
    verdict = running(BUSY).verdict("aws.lambda.role_unused_actions")

    assert verdict.sentence.endswith("of sqs AWS does not tell actions apart")
