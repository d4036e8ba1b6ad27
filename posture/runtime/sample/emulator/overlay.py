"""The overlay: every request is recognised, may meet a fault, is answered by our table or by moto, and is noted."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from posture.runtime.sample.emulator import ACCOUNT, clock
from posture.runtime.sample.emulator.answers import ANSWERS
from posture.runtime.sample.emulator.faults import Faults, Journal
from posture.runtime.sample.emulator.root import set_root
from posture.runtime.sample.emulator.wire import (
    Call,
    Environ,
    Refused,
    Reply,
    again,
    answered,
    recognise,
    refused,
    understood,
    without,
)

CLOCK = "HTTP_" + clock.HEADER.upper().replace("-", "_")
UNKNOWN = {"query": "InvalidAction", "ec2": "InvalidAction"}
SQS_HOST = "sqs.{region}.amazonaws.com"


class Overlay:
    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.built = threading.Event()
        self.faults = Faults()
        self.journal = Journal()
        self.controls: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("POST", "faults"): self.faults.add,
            ("DELETE", "faults"): lambda _: self.faults.clear(),
            ("GET", "calls"): lambda _: self.journal.lines(),
            ("DELETE", "calls"): lambda _: self.journal.clear(),
            ("PUT", "root"): set_root,
        }

    def reply(self, environ: Environ, body: bytes) -> Reply:
        if environ["PATH_INFO"].startswith("/_sample/"):
            return self.control(environ, body)
        environ.setdefault("HTTP_X_MOTO_ACCOUNT_ID", "")
        call = recognise(environ, body)
        if not environ["HTTP_X_MOTO_ACCOUNT_ID"]:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = get_account_id_from(call.access_key)
        with clock.at(environ.get(CLOCK)):
            reply, truncate = self.faults.strike(call)
            reply = reply or self.answer(call)
        if truncate:
            reply = replace(reply, cut="truncate")
        self.journal.note(call, reply)
        return reply

    def answer(self, call: Call) -> Reply:
        own = ANSWERS.get((call.service, call.operation))
        if own is None:
            return self.ask_moto(call)
        try:
            return answered(call, own(call, lambda *unsaid: self.moto_says(call, unsaid)))
        except Refused as error:
            return refused(call, error)
        except MotoRefused as error:
            return error.reply
        except Exception as error:  # noqa: BLE001 - a slip of ours must not look like a lost connection
            return refused(call, Refused("InternalFailure", f"{type(error).__name__}: {error}", 500))

    def moto_says(self, call: Call, unsaid: tuple[str, ...]) -> dict[str, Any]:
        reply = self.ask_moto(without(call, unsaid) if unsaid else call)
        if reply.status >= 300:
            raise MotoRefused(reply)
        return understood(call, reply)

    def ask_moto(self, call: Call) -> Reply:
        environ = again(call.environ, call.body)
        if call.service == "sqs":  # so that a queue's URL does not name this emulator
            environ |= {"HTTP_HOST": SQS_HOST.format(region=call.region), "wsgi.url_scheme": "https"}
        try:
            chunks, status, headers = run_wsgi_app(self.moto, environ, buffered=True)
        except Exception as error:  # noqa: BLE001 - whatever moto trips over, the client gets an answer
            return self.unknown(call, f"{type(error).__name__}: {error}")
        reply = Reply(int(status.split()[0]), dict(headers), b"".join(chunks))
        if reply.status >= 400 and (not call.operation or is_html(reply)):
            return self.unknown(call, "The emulator does not know this operation")
        return reply

    def unknown(self, call: Call, message: str) -> Reply:
        return refused(call, Refused(UNKNOWN.get(call.protocol, "UnknownOperationException"), message, 501))

    def control(self, environ: Environ, body: bytes) -> Reply:
        action = self.controls.get((environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/_sample/")))
        if action is None:
            return Reply(404, {"Content-Type": "application/json"}, b'{"error": "no such control"}')
        try:
            said = action(json.loads(body) if body else None)
        except (ValueError, TypeError, KeyError) as error:
            return Reply(400, {"Content-Type": "application/json"}, json.dumps({"error": str(error)}).encode())
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(said).encode())


class MotoRefused(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def is_html(reply: Reply) -> bool:
    head = reply.body[:200].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html")) or (reply.status >= 500 and not reply.body)


__all__ = ["ACCOUNT", "Overlay"]
