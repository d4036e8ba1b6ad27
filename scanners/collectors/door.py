"""The door every answer comes through: no secret value passes it.

Values of variables are never kept, whatever they look like: only the name, the kind of secret a detector sees in the
value, and a keyed digest by which equal secrets in different places can be recognised.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

_NOT_SECRET = {"IPPublicDetector"}  # of the detectors that know a format, those whose find is not a secret
_NAMED_LIKE_A_SECRET = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|(api|private|access)_?key|credential|client_?secret|_pwd|dsn)s?$", re.I
)
_REFERENCE = re.compile(  # to a secret kept elsewhere, or a value that cannot be one
    r"^(arn:|\{\{resolve:|\$\{|/[\w/.-]+$|https?://[^@]*$|ssm:|(true|false|none|null|\d{1,5})$)", re.I
)


@lru_cache(maxsize=1)
def _detectors() -> list[RegexBasedDetector]:
    """The detectors that know a format; those that guess by entropy accuse too many ids and hashes."""
    classes: Iterable[type[Any]] = get_mapping_from_secret_type_to_class().values()
    formats = (cls for cls in classes if issubclass(cls, RegexBasedDetector) and cls.__name__ not in _NOT_SECRET)
    return [cls() for cls in sorted(formats, key=lambda cls: str(cls.__name__))]


@dataclass(frozen=True, slots=True)
class Door:
    """`key` is the installation's own: digests of two installations cannot be compared."""

    key: bytes

    def variables(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Name → {"secret": kind or None, "digest": …}: what is kept of an environment, of stage variables, …"""
        return {name: self.variable(name, value) for name, value in values.items()}

    def variable(self, name: str, value: Any) -> dict[str, Any]:
        text = value if isinstance(value, str) else repr(value)
        return {"secret": self.kind_of_secret(text, name=name), "digest": self.digest(text)}

    def text(self, value: str) -> dict[str, Any]:
        """What is kept of a script or a template: its digest and the kinds of secrets per line."""
        found = [{"line": n, "secret": kind} for n, line in enumerate(value.splitlines(), 1) if (kind := _line(line))]
        return {"digest": self.digest(value), "lines": value.count("\n") + 1, "secrets": found}

    def kind_of_secret(self, value: str, *, name: str = "") -> str | None:
        """The kind of secret a value looks like ("AWS Access Key"), or None."""
        if not value or _REFERENCE.match(value):
            return None
        if kind := _format(value):
            return kind
        return "Secret by name" if name and len(value) >= 6 and _NAMED_LIKE_A_SECRET.search(name) else None

    def digest(self, value: str) -> str:
        return hmac.new(self.key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


_ASSIGNMENT = re.compile(r"""(?:export\s+|set\s+|["']?)([A-Za-z_][\w.-]*)["']?\s*[=:]\s*["']?([^\s"']{6,})""")


def _line(line: str) -> str | None:
    """The kind of secret in one line of a script: a known format, or a value assigned to a name like PASSWORD."""
    if kind := _format(line):
        return kind
    for name, value in _ASSIGNMENT.findall(line):
        if _NAMED_LIKE_A_SECRET.search(name) and not _REFERENCE.match(value) and not value.startswith("$"):
            return "Secret by name"
    return None


def _format(text: str) -> str | None:
    for detector in _detectors():
        if any(detector.analyze_string(text[:10_000])):
            return str(detector.secret_type)
    return None
