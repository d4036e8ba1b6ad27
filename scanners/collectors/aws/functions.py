"""Lambda functions: who may call them on every alias and version, what they run as and what feeds them.

Left out of what is kept: values of variables (the door's), states that move by themselves (a function falls asleep, a
runtime is patched), revision ids that repeat what the settings say, and an image's command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scanners.collectors.aws.event_history import EVENTS, WISH, done, what_it_did
from scanners.collectors.aws.metrics import METRICS, WINDOW, happened, questions
from scanners.collectors.cloud import Attached, Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Gap, Identity, Place, Resource, Unread

LATEST = "$LATEST"  # the key of what is asked without a qualifier
GONE = frozenset({"ResourceNotFoundException"})
LARGEST_PAGE = {"MaxItems": 10_000}  # Lambda answers with as many as it likes: 50 or 100

LIST = Call(
    "lambda",
    "ListFunctions",
    items="Functions",
    params={"FunctionVersion": "ALL", **LARGEST_PAGE},  # published versions as well, which saves a call a function
    drop=frozenset({
        "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode", "RevisionId", "ConfigSha256", "RuntimeVersionConfig", "ImageConfigResponse",
    }),
)  # fmt: skip
ALIASES = Call("lambda", "ListAliases", items="Aliases", params=LARGEST_PAGE, absent=GONE)
VERSIONS = replace(LIST, fills="Versions")
POLICY = Call("lambda", "GetPolicy", take="Policy", absent=GONE)
URL = Call("lambda", "GetFunctionUrlConfig", absent=GONE, drop=frozenset({"CreationTime", "LastModifiedTime"}))
CONCURRENCY = Call("lambda", "GetFunctionConcurrency", absent=GONE)
SENT_ON = Call(  # where events go that failed: asked only where the function itself keeps none
    "lambda",
    "ListFunctionEventInvokeConfigs",
    items="FunctionEventInvokeConfigs",
    params={"MaxItems": 50},
    absent=GONE,
    drop=frozenset({"LastModified"}),
)
SIGNING = Call(
    "lambda",
    "ListCodeSigningConfigs",
    items="CodeSigningConfigs",
    params=LARGEST_PAGE,
    drop=frozenset({"LastModified"}),
)
SIGNED = Call("lambda", "ListFunctionsByCodeSigningConfig", items="FunctionArns", params=LARGEST_PAGE, absent=GONE)
MAPPINGS = Call(
    "lambda",
    "ListEventSourceMappings",
    items="EventSourceMappings",
    params=LARGEST_PAGE,
    drop=frozenset({"LastModified", "LastProcessingResult", "StateTransitionReason"}),
)


def invocations(functions: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    named = ((one["FunctionName"], {"FunctionName": one["FunctionName"]}) for one in functions)
    return questions("AWS/Lambda", "Invocations", named)


def whether_invoked(results: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Days": WINDOW, "Invoked": happened(results)}


def function(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["FunctionArn"].removesuffix(f":{LATEST}"), item["FunctionName"])


def latest(place: Place, item: Mapping[str, Any]) -> bool:
    return str(item.get("Version", LATEST)) == LATEST


def of_function(item: Mapping[str, Any]) -> str | None:
    """Whose published version an item of the listing is."""
    version = item.get("Version", LATEST)
    return None if version == LATEST else item["FunctionArn"].removesuffix(f":{version}")


def published(items: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Of a version nothing but its number: the rest repeats the function, environment values included."""
    return [{"Version": item["Version"]} for item in items]


def without_values(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """Of the environment: names and what the door says of their values; of an error, its code."""
    kept = dict(item)
    kept["FunctionArn"] = item["FunctionArn"].removesuffix(f":{LATEST}")
    if environment := item.get("Environment"):
        kept["Environment"] = {"Variables": door.variables(environment.get("Variables") or {})}
        if error := environment.get("Error"):
            kept["Environment"]["Error"] = {"ErrorCode": error.get("ErrorCode", "Unknown")}
    return kept


def aliases(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    return [{k: alias[k] for k in ("Name", "FunctionVersion", "RoutingConfig") if k in alias} for alias in items]


def policy(text: str, door: Door) -> Any:
    return policy_document(text)


def itself(function: Resource) -> dict[str, str]:
    return {"FunctionName": function["ListFunctions"].need("FunctionName").text()}


def of_each(*sections: tuple[str, str]) -> Any:
    """Questions: the function without a qualifier, then with each of those that (section, field) name."""

    def each(function: Resource) -> Iterator[tuple[str, dict[str, str]]]:
        yield LATEST, itself(function)
        missing: list[Gap] = []
        for section, field in sections:
            try:
                for item in function[section]:
                    qualifier = item.need(field).text()
                    yield qualifier, {**itself(function), "Qualifier": qualifier}
            except Unread as unread:
                missing.extend(unread.gaps)
        if missing:
            raise Unread(*missing)

    return each


def if_let_in(function: Resource) -> dict[str, str] | None:
    """A cap counts where strangers may call: none can without a policy or a URL."""
    ways = (answer for section in ("GetFunctionUrlConfig", "GetPolicy") for _, answer in function.each(section))
    return itself(function) if any(way.present for way in ways) else None


def if_it_keeps_none(function: Resource) -> dict[str, str] | None:
    """A dead letter queue takes what failed, whatever else is set."""
    return None if function["ListFunctions"]["DeadLetterConfig"]["TargetArn"].value else itself(function)


def signing(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["CodeSigningConfigArn"], item.get("Description") or item["CodeSigningConfigId"])


def of_signing(config: Resource) -> dict[str, str]:
    return {"CodeSigningConfigArn": config.ref}


def mapping(place: Place, item: Mapping[str, Any]) -> Identity:
    uuid = item["UUID"]
    return Identity(f"arn:{place.partition}:lambda:{place.region}:{place.account}:event-source-mapping:{uuid}", uuid)


COLLECTORS = (
    Collector(
        kind="AWS::Lambda::Function",
        listing=LIST,
        identify=function,
        shape=without_values,
        choose=latest,
        details=(
            Detail(ALIASES, bind=itself, shape=aliases),
            Detail(
                POLICY,
                each=of_each(("ListAliases", "Name"), ("Versions", "Version")),
                after="ListAliases",
                shape=policy,
            ),
            Detail(URL, each=of_each(("ListAliases", "Name")), after="GetPolicy"),
            Detail(CONCURRENCY, bind=if_let_in, after="GetFunctionUrlConfig"),
            Detail(SENT_ON, bind=if_it_keeps_none),
            Detail(EVENTS, bind=what_it_did, shape=done, wish=WISH),
        ),
        attached=(
            Attached(VERSIONS, of=of_function, to=lambda function: function.ref, shape=published),
            Attached(
                METRICS,
                of=lambda result: result["Label"],
                to=lambda function: function["ListFunctions"].need("FunctionName").text(),
                shape=whether_invoked,
                about=invocations,
            ),
        ),
    ),
    Collector(
        kind="AWS::Lambda::CodeSigningConfig",
        listing=SIGNING,
        identify=signing,
        details=(Detail(SIGNED, bind=of_signing),),
    ),
    Collector(kind="AWS::Lambda::EventSourceMapping", listing=MAPPINGS, identify=mapping),
)
