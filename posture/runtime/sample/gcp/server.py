"""The double as a server: `python -m posture.runtime.sample.gcp.server --port 0 --address-file FILE`."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from posture.runtime.sample.gcp.answers import answers
from posture.runtime.sample.gcp.double import Double, Reply
from posture.runtime.sample.gcp.estate import PROJECT, Estate, estate
from posture.runtime.sample.gcp.family import relatives
from posture.runtime.sample.relatives import Answering, Relatives
from posture.runtime.sample.start import SampleCloud

PR_SET_PDEATHSIG = 1


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.double.reply(self.command, self.path, headers, body))

    do_GET = do_POST = do_DELETE = _serve

    def _send(self, reply: Reply) -> None:
        if reply.cut == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in (("Content-Type", reply.kind), ("Content-Length", str(len(reply.body))), *reply.headers):
            self.send_header(name, value)
        self.end_headers()
        if reply.cut == "truncate":
            self.close_connection = True
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut == "truncate" else reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double: Answering, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.double = double

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def doubled(made: Estate) -> Answering:
    """The project, and the others of its organisation."""
    return Relatives(Double(answers(made)), lambda: relatives(made))


@contextmanager
def sample_project(made: Estate | None = None) -> Iterator[SampleCloud]:
    """The double in a thread of this process, for tests."""
    server = Server(doubled(made or estate()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield SampleCloud(server.endpoint, PROJECT, (), os.getpid())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(arguments: list[str] | None = None) -> int:
    words = argparse.ArgumentParser(prog="python -m posture.runtime.sample.gcp.server", description=__doc__)
    words.add_argument("--port", type=int, default=0, help="0 takes a free one")
    words.add_argument("--address-file", type=Path, required=True, help="written when the project is ready")
    wanted = words.parse_args(arguments)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = Server(doubled(estate()), wanted.port)
    said = json.dumps({"endpoint": server.endpoint, "account": PROJECT, "regions": []})
    half = wanted.address_file.with_name(wanted.address_file.name + ".part")
    half.write_text(said)
    half.replace(wanted.address_file)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
