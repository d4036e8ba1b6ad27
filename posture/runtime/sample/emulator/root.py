"""Facts of an account that no API call can set, so the estate tells them here.

The root user, the last use of passwords, the last delivery of the trails.
"""

from __future__ import annotations

from typing import Any

_DEFAULT: dict[str, Any] = {
    "created": "2021-03-01T09:00:00+00:00",
    "mfa": True,
    "keys": [],  # of {"rotated": …, "used": …, "region": …, "service": …}
    "password_used": None,
    "delivered": None,  # when trails delivered last
    "passwords_used": {},  # user name → when
}
ROOT: dict[str, Any] = dict(_DEFAULT)


def set_root(facts: dict[str, Any]) -> None:
    if unknown := set(facts) - set(_DEFAULT):
        raise ValueError(f"The root user has no {', '.join(sorted(unknown))}")
    ROOT.update(facts)
