"""Principal access boundaries as a line of JSON gives them: in the form that Google's own API has."""

from __future__ import annotations

from dataclasses import replace

from scanners.access.gcp.bindings import ORGANIZATION
from scanners.access.gcp.boundaries import BOUND, POLICIES
from scanners.access.lines import NotUnderstood, Question, maybe, need, objects, texts
from scanners.model import Resource

AT = "policies.boundaries: "


def bounded(policies: Question, rows: list[Resource]) -> list[Resource]:
    """The levels with what binds their principals; a line that gives none has none.  Raises NotUnderstood."""
    told = maybe(policies, "boundaries", dict, at="policies.")
    if told is None:
        return rows
    found, bindings = objects(told, "policies", AT), objects(told, "bindings", AT)
    for one in found:
        _policy(one)
    for one in bindings:
        _binding(one)
    if not any(row.kind == ORGANIZATION for row in rows):
        raise NotUnderstood(f"{AT}they belong to an organisation, which is none of policies.levels")
    more = {POLICIES: found, BOUND: bindings}
    return [replace(row, documents={**row.documents, **more}) if row.kind == ORGANIZATION else row for row in rows]


def _policy(one: Question) -> None:
    need(one, "name", str, at=f"{AT}a policy's ")
    details = need(one, "details", dict, at=f"{AT}a policy's ")
    maybe(details, "enforcementVersion", str, at=f"{AT}a policy's ")
    for rule in objects(details, "rules", f"{AT}a policy's "):
        texts(rule, "resources", f"{AT}a rule's ")


def _binding(one: Question) -> None:
    need(one, "policy", str, at=f"{AT}a binding's ")
    target = need(one, "target", dict, at=f"{AT}a binding's ")
    need(target, "principalSet", str, at=f"{AT}a binding's target: ")
    if (condition := maybe(one, "condition", dict, at=f"{AT}a binding's ")) is not None:
        need(condition, "expression", str, at=f"{AT}a binding's condition: ")
