"""An estate as it would be: one member fewer in a binding, deny policies and boundaries gone, conditions on
tags met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from scanners.access.gcp.bindings import DENY, POLICY
from scanners.access.gcp.boundaries import BOUND
from scanners.access.gcp.members import key_of
from scanners.model import Resource, Unread
from scanners.model.estate import Estate

Change = Callable[[Resource], Resource]


def altered(estate: Estate, change: Change) -> Estate:
    """What was not read stays unread."""

    def load(kind: str) -> Iterator[Resource]:
        try:
            for resource in estate.all(kind):
                yield change(resource)
        except Unread:
            return  # the gaps of the kind go along

    return Estate(estate.account, estate.now, load, estate.gaps, estate.trusted_accounts, estate.read)


def without_denies(levels: frozenset[str]) -> Change:
    def change(resource: Resource) -> Resource:
        return _with(resource, DENY, {}) if resource.ref in levels and DENY in resource.documents else resource

    return change


def without_bounds(levels: frozenset[str] | None) -> Change:
    """Nothing is bound at these levels; None: at any."""

    def change(resource: Resource) -> Resource:
        here = BOUND in resource.documents and (levels is None or resource.ref in levels)
        return _with(resource, BOUND, []) if here else resource

    return change


def without_tags(asks: Callable[[object], bool]) -> Change:
    """Whoever attaches tags meets the conditions of allows, and slips through those of denies."""

    def condition_of(one: Mapping[str, Any], name: str) -> object:
        told = one.get(name)
        return told.get("expression") if isinstance(told, dict) else None

    def binding(one: Any) -> Any:
        met = isinstance(one, dict) and asks(condition_of(one, "condition"))
        return {key: value for key, value in one.items() if key != "condition"} if met else one

    def rule(one: Any) -> bool:
        told = one.get("denyRule") if isinstance(one, dict) else None
        return not (isinstance(told, dict) and asks(condition_of(told, "denialCondition")))

    def kept(found: list[Any]) -> list[Any]:
        return [one for one in found if rule(one)]

    def change(resource: Resource) -> Resource:
        resource = _each(resource, POLICY, "bindings", lambda found: [binding(one) for one in found])
        denies = resource.documents.get(DENY)
        if not isinstance(denies, dict):
            return resource
        return _with(resource, DENY, {name: _part(told, "rules", kept) for name, told in denies.items()})

    return change


def without_member(ref: str, pointer: str, key: str) -> Change:
    """`pointer` is that of the binding, "/iamPolicy/bindings/3"."""
    place = pointer.rpartition("/")[2]

    def fewer(found: list[Any]) -> list[Any]:
        number = int(place) if place.isdigit() else -1
        return [_without(one, key) if at == number else one for at, one in enumerate(found)]

    return lambda resource: _each(resource, POLICY, "bindings", fewer) if resource.ref == ref else resource


def _without(binding: Any, key: str) -> Any:
    members = binding.get("members") if isinstance(binding, dict) else None
    if not isinstance(members, list):
        return binding
    kept = [one for one in members if not (isinstance(one, str) and key_of(one) == key)]
    return {**binding, "members": kept}


def _each(resource: Resource, section: str, field: str, change: Callable[[list[Any]], list[Any]]) -> Resource:
    document = resource.documents.get(section)
    changed = _part(document, field, change)
    return resource if changed is document else _with(resource, section, changed)


def _part(document: Any, field: str, change: Callable[[list[Any]], list[Any]]) -> Any:
    found = document.get(field) if isinstance(document, dict) else None
    return {**document, field: change(found)} if isinstance(found, list) else document


def _with(resource: Resource, section: str, document: Any) -> Resource:
    return replace(resource, documents={**resource.documents, section: document})
