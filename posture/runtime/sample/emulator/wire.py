"""Which call a request is, and how an answer or an error of it looks on the wire, in each of the AWS protocols."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from botocore.parsers import create_parser
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

Environ = dict[str, Any]

SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
REQUEST_ID = "00000000-0000-4000-8000-000000000000"

# Signing names that are not botocore's name of the service. None: the path or the API version decides.
BY_SIGNING_NAME = {
    "access-analyzer": "accessanalyzer",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "elasticfilesystem": "efs",
    "es": "opensearch",
}


class Refused(Exception):
    """An error that the cloud would answer."""

    def __init__(self, code: str, message: str = "", status: int = 400, retry_after: float | None = None) -> None:
        super().__init__(message or code)
        self.code, self.message, self.status, self.retry_after = code, message or code, status, retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: str | None = None  # "reset": no answer at all; "truncate": half of the body


@dataclass(frozen=True, slots=True)
class Call:
    """One request, recognised. `operation` is empty when no service model knows it."""

    environ: Environ
    body: bytes
    access_key: str = ""
    service: str = ""
    region: str = ""
    protocol: str = "json"
    operation: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    model: OperationModel | None = None

    @property
    def account(self) -> str:
        return str(self.environ["HTTP_X_MOTO_ACCOUNT_ID"])

    @property
    def text(self) -> str:
        """All that the request says, for rules that look for a word in it."""
        words = (
            self.environ.get("RAW_URI", ""),
            self.body.decode("utf-8", "replace"),
            json.dumps(self.params, default=str),
        )
        return "\n".join(words)

    @property
    def digest(self) -> str:
        canonical = json.dumps(self.params, sort_keys=True, default=str).encode()
        return hashlib.sha256(canonical).hexdigest()[:16]


def recognise(environ: Environ, body: bytes) -> Call:
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if not scope:
        return Call(environ, body)
    access_key, region, signing_name = scope.groups()
    service = service_name(signing_name, environ, body)
    call: dict[str, Any] = {"access_key": access_key, "service": service, "region": region}
    try:
        model = get_service_model(service)
        request = Request(again(environ, body))
        protocol = determine_request_protocol(model, request.content_type)
        call["protocol"] = protocol
        operation, path = get_service_router(service).match(request)
    except (UnknownServiceError, HTTPException, NotImplementedError):
        return Call(environ, body, **call)
    return Call(
        environ,
        body,
        **call,
        operation=operation.name,
        model=operation,
        params=parameters(operation, request, path, protocol),
    )


def service_name(signing_name: str, environ: Environ, body: bytes) -> str:
    path = environ["PATH_INFO"]
    if signing_name == "apigateway" and path.startswith("/v2/"):
        return "apigatewayv2"
    if signing_name == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    if signing_name == "elasticloadbalancing":
        return "elbv2" if b"2015-12-01" in body else "elb"
    return BY_SIGNING_NAME.get(signing_name, signing_name)


def parameters(operation: OperationModel, request: Request, path: dict[str, Any], protocol: str) -> dict[str, Any]:
    spoken: Any = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": path,
    }
    try:
        return dict(PROTOCOL_PARSERS[protocol](operation, map_type=dict).parse(spoken))
    except Exception:  # noqa: BLE001 - a body that does not parse is moto's to refuse
        return dict(path)


def again(environ: Environ, body: bytes) -> Environ:
    """The same request with its body unread."""
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def known(call: Call) -> OperationModel:
    if call.model is None:
        raise Refused("UnknownOperationException", "The emulator does not know this operation", 501)
    return call.model


def without(call: Call, members: tuple[str, ...]) -> Call:
    """The same request, not saying these parameters."""
    if call.protocol in {"query", "ec2"}:
        pairs = [pair for pair in parse_qsl(call.body.decode(), keep_blank_values=True) if pair[0] not in members]
        return replace(call, body=urlencode(pairs).encode())
    if call.protocol == "json":
        said = json.loads(call.body or b"{}")
        return replace(
            call, body=json.dumps({key: value for key, value in said.items() if key not in members}).encode()
        )
    shapes = known(call).input_shape.members
    names = {shapes[member].serialization.get("name", member) for member in members if member in shapes}
    pairs = [pair for pair in parse_qsl(call.environ["QUERY_STRING"], keep_blank_values=True) if pair[0] not in names]
    path = call.environ["RAW_URI"].split("?", 1)[0]
    query = urlencode(pairs)
    return replace(
        call, environ={**call.environ, "QUERY_STRING": query, "RAW_URI": f"{path}?{query}" if query else path}
    )


def understood(call: Call, reply: Reply) -> dict[str, Any]:
    """A successful answer as a client would see it."""
    raw = {"headers": reply.headers, "status_code": reply.status, "body": reply.body, "context": {}}
    answer: dict[str, Any] = create_parser(call.protocol).parse(raw, botocore_shape(call.service, call.operation))
    answer.pop("ResponseMetadata", None)
    return answer


@cache
def botocore_shape(service: str, operation: str) -> Any:
    model: ServiceModel = get_service_model(service)
    return model.operation_model(operation).output_shape


def answered(call: Call, answer: dict[str, Any]) -> Reply:
    serialized = get_serializer_class(call.service, call.protocol)(operation_model=known(call)).serialize(answer)
    body = serialized["body"]
    return Reply(
        serialized["status_code"], dict(serialized["headers"]), body.encode() if isinstance(body, str) else body
    )


def refused(call: Call, error: Refused) -> Reply:
    kind = "Sender" if error.status < 500 else "Receiver"
    said = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    request = f"<RequestId>{REQUEST_ID}</RequestId>"
    headers = {"Content-Type": "text/xml", "x-amzn-RequestId": REQUEST_ID}
    if error.retry_after is not None:
        headers["Retry-After"] = f"{error.retry_after:g}"
    if call.protocol == "ec2":
        text = f"<Response><Errors><Error>{said}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    elif call.service == "s3":
        text = f"<Error>{said}{request}</Error>"
    elif call.protocol in {"query", "rest-xml"}:
        text = f"<ErrorResponse><Error><Type>{kind}</Type>{said}</Error>{request}</ErrorResponse>"
    else:
        text = json.dumps({"__type": error.code, "message": error.message})
        headers |= {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code}
        if call.service == "sqs":
            headers["x-amzn-query-error"] = f"{error.code};{kind}"
    return Reply(error.status, headers, b"" if call.environ["REQUEST_METHOD"] == "HEAD" else text.encode())
