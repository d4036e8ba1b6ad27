"""Well-formed ids of things that are not there, to learn whether we may ask about things of their kind.

AWS decides who may ask before it looks for the thing: "not found" then says that we may, "denied" that we may not.

Known limit: that order is a habit of AWS and no promise of it, and three services do not keep it (UNTELLING).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.session import get_session
from botocore.validate import ParamValidator

from scanners.collectors.cloud import Call, Params
from scanners.model import Place

NAME = "posture-preflight"  # of what nobody has
UNTELLING = {
    # Anybody is told NoSuchBucket: "Amazon S3 API Reference", Error responses.
    "s3": "S3 tells anybody that a bucket is not there",
    # "The specified queue does not exist or you do not have access to it": "Amazon SQS API Reference", GetQueueUrl.
    "sqs": "SQS says the same of a queue that is not there and of one that we may not see",
    # A key's own policy decides as well: "AWS KMS Developer Guide", Troubleshooting key access.
    "kms": "KMS refuses a key that is not there as it refuses one that we may not see",
}
LOAD_BALANCER = "loadbalancer/app/posture-preflight/0000000000000000"
METRIC = {
    "Id": "m0",
    "MetricStat": {"Metric": {"Namespace": NAME, "MetricName": NAME}, "Period": 86_400, "Stat": "Sum"},
}
A_DAY = {"StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-02T00:00:00Z"}
# By the parameter's name, where a service wants more than a name.
FORMS: dict[str, Callable[[Place], Any]] = {
    "AccountId": lambda place: place.account,
    "ApiId": lambda _: "zzzzzzzzzz",
    "AuthorizerId": lambda _: "zzzzzz",
    "ChildId": lambda place: place.account,
    "DetectorId": lambda _: "0" * 32,
    "IdentityPoolId": lambda place: f"{place.region}:00000000-0000-0000-0000-000000000000",
    "JobId": lambda _: "00000000-0000-0000-0000-000000000000",
    "InstanceId": lambda _: "i-00000000000000000",
    "LoadBalancerArn": lambda place: _arn(place, "elasticloadbalancing", LOAD_BALANCER),
    "OpenIDConnectProviderArn": lambda place: (
        f"arn:{place.partition}:iam::{place.account}:oidc-provider/posture-preflight.invalid"
    ),
    "ParentId": lambda _: "r-zzzz",
    "PolicyId": lambda _: "p-zzzzzzzz",
    "PrefixListId": lambda _: "pl-00000000000000000",
    "UserPoolId": lambda place: f"{place.region}_zzzzzzzzz",
    "stateMachineArn": lambda place: _arn(place, "states", f"stateMachine:{NAME}"),
    "restApiId": lambda _: "zzzzzzzzzz",
}
# Of a call, the parameters that name the thing although the model does not demand them, or in another form.
ASKED: dict[str, Callable[[Place], Params]] = {
    "cloudwatch.GetMetricData": lambda _: {"MetricDataQueries": [METRIC], **A_DAY},
    "dynamodb.GetResourcePolicy": lambda place: {"ResourceArn": _arn(place, "dynamodb", f"table/{NAME}")},
    "ecr.DescribeImageScanFindings": lambda _: {"repositoryName": NAME, "imageId": {"imageTag": NAME}},
    "ecs.DescribeServices": lambda _: {"cluster": NAME, "services": [NAME]},
    "ecs.ListServices": lambda _: {"cluster": NAME},
    "elbv2.DescribeRules": lambda place: {
        "ListenerArn": _arn(
            place, "elasticloadbalancing", "listener/app/posture-preflight/0000000000000000/0000000000000000"
        )
    },
    "elbv2.DescribeListeners": lambda place: {"LoadBalancerArn": FORMS["LoadBalancerArn"](place)},
    "iam.GenerateServiceLastAccessedDetails": lambda place: {
        "Arn": f"arn:{place.partition}:iam::{place.account}:role/{NAME}"
    },
    "wafv2.GetWebACLForResource": lambda place: {"ResourceArn": FORMS["LoadBalancerArn"](place)},
}
# What says "not there" in other words.  iam: the report is still to be made, which only they hear who may have it.
# guardduty: "the input detectorId is not owned by the current account".
ALSO = {
    "ecs.DescribeTaskDefinition": {"ClientException"},
    "guardduty.GetDetector": {"BadRequestException"},
    "iam.GenerateCredentialReport": {"ReportInProgress"},
    "iam.GetCredentialReport": {"ReportNotPresent", "ReportExpired", "ReportInProgress"},
}
NOT_FOUND = re.compile(r"NotFound|NotInUse|NoSuch|Nonexist|NonExist|DoesNotExist|NotPresent")


def params(call: Call, place: Place) -> Params | None:
    """What to ask about nothing; None where an answer would prove nothing, or nothing fit to be asked is known."""
    if call.service in UNTELLING:
        return None
    if asked := ASKED.get(call.name):
        return asked(place)
    model = _model(call)
    if model.input_shape is None:
        return {}
    needed = [name for name in model.input_shape.required_members if name not in call.params]
    made = {name: _value(call, model, name, place) for name in needed}
    return None if ParamValidator().validate({**call.params, **made}, model.input_shape).has_errors() else made


def why_not(call: Call) -> str:
    """Why nothing was asked, when `params` knows nothing."""
    return UNTELLING.get(call.service, "no id can be made up that it would take")


def proves(call: Call, code: str) -> bool:
    """Whether this refusal is heard only by those who may ask."""
    return code in call.absent or code in ALSO.get(call.name, ()) or bool(NOT_FOUND.search(code))


def _value(call: Call, model: Any, name: str, place: Place) -> Any:
    if name in FORMS:
        return FORMS[name](place)
    value = _arn(place, call.service, NAME) if name.lower().endswith("arn") else NAME
    return [value] if model.input_shape.members[name].type_name == "list" else value


def _arn(place: Place, service: str, rest: str) -> str:
    return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{rest}"


def _model(call: Call) -> Any:
    return _service(call.service).operation_model(call.operation)


@cache
def _service(name: str) -> Any:
    return get_session().get_service_model(name)
