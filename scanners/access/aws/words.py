"""Conditions in words, for people who read them at night: `aws:SourceIp is in 203.0.113.0/24`.

Operators: "IAM JSON policy elements: Condition operators" (IAM User Guide).  What is not in the table is written as the
policy writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAID = {
    "stringequals": "is", "stringnotequals": "is not", "stringequalsignorecase": "is, in any case,",
    "stringnotequalsignorecase": "is not, in any case,", "stringlike": "is like", "stringnotlike": "is not like",
    "arnequals": "is", "arnlike": "is like", "arnnotequals": "is not", "arnnotlike": "is not like",
    "numericequals": "is", "numericnotequals": "is not", "numericlessthan": "is less than",
    "numericlessthanequals": "is at most", "numericgreaterthan": "is more than",
    "numericgreaterthanequals": "is at least", "dateequals": "is", "datenotequals": "is not",
    "datelessthan": "is before", "datelessthanequals": "is not after", "dategreaterthan": "is after",
    "dategreaterthanequals": "is not before", "bool": "is", "binaryequals": "is", "ipaddress": "is in",
    "notipaddress": "is not in",
}  # fmt: skip
_EACH = {"forallvalues": "every value of ", "foranyvalue": "some value of "}


def in_words(formula: object) -> str:
    """A residual formula or a condition block as one line; empty where nothing must hold."""
    if formula is None or formula is True:
        return ""
    if formula is False:
        return "never"
    if not isinstance(formula, Mapping):
        return str(formula)
    for word, joint in (("all", " and "), ("any", " or ")):
        if word in formula and isinstance(formula[word], list):
            parts = [in_words(one) for one in formula[word]]
            return joint.join(
                f"({part})" if _joined(one) else part for one, part in zip(formula[word], parts, strict=True)
            )
    if "not" in formula:
        said = in_words(formula["not"])
        plain = said.count(" is ") == 1 and not any(word in said for word in (" and ", " or ", " is not "))
        return said.replace(" is ", " is not ") if plain else f"not ({said})"
    if "resource" in formula and isinstance(formula["resource"], str):
        return f"the resource is {formula['resource']}"
    if "unknown" in formula and isinstance(formula["unknown"], str):
        return f"not understood: {formula['unknown']}"
    return " and ".join(
        _atom(operator, key, values) for operator, keys in formula.items() for key, values in _keys(keys)
    )


def _joined(formula: object) -> bool:
    return isinstance(formula, Mapping) and bool({"all", "any"} & formula.keys())


def _keys(keys: object) -> list[tuple[str, Any]]:
    return list(keys.items()) if isinstance(keys, Mapping) else [("", keys)]


def _atom(operator: str, key: str, values: Any) -> str:
    quantifier, _, plain = operator.lower().rpartition(":")
    optional = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    listed = values if isinstance(values, list) else [values]
    said = " or ".join(str(one) for one in listed) or "nothing"
    if plain == "null":
        return (
            f"{key} is {'absent' if str(listed[0]).lower() == 'true' else 'there'}" if listed else f"{operator} {key}"
        )
    if plain not in _SAID:
        return f"{operator} {key} {said}"
    return f"{_EACH.get(quantifier, '')}{key} {_SAID[plain]} {said}{', if it is there' if optional else ''}"
