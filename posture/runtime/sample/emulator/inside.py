"""The emulator spoken to from its own process: an SDK's HTTP session without the HTTP, so that seeding is quick."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from posture.runtime.sample.emulator.overlay import Overlay


class _Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()


class Inside:
    """Takes the place of botocore's `URLLib3Session`."""

    def __init__(self, overlay: Overlay) -> None:
        self.overlay = overlay

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        where = urlsplit(request.url)
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        if isinstance(body, str):
            body = body.encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(where.path).encode().decode("latin-1"),
            "QUERY_STRING": where.query,
            "RAW_URI": request.url.split(where.netloc, 1)[1],
            "SERVER_NAME": where.hostname,
            "SERVER_PORT": str(where.port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": where.scheme,
            "HTTP_HOST": where.netloc,
        }
        for name, value in request.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = (
                value.decode() if isinstance(value, bytes) else str(value)
            )
        reply = self.overlay.reply(environ, body)
        return AWSResponse(request.url, reply.status, Headers(reply.headers), _Raw(reply.body))

    def close(self) -> None:
        pass


class Headers(dict[str, str]):
    """Looked up without regard to case, as HTTP's are."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in given.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())
