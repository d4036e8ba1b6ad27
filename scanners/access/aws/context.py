"""What is known of a request's context: values, absences, and what is not known.

Presence and value are separate facts: a key may be known to be there with an unknown value, and a value may be known
for the case that the key is there.  Key names are compared without regard to case, values as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Value = str | tuple[str, ...]  # a tuple is a multivalued key


class Fact(Enum):
    ABSENT = "absent"  # the key is not in the request
    PRESENT = "present"  # it is there, its value is not known
    UNKNOWN = "unknown"  # it may be there, with any value


ABSENT, PRESENT, UNKNOWN = Fact.ABSENT, Fact.PRESENT, Fact.UNKNOWN


@dataclass(frozen=True, slots=True)
class Maybe:
    """A key that may be absent, and has this value when it is there."""

    value: Value


Known = Value | Fact | Maybe


@dataclass(slots=True, eq=False)
class Context:
    """`known` by key in lower case; every other key is `otherwise`.  Build with `of`; never changed afterwards."""

    known: Mapping[str, Known]
    otherwise: Fact = ABSENT
    memo: dict[object, Any] = field(default_factory=dict, repr=False)

    def look(self, key: str) -> Known:
        """`key` in lower case."""
        return self.known.get(key, self.otherwise)

    @classmethod
    def of(cls, values: Mapping[str, object], *, otherwise: Fact = ABSENT, **facts: Known) -> Context:
        """From values as JSON has them: texts, numbers and booleans, or lists of these for multivalued keys."""
        known: dict[str, Known] = {
            key.lower(): value if type(value) is str else as_value(value) for key, value in values.items()
        }
        known.update(facts)
        return cls(known, otherwise, {})

    def with_facts(self, facts: Mapping[str, Known]) -> Context:
        return Context({**self.known, **{key.lower(): fact for key, fact in facts.items()}}, self.otherwise)


NOTHING_KNOWN = Context({}, UNKNOWN)
EMPTY = Context({}, ABSENT)


def as_value(value: object) -> Known:
    if type(value) is str:
        return value
    if value is None:
        return ABSENT
    if isinstance(value, (Fact, Maybe)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(text(one) for one in value if one is not None)
    return text(value)


def text(value: object) -> str:
    """As policies write it: booleans in lower case, numbers as digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
