"""Step Functions: state machines, what they log, and what their definitions give away.

A definition is read at the door, laid out first so that its lines can be told apart.
Limits: published versions and aliases are not read; a definition under a customer's key needs kms:Decrypt on that key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LIST = Call(
    "stepfunctions",
    "ListStateMachines",
    items="stateMachines",
    params={"maxResults": 1000},
    permission="states:ListStateMachines",
)
DESCRIBE = Call("stepfunctions", "DescribeStateMachine", permission="states:DescribeStateMachine")
KEPT = ("encryptionConfiguration", "loggingConfiguration", "roleArn", "tracingConfiguration", "type")


def machine(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["stateMachineArn"], item["name"])


def itself(machine: Resource) -> dict[str, str]:
    return {"stateMachineArn": machine.ref}


def described(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    kept = {field: answer[field] for field in KEPT if field in answer}
    return {**kept, "definition": door.text(laid_out(answer["definition"]))}


def laid_out(definition: str) -> str:
    try:
        return json.dumps(json.loads(definition), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):  # not JSON: read as it stands
        return definition


COLLECTORS = (
    Collector(
        kind="AWS::StepFunctions::StateMachine",
        listing=LIST,
        identify=machine,
        details=(Detail(DESCRIBE, bind=itself, shape=described),),
    ),
)
