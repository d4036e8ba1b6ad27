"""API Gateway's stages: what guards them, what they write down, what they hold.

Limits: a web firewall in front of the API, at a CDN, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.gateways import HTTP, REST, methods, private, unguarded
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

PLAN = "AWS::ApiGateway::UsagePlan"
BOTH = (REST, HTTP)
EVERY = "*/*"  # the method settings of the whole stage
ACCOUNT_RATE = 10_000  # requests a second that all APIs of a region share; a limit as high is none ("quotas", 2026-11)


def stages(api: Resource) -> Iterator[tuple[str, Node]]:
    for stage in api["GetStages"]:
        yield stage.need("stageName" if api.kind == REST else "StageName").text(), stage


def no_stage(api: Resource) -> Iterator[Verdict]:
    if not list(stages(api)):
        yield not_applicable("The API has no stage, so nobody can call it", api["GetStages"])


@check(
    "aws.apigw.no_waf",
    on=REST,
    severity=Severity.MEDIUM,
    title="No web firewall on a public stage",
    reads=("GetRestApis", "GetStages"),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Edit: choose a web ACL.",
        cli="aws wafv2 associate-web-acl --web-acl-arn ARN --resource-arn"
        " arn:aws:apigateway:REGION::/restapis/ID/stages/NAME",
        terraform='resource "aws_wafv2_web_acl_association" "this" { resource_arn = aws_api_gateway_stage.this.arn }',
    ),
)
def no_waf(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Known attacks, floods and scanners reach your code, where each must be fended off by hand."""
    closed = private(api)
    if closed or not (way := unguarded(api)):
        yield not_applicable("The API is not open to the internet", closed or api["GetRestApis"]["policy"])
        return
    for name, stage in stages(api):
        wall = stage["webAclArn"]
        if wall.value:
            yield passed("A web ACL stands before the stage", wall, subject=name)
        else:
            yield failed("No web ACL stands before the stage, which anyone can reach", wall, way, subject=name)
    yield from no_stage(api)


@check(
    "aws.apigw.no_access_log",
    on=BOTH,
    severity=Severity.MEDIUM,
    title="Stage keeps no access log",
    reads=("GetStages",),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Logs and tracing > Edit: turn on access logging.",
        cli="aws apigateway update-stage --rest-api-id ID --stage-name NAME --patch-operations"
        " op=replace,path=/accessLogSettings/destinationArn,value=LOG-GROUP-ARN",
        terraform="access_log_settings { destination_arn = aws_cloudwatch_log_group.api.arn  format = var.format }",
    ),
)
def no_access_log(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """After an incident, nobody can say who called what, and when."""
    for name, stage in stages(api):
        if api.kind == REST:
            access = stage["accessLogSettings"]["destinationArn"]
            level = stage["methodSettings"][EVERY]["loggingLevel"]
        else:
            access = stage["AccessLogSettings"]["DestinationArn"]
            level = stage["DefaultRouteSettings"]["LoggingLevel"]
        if access.value:
            yield passed("Access logs are kept", access, subject=name)
        elif level.value in ("ERROR", "INFO"):
            yield passed(f"Execution logs are kept, of the level {level.value}", level, subject=name)
        else:
            yield failed("Neither access logs nor execution logs are kept", access, level, subject=name)
    yield from no_stage(api)


@check(
    "aws.apigw.no_throttle",
    on=BOTH,
    severity=Severity.MEDIUM,
    title="No throttling on the stage",
    reads=("GetStages", "GetResources", "GetRoutes"),
    joins=((PLAN, "GetUsagePlans"),),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Edit: set rate and burst under throttling.",
        cli="aws apigateway update-stage --rest-api-id ID --stage-name NAME --patch-operations"
        " 'op=replace,path=/*/*/throttling/rateLimit,value=100'",
        terraform='resource "aws_api_gateway_method_settings" "all" { method_path = "*/*"  settings { '
        "throttling_rate_limit = 100 } }",
    ),
)
def no_throttle(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """One caller can use up what all APIs of the account share, and run up the bill of everything behind.

    The limit of the whole account counts as none; a usage plan binds only methods that ask for its keys.
    """
    unbound = _methods_unbound if api.kind == REST else _routes_unbound
    for name, stage in stages(api):
        settings = stage["methodSettings"][EVERY] if api.kind == REST else stage["DefaultRouteSettings"]
        free = list(unbound(api, name, stage, estate))
        if free:
            what = "methods" if api.kind == REST else "routes"
            sentence = f"Only the limit of the whole account binds {what} of the stage"
            yield failed(sentence, settings, *free[:5], subject=name)
        else:
            yield passed("Rate limits bind all of the stage", settings, subject=name)
    yield from no_stage(api)


def _limited(settings: Node, field: str) -> bool | None:
    """Whether these settings limit the rate; None where they leave it to the wider ones (-1, or not said)."""
    rate = settings[field].value
    return None if rate is None or rate < 0 else rate < ACCOUNT_RATE


def _methods_unbound(api: Resource, name: str, stage: Node, estate: Estate) -> Iterator[Node]:
    settings = stage["methodSettings"]
    for_all = _limited(settings[EVERY], "throttlingRateLimit")
    known = list(methods(api))
    if not known and not for_all:
        yield settings[EVERY]
    for _, verb, path, method in known:
        own = settings[f"{path.replace('/', '~1')}/{verb}"]
        said = _limited(own, "throttlingRateLimit")
        if said or (said is None and for_all):
            continue
        if method["apiKeyRequired"].value is not True or not _planned(api, name, estate):
            yield method


def _planned(api: Resource, name: str, estate: Estate) -> bool:
    """Whether some usage plan limits the rate, or the number, of calls to the stage."""
    this = api["GetStages"].ref.rpartition("/")[2]
    for plan in estate.all(PLAN):
        said = plan["GetUsagePlans"]
        limits = said["throttle"]["rateLimit"].present or said["quota"]["limit"].present
        for place in said["apiStages"]:
            if plan.region == api.region and limits and (place["apiId"].value, place["stage"].value) == (this, name):
                return True
    return False


def _routes_unbound(api: Resource, name: str, stage: Node, estate: Estate) -> Iterator[Node]:
    for_all = _limited(stage["DefaultRouteSettings"], "ThrottlingRateLimit")
    known = list(api["GetRoutes"])
    if not known and not for_all:
        yield stage["DefaultRouteSettings"]
    for route in known:
        said = _limited(stage["RouteSettings"][route.need("RouteKey").text()], "ThrottlingRateLimit")
        if not (said or (said is None and for_all)):
            yield route


@check(
    "aws.apigw.full_data_trace",
    on=BOTH,
    severity=Severity.MEDIUM,
    title="Request bodies written to logs",
    reads=("GetStages",),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Logs and tracing > Edit: turn off data tracing.",
        cli="aws apigateway update-stage --rest-api-id ID --stage-name NAME --patch-operations"
        " 'op=replace,path=/*/*/logging/dataTrace,value=false'",
        terraform='resource "aws_api_gateway_method_settings" "all" { settings { data_trace_enabled = false } }',
    ),
)
def full_data_trace(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Passwords, tokens and personal details that callers send end up in logs, which many more people may read."""
    for name, stage in stages(api):
        settings = list(_settings(api, stage))
        traced = [one for one in settings if one.value is True]
        if traced:
            yield failed("Requests and answers are written to the execution log in full", *traced, subject=name)
        else:
            yield passed("Requests and answers are not written to logs", *(settings or [stage]), subject=name)
    yield from no_stage(api)


def _settings(api: Resource, stage: Node) -> Iterator[Node]:
    """Every place of the stage that says whether bodies are logged."""
    if api.kind == REST:
        for _, method in stage["methodSettings"].items():  # noqa: PERF102  (a node is no dict)
            yield method["dataTraceEnabled"]
        return
    yield stage["DefaultRouteSettings"]["DataTraceEnabled"]
    for _, route in stage["RouteSettings"].items():  # noqa: PERF102
        yield route["DataTraceEnabled"]


@check(
    "aws.apigw.stage_secret",
    on=BOTH,
    severity=Severity.HIGH,
    title="Secret in stage variables",
    reads=("GetStages",),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Stage variables: delete it, change the secret where it is"
        " valid, and keep it in Secrets Manager.",
        cli="aws apigateway update-stage --rest-api-id ID --stage-name NAME --patch-operations"
        " op=remove,path=/variables/VARIABLE",
        terraform="variables = { secret_arn = aws_secretsmanager_secret.this.arn }",
    ),
)
def stage_secret(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Stage variables are settings: everyone who may look at the API reads them, and they appear in logs."""
    for name, stage in stages(api):
        places = [stage["variables"], stage["canarySettings"]["stageVariableOverrides"], stage["StageVariables"]]
        found = [
            (key, one) for place in places for key, one in place.items() if one.need("digest") and one["secret"].value
        ]
        if found:
            kinds = ", ".join(f"{key} ({one['secret'].value})" for key, one in found)
            yield failed(f"Stage variables hold secrets: {kinds}", *(one["secret"] for _, one in found), subject=name)
        else:
            yield passed("No stage variable looks like a secret", *places, subject=name)
    yield from no_stage(api)


@check(
    "aws.apigw.cache_unencrypted",
    on=REST,
    severity=Severity.LOW,
    title="Stage cache stored in clear",
    reads=("GetStages",),
    fix=Fix(
        console="API Gateway > the API > Stages > the stage > Edit, and each method with settings of its own: encrypt"
        " cache data.",
        cli="aws apigateway update-stage --rest-api-id ID --stage-name NAME --patch-operations"
        " 'op=replace,path=/*/*/caching/dataEncrypted,value=true'",
        terraform='resource "aws_api_gateway_method_settings" "all" { settings { cache_data_encrypted = true } }',
    ),
)
def cache_unencrypted(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Answers to some callers, with what is theirs in them, lie on disks that others operate, and can be read there."""
    for name, stage in stages(api):
        on = stage["cacheClusterEnabled"]
        if on.value is not True:
            yield passed("The stage has no cache", on, subject=name)
            continue
        cached = [one for _, one in stage["methodSettings"].items() if one["cachingEnabled"].value is True]
        bare = [one["cacheDataEncrypted"] for one in cached if one["cacheDataEncrypted"].value is not True]
        if bare:
            yield failed("Answers are cached, and the cache is not encrypted", on, *bare, subject=name)
        else:
            yield passed("What is cached is encrypted", on, *cached, subject=name)
    yield from no_stage(api)
