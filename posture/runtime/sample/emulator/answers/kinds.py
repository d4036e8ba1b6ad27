"""The shape of an entry in the table of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from posture.runtime.sample.emulator.wire import Call

MotoSays = Callable[..., dict[str, Any]]
"""Asks moto, leaving out the parameters named, and gives its answer as a client would see it."""

Answer = Callable[[Call, MotoSays], dict[str, Any]]
