"""Lambda: a policy of its own for each qualifier, function URLs as a list, code signing, pages."""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call, Refused

NOT_THERE = Refused("ResourceNotFoundException", "The resource you requested does not exist.", 404)


def policy(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto keeps the statements of all qualifiers together, and some not as AWS writes them."""
    answer = moto_says()
    document = json.loads(answer["Policy"])
    qualifier = call.params.get("Qualifier")
    wanted = 8 if qualifier else 7  # parts of the ARN of a function, with and without a qualifier
    said = [
        as_written(statement)
        for statement in document["Statement"]
        if statement["Resource"].split(":")[7:] == ([qualifier] if qualifier else [])
        and len(statement["Resource"].split(":")) == wanted
    ]
    if not said:
        raise NOT_THERE
    return {**answer, "Policy": json.dumps({**document, "Statement": said})}


def as_written(statement: dict[str, Any]) -> dict[str, Any]:
    made = dict(statement)
    if str(made["Principal"]).isdigit():
        made["Principal"] = {"AWS": f"arn:aws:iam::{made['Principal']}:root"}
    if kind := made.pop("FunctionUrlAuthType", None):
        condition = made.setdefault("Condition", {})
        condition.setdefault("StringEquals", {})["lambda:FunctionUrlAuthType"] = kind
    return made


def function(call: Call) -> LambdaFunction:
    try:
        return lambda_backends[call.account][call.region].get_function(call.params["FunctionName"])
    except UnknownFunctionException:
        raise NOT_THERE from None


def urls(call: Call, _: MotoSays) -> dict[str, Any]:
    config = function(call).url_config
    return {"FunctionUrlConfigs": [config.to_dict()] if config else []}


def url(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """The emulator knows URLs of functions, and none of aliases."""
    if call.params.get("Qualifier"):
        raise NOT_THERE
    return moto_says()


SIGNING: dict[tuple[str, str], list[dict[str, Any]]] = {}


def make_signing(call: Call, _: MotoSays) -> dict[str, Any]:
    made = SIGNING.setdefault((call.account, call.region), [])
    name = f"csc-{len(made) + 1:017x}"
    config = {
        "CodeSigningConfigId": name,
        "CodeSigningConfigArn": f"arn:aws:lambda:{call.region}:{call.account}:code-signing-config:{name}",
        "LastModified": "2026-01-01T09:00:00Z",
        **{key: call.params[key] for key in ("Description", "AllowedPublishers", "CodeSigningPolicies")},
    }
    made.append(config)
    return {"CodeSigningConfig": config}


def signing(call: Call, _: MotoSays) -> dict[str, Any]:
    return {"CodeSigningConfigs": SIGNING.get((call.account, call.region), [])}


def signed(call: Call, _: MotoSays) -> dict[str, Any]:
    everyone = lambda_backends[call.account][call.region].list_functions()
    wanted = call.params["CodeSigningConfigArn"]
    return {"FunctionArns": [one.function_arn for one in everyone if one.code_signing_config_arn == wanted]}


MOUNTS: dict[str, list[dict[str, Any]]] = {}  # function → the file systems that moto forgets


def make_function(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    if mounts := call.params.get("FileSystemConfigs"):
        MOUNTS[answer["FunctionArn"]] = answer["FileSystemConfigs"] = mounts
    return answer


def list_functions(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = Paged("Functions", **PAGES)(call, moto_says)
    for row in answer["Functions"]:
        if mounts := MOUNTS.get(row["FunctionArn"].removesuffix(":$LATEST")):
            row["FileSystemConfigs"] = mounts
    return answer


PAGES: dict[str, Any] = {
    "limit": "MaxItems",
    "token": "Marker",
    "next": "NextMarker",
    "default": 50,
    "refusal": "InvalidParameterValueException",
}

ANSWERS: dict[tuple[str, str], Answer] = {
    ("lambda", "GetPolicy"): policy,
    ("lambda", "ListFunctionUrlConfigs"): urls,
    ("lambda", "GetFunctionUrlConfig"): url,
    ("lambda", "CreateCodeSigningConfig"): make_signing,
    ("lambda", "ListCodeSigningConfigs"): signing,
    ("lambda", "ListFunctionsByCodeSigningConfig"): signed,
    ("lambda", "CreateFunction"): make_function,
    ("lambda", "ListFunctions"): list_functions,
    ("lambda", "ListAliases"): Paged("Aliases", **PAGES),
    ("lambda", "ListLayers"): Paged("Layers", **PAGES),
    ("lambda", "ListEventSourceMappings"): Paged("EventSourceMappings", **{**PAGES, "default": 100}),
}
