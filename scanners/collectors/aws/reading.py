"""What a reply says: the value botocore's parser would give, or the error it would raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError, create_parser

from scanners.collectors.aws.clients import ODD, whole
from scanners.collectors.aws.shapes import Odd, Read, reader
from scanners.collectors.aws.writing import Request, Service

HOOKED = {"s3"}  # services of which botocore looks at good answers before and after it parses them


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole.  Header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Reader:
    """Reads the replies of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._protocol: str = service.model.resolved_protocol
        self._parser = create_parser(self._protocol)
        self._readers: dict[str, Read | None] = {}

    def value(self, name: str, request: Request, reply: Reply) -> dict[str, Any]:
        """Without botocore's metadata.  Raises ClientError and ResponseParserError."""
        found = self._quickly(name, reply) if reply.status < 300 else None
        if found is None:
            try:
                found = self._as_botocore(name, request, reply)
            except ODD as broken:
                raise ResponseParserError(f"{type(broken).__name__}: {broken}") from broken
            found.pop("ResponseMetadata", None)
        return found

    def _quickly(self, name: str, reply: Reply) -> dict[str, Any] | None:
        """None: left to botocore.  Raises ResponseParserError for JSON that is not whole."""
        decoded: Any = reply.body
        if "json" in self._protocol:
            decoded = whole({"status_code": reply.status, "body": reply.body}) if reply.body else {}
        if (read := self._reader(name)) is None:
            return None
        try:
            found: dict[str, Any] | None = read(decoded)
        except (Odd, *ODD):
            return None
        return found

    def _reader(self, name: str) -> Read | None:
        if name not in self._readers:
            hooked = self._service.model.service_name in HOOKED
            self._readers[name] = None if hooked else reader(self._protocol, self._service.operation(name))
        return self._readers[name]

    def _as_botocore(self, name: str, request: Request, reply: Reply) -> dict[str, Any]:
        """As botocore's Endpoint and client do it, hooks and all."""
        model, emit = self._service.operation(name), self._service.client.meta.events.emit
        said: dict[str, Any] = {
            "headers": reply.headers,
            "status_code": reply.status,
            "body": reply.body,
            "context": {"operation_name": name},
        }
        custom: dict[str, Any] = {}
        hooks = f"{self._service.hooks}.{name}"
        emit(f"before-parse.{hooks}", operation_model=model, response_dict=said, customized_response_dict=custom)
        parsed: dict[str, Any] = self._parser.parse(said, model.output_shape)
        parsed.update(custom)
        http = _Http(said["status_code"], reply.headers, reply.body)
        emit(f"after-call.{hooks}", http_response=http, parsed=parsed, model=model, context=request.context)
        if http.status_code >= 300:
            if not isinstance(parsed.get("Error", {}).get("Code"), str | int | None):
                raise TypeError("an error whose code is no word")
            raise ClientError(parsed, name)
        return parsed


@dataclass(frozen=True, slots=True)
class _Http:
    """The face of botocore's AWSResponse that its hooks look at."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    raw: bool = True
