"""Access questions as JSON Lines: one question in, one answer out, in order, each by the engine of its cloud.

The interface is described in docs/access.md.  A line that cannot be understood is answered by its `error`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from scanners.access.aws.questions import answer as of_aws
from scanners.access.azure.questions import answer as of_azure
from scanners.access.gcp.questions import answer as of_gcp
from scanners.access.lines import NotUnderstood, Question, Written

CLOUDS: dict[str, Callable[[Question], Written]] = {"aws": of_aws, "gcp": of_gcp, "azure": of_azure}


def answers(lines: Iterable[str | bytes]) -> Iterator[Written]:
    """One answer per line that is not empty."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer_line(line, number)


def _answer_line(line: str | bytes, number: int) -> Written:
    try:
        question = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"id": None, "error": f"line {number} is no JSON"}
    if not isinstance(question, dict):
        return {"id": None, "error": f"line {number} is no JSON object"}
    return answer(question)


def answer(question: Question) -> Written:
    """`{"id": …, …}`, or `{"id": …, "error": …}`.  Without a provider it is of AWS."""
    try:
        provider = "aws" if question.get("provider") is None else question["provider"]
        ask = CLOUDS.get(provider) if isinstance(provider, str) else None
        if ask is None:
            raise NotUnderstood(f"there is no provider {str(provider)[:60]!r}; there are {', '.join(CLOUDS)}")
        return {"id": question.get("id"), **ask(question)}
    except NotUnderstood as why:
        return {"id": question.get("id"), "error": str(why)}
    except RecursionError:
        return {"id": question.get("id"), "error": "the question is nested too deeply"}


_decoder = msgspec.json.Decoder()
