"""Which resources an event of CloudTrail names, as policies name them; nothing else of a request is looked at.

An object in a bucket is told by its bucket alone: `arn:aws:s3:::bucket/*`.  A name that could be read as a pattern, and
one that CloudTrail has hidden, is none.  Where the tables have nothing for a service its events name no resource.
Sources, read 2026-11: "CloudTrail record contents" (AWS CloudTrail User Guide: `resources`); the examples of events in
the guides of the services; "Actions, resources, and condition keys" of each service (Service Authorization Reference).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 1_600
_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:[^*?$\s]+")
_NO_NAME = "?*?"
_ENDING = re.compile(r"-[A-Za-z0-9]{6}$")  # what Secrets Manager puts behind a name


@dataclass(frozen=True, slots=True)
class Named:
    """What of an event may name a resource.  `listed`: its `resources` by type; `asked`: its requestParameters."""

    partition: str
    region: str
    account: str
    listed: Mapping[str, tuple[str, ...]]
    asked: Mapping[str, Any]

    def own(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def resources(service: str, action: str, event: Named) -> frozenset[str]:
    """ARNs, where a policy would need them for this action.  Empty: the event names none that is understood."""
    found = _BY_SERVICE.get(service)
    if found is None:
        return frozenset()
    arns = frozenset(found(action, event))
    return arns if all(_ARN.fullmatch(arn.removesuffix("*").removesuffix("??????")) for arn in arns) else frozenset()


def _texts(value: Any) -> Iterator[str]:
    """What stands there but cannot be a name spoils the answer: half of what an event names is not all of it."""
    if value is not None:
        fit = isinstance(value, str) and 0 < len(value) <= LONGEST and not value.startswith("HIDDEN_DUE")
        yield value if fit else _NO_NAME


def _objects(action: str, event: Named) -> Iterator[str]:
    """Buckets; of one that was named by an access point the policy would need the point: nothing."""
    if any("AccessPoint" in kind for kind in event.listed):
        return
    kinds = ("AWS::S3::Bucket", "AWS::S3::Object")
    buckets = {arn.partition("/")[0] for kind in kinds for arn in event.listed.get(kind, ())}
    for name in _texts(event.asked.get("bucketName")):
        buckets.add(f"arn:{event.partition}:s3:::{name}")
    for bucket in buckets:
        yield f"{bucket}/*" if "object" in action or "multipartuploadparts" in action or "abort" in action else bucket


def _tables(action: str, event: Named) -> Iterator[str]:
    index = next(_texts(event.asked.get("indexName")), "")
    for arn in event.listed.get("AWS::DynamoDB::Table", ()):
        yield f"{arn}/index/{index}" if index else arn


def _functions(action: str, event: Named) -> Iterator[str]:
    """With all names that it has: which of them was called is not told."""
    for arn in event.listed.get("AWS::Lambda::Function", ()):
        plain = ":".join(arn.split(":")[:7])
        yield from (plain, f"{plain}:*")


def _queues(action: str, event: Named) -> Iterator[str]:
    yield from event.listed.get("AWS::SQS::Queue", ())
    if "AWS::SQS::Queue" not in event.listed:
        for url in _texts(event.asked.get("queueUrl")):
            yield event.own("sqs", url.rpartition("/")[2])


def _secrets(action: str, event: Named) -> Iterator[str]:
    for text in _texts(event.asked.get("secretId")):
        if not text.startswith("arn:"):
            yield event.own("secretsmanager", f"secret:{text}-??????")
        else:
            yield text if _ENDING.search(text) else f"{text}-??????"


def _parameters(action: str, event: Named) -> Iterator[str]:
    """Not by path: that is asked for as another resource.  A version or a label behind the name goes."""
    if action.endswith("bypath"):
        return
    many = event.asked.get("names")
    for value in (event.asked.get("name"), *(many if isinstance(many, list) else ())):
        for text in _texts(value):
            if text.startswith("arn:"):
                yield ":".join(text.split(":")[:6])
            else:
                yield event.own("ssm", f"parameter/{text.partition(':')[0].removeprefix('/')}")


def _of(kind: str, *asked: str) -> Callable[[str, Named], Iterator[str]]:
    """Listed under a type, else named in full by a parameter."""

    def found(action: str, event: Named) -> Iterator[str]:
        listed = event.listed.get(kind, ())
        yield from listed
        if not listed:
            for name in asked:
                yield from _texts(event.asked.get(name))

    return found


_BY_SERVICE: Mapping[str, Callable[[str, Named], Iterator[str]]] = {
    "dynamodb": _tables,
    "kinesis": _of("AWS::Kinesis::Stream", "streamARN"),
    "kms": _of("AWS::KMS::Key"),
    "lambda": _functions,
    "s3": _objects,
    "secretsmanager": _secrets,
    "sns": _of("AWS::SNS::Topic", "topicArn"),
    "sqs": _queues,
    "ssm": _parameters,
    "states": _of("AWS::StepFunctions::StateMachine", "stateMachineArn"),
    "sts": _of("AWS::IAM::Role", "roleArn"),
}
