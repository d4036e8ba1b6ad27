"""The HTTP side: a threaded loopback server that keeps connections alive and can cut an answer short."""

from __future__ import annotations

import socket
import struct
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from posture.runtime.sample.emulator.overlay import Overlay
from posture.runtime.sample.emulator.wire import Reply

PATIENCE = 60  # seconds
OURS = {"content-length", "transfer-encoding", "connection", "date", "server"}


class Connection(MotoRequestHandler):
    """Werkzeug closes after every answer; SDKs keep their connections, so this speaks HTTP/1.1 properly."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        overlay: Any = self.server.app
        body = self.read_body(environ)
        if not self.path.startswith("/_sample/"):  # an answer given while the account is built would draw from the
            overlay.built.wait(PATIENCE)  # dice that its ids come from, and tell of half an account
        self.send(overlay.reply(environ, body))

    def read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.pop("wsgi.input_terminated", False):
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        return bytes(body)

    def send(self, reply: Reply) -> None:
        if reply.cut == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in OURS:
                self.send_header(name, value)
        length = reply.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(reply.body))
        self.send_header("Content-Length", length)
        body = reply.body
        if reply.cut == "truncate":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def listen(host: str, port: int, overlay: Overlay) -> BaseWSGIServer:
    """Raises OSError when the port is taken; never waits for it."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((host, port))
    taken.listen(128)
    taken.set_inheritable(True)
    app: Any = overlay
    server = make_server(host, port, app, threaded=True, request_handler=Connection, fd=taken.fileno())
    taken.detach()
    return server
