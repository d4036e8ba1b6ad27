"""`access paths`: who can escalate, asked of account models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from scanners.graph import questions


def paths_of_cases(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One answer a question; conditions on the time are judged by the clock of this moment."""
    return questions.answers(lines, now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
