"""Documents inside answers, read strictly: what two parsers could read in two ways is not read at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from scanners.collectors.cloud import ParseError
from scanners.collectors.door import Door

LARGEST = 256 * 1024
DEEPEST = 64


def policy_document(text: Any) -> Any:
    """A policy as JSON.  Takes IAM's URL-encoded form, and documents that the SDK has parsed already.

    Raises ParseError for duplicate keys, NaN, nesting deeper than 64 and documents over 256 KiB.
    """
    if isinstance(text, (dict, list)):
        return text
    if not isinstance(text, str) or len(text) > LARGEST:
        raise ParseError("the policy is no text, or larger than any policy may be")
    plain = unquote(text) if text.lstrip()[:1] == "%" else text
    try:
        parsed = json.loads(plain, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as broken:
        raise ParseError(f"the policy is not proper JSON: {broken}") from broken
    _not_too_deep(parsed, DEEPEST)
    return parsed


def with_policy(*fields: str) -> Any:
    """A shape: these fields of the answer hold policies as text, and are kept as documents."""

    def shape(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
        return {k: policy_document(v) if k in fields and v else v for k, v in answer.items()}

    return shape


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError("the policy names one key twice")
    return found


def _no_constant(name: str) -> Any:
    raise ParseError(f"{name} is no JSON")


def _not_too_deep(value: Any, left: int) -> None:
    if left == 0:
        raise ParseError(f"the policy is nested deeper than {DEEPEST}")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _not_too_deep(child, left - 1)
