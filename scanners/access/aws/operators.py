"""Condition operators: how one value of a request is compared with the values of a policy.

A row of the table says how policy values are read once (`read`) and how one value of a request is compared with one of
them (`agrees`).  A value of the wrong type agrees with nothing, and is not the negation of anything either: text is not
a number other than 5.  Source: "IAM JSON policy elements: Condition operators" (IAM User Guide).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from scanners.access.aws.patterns import Pattern, Token, everything, matcher

_NUMBER = re.compile(r"[+-]?(\d{1,64}(\.\d{0,64})?|\.\d{1,64})")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?)?)?", re.IGNORECASE
)
_LEAST = (1, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Operator:
    """`read` gives None for a text that is not of its type; with `patterns` policy values may hold variables."""

    read: Callable[[str], Any]
    agrees: Callable[[Any, Any], bool]  # of a policy's value, of the request's value; both read
    negated: bool = False
    patterns: bool = False
    wildcards: bool = False
    folded: bool = False
    arn: bool = False


def number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=4096)
def moment(text: str) -> Decimal | None:
    """Seconds since 1970: of an ISO 8601 date, or of epoch seconds themselves."""
    if (found := _DATE.fullmatch(text)) and not (text.isdigit() and len(text) > 4):
        year, month, day, hour, minute, second = (
            int(part or least) for part, least in zip(found.groups()[:6], _LEAST, strict=True)
        )
        try:
            when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return int((when - _zone(found.group(8))).timestamp()) + Decimal(found.group(7) or 0)
        except (ValueError, OverflowError):
            return None
    return number(text)


def _zone(text: str | None) -> timedelta:
    if not text or text in "Zz":
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))


def boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=32_768)
def network(text: str) -> tuple[int, int, int] | None:
    """(version, first address, mask) of an address or a range."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        return None
    return found.version, int(found.network_address), int(found.netmask)


@lru_cache(maxsize=32_768)
def address(text: str) -> tuple[int, int] | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.version, int(found)


def _inside(net: tuple[int, int, int], one: tuple[int, int]) -> bool:
    return net[0] == one[0] and one[1] & net[2] == net[1]


def text(value: str) -> str:
    return value


def _like(pattern: Pattern, value: str) -> bool:
    return matcher(pattern)(value)


def _arn_like(pattern: Pattern, value: str) -> bool:
    """The six parts are compared one by one: no star reaches over a colon before the sixth."""
    if everything(pattern):
        return True
    wanted, parts = colons(pattern), value.split(":", 5)
    return len(wanted) == len(parts) == 6 and all(matcher(w)(p) for w, p in zip(wanted, parts, strict=True))


@lru_cache(maxsize=32_768)
def colons(pattern: Pattern) -> tuple[Pattern, ...]:
    """The parts of an ARN's pattern, split at its first five colons."""
    parts: list[list[Token]] = [[]]
    for token in pattern:
        if not isinstance(token, str):
            parts[-1].append(token)
            continue
        pieces = token.split(":", 6 - len(parts))
        for place, piece in enumerate(pieces):
            if place:
                parts.append([])
            if piece:
                parts[-1].append(piece)
    return tuple(tuple(part) for part in parts)


def _by(compare: Callable[[Any, Any], bool], read: Callable[[str], Any]) -> Operator:
    return Operator(read, compare)


_STRING = Operator(text, _like, patterns=True)
_FOLDED = Operator(str.lower, _like, patterns=True, folded=True)
_LIKE = Operator(text, _like, patterns=True, wildcards=True)
_ARN = Operator(text, _arn_like, patterns=True, wildcards=True, arn=True)
_POSITIVE: dict[str, Operator] = {
    "StringEquals": _STRING,
    "StringEqualsIgnoreCase": _FOLDED,
    "StringLike": _LIKE,
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "NumericEquals": _by(lambda policy, request: request == policy, number),
    "NumericLessThan": _by(lambda policy, request: request < policy, number),
    "NumericLessThanEquals": _by(lambda policy, request: request <= policy, number),
    "NumericGreaterThan": _by(lambda policy, request: request > policy, number),
    "NumericGreaterThanEquals": _by(lambda policy, request: request >= policy, number),
    "DateEquals": _by(lambda policy, request: request == policy, moment),
    "DateLessThan": _by(lambda policy, request: request < policy, moment),
    "DateLessThanEquals": _by(lambda policy, request: request <= policy, moment),
    "DateGreaterThan": _by(lambda policy, request: request > policy, moment),
    "DateGreaterThanEquals": _by(lambda policy, request: request >= policy, moment),
    "Bool": _by(lambda policy, request: policy is request, boolean),
    "BinaryEquals": _by(lambda policy, request: policy == request, binary),
    "IpAddress": Operator(network, _inside),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}


def _not(plain: Operator) -> Operator:
    return replace(plain, negated=True)


OPERATORS: dict[str, Operator] = {
    **{name.lower(): operator for name, operator in _POSITIVE.items()},
    **{name.lower(): _not(_POSITIVE[plain]) for name, plain in _NEGATED.items()},
}
AFFIRMED = {name.lower(): plain.lower() for name, plain in _NEGATED.items()}


def read_request(operator: Operator, value: str) -> Any:
    """The request's value as the operator reads it: an address where policies have ranges."""
    return address(value) if operator.read is network else operator.read(value)
