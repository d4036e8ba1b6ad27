"""One statement, narrowed to the actions that are kept: what it allows afterwards is a part of what it allowed.

Resources and conditions stay as they were.  A wildcard over a service whose actions are tracked becomes a list of
names; over a service of which only the use as a whole is known it stays, within that service.  NotAction becomes a
list of what is kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scanners.access.aws.actions import Actions, actions, service_actions, services, spelling
from scanners.access.aws.documents import Statement
from scanners.access.aws.patterns import covers, parse
from scanners.access.aws.usage import Fate, Usage

LISTED = 25  # names of one service in a statement; beyond it verbs that are kept as a whole are written with a star
ALIKE = 4
_VERB = re.compile(r"[A-Z][a-z]+")


def narrowed(statement: Statement, usage: Usage | None, *, variables: bool) -> dict[str, Any] | None:
    """The statement as JSON for a policy of 2012-10-17; None: nothing of it is kept.

    A Deny is kept as it is, and so is every statement where nothing is known of the use, or not by which services and
    it names none.
    """
    if statement.denies or usage is None:
        return written(statement, variables=variables)
    element = _actions(statement)
    if not usage.whole and element.services is None:
        return written(statement, variables=variables)
    kept = list(dict.fromkeys(_kept(element, usage)))
    return written(statement, variables=variables, only=kept) if kept else None


def written(statement: Statement, *, variables: bool, only: list[str] | None = None) -> dict[str, Any]:
    """A statement as JSON.  In policies of 2008-10-17 `${` begins no variable, and is written so that none does."""
    made: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    made["Effect"] = "Allow" if statement.allows else "Deny"
    if only is not None or statement.not_actions is None:
        made["Action"] = list(only if only is not None else statement.actions or ())
    else:
        made["NotAction"] = list(statement.not_actions)
    for name, texts in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        if texts is not None:
            made[name] = [_plain(text, variables) for text in texts]
    condition: dict[str, dict[str, list[str]]] = {}
    for atom in statement.condition.atoms:
        values = [_plain(value, variables) for value in atom.values]
        condition.setdefault(atom.operator, {})[atom.written] = values
    return made | ({"Condition": condition} if condition else {})


def _plain(text: str, variables: bool) -> str:
    return text if variables else text.replace("${", "${$}{")


def _actions(statement: Statement) -> Actions:
    if statement.not_actions is not None:
        return actions(statement.not_actions, negated=True)
    return actions(statement.actions or ())


def _kept(element: Actions, usage: Usage) -> Iterator[str]:
    """Service by service, in order."""
    named = element.services
    if named is not None:
        for service in dict.fromkeys(text.lower().partition(":")[0] for text in element.texts):
            if service in named:
                yield from _of_service(element, service, usage)
        return
    for service in sorted({*services(), *usage.services}):
        if service in usage.services:  # what no report names, a wildcard over everything need not keep
            yield from _of_service(element, service, usage)


def _of_service(element: Actions, service: str, usage: Usage) -> Iterator[str]:
    found = usage.services.get(service)
    if found is not None and not found.ever:
        return
    if found is None or not found.narrows:
        yield from _whole(element, service)
        return
    known = dict.fromkeys((*service_actions(service), *(f"{service}:{name}" for name in found.actions or ())))
    names = [*known, *(name for name in sorted(element.names) if name.startswith(f"{service}:") and name not in known)]
    kept = [name for name in names if element.covers(name) and usage.fate(name) is not Fate.UNUSED]
    yield from _shortened(element, service, kept) if len(kept) > LISTED else _spelled(element, kept)


def _whole(element: Actions, service: str) -> Iterator[str]:
    """All that the element gives of a service."""
    if element.services is not None:
        yield from (text for text in element.texts if text.lower().partition(":")[0] == service)
    elif (element.every and not element.negated) or _untouched(element, service):
        yield f"{service}:*"
    else:
        yield from _spelled(element, [name for name in service_actions(service) if element.covers(name)])


def _untouched(element: Actions, service: str) -> bool:
    """Whether a NotAction leaves out nothing of a service."""
    spoken = {*element.patterns, *(name.partition(":")[0] for name in element.names)}
    return element.negated and not element.every and service not in spoken


def _spelled(element: Actions, names: list[str]) -> list[str]:
    """As the statement writes them, else as AWS does."""
    own = {text.lower(): text for text in element.texts}
    return sorted(own.get(name) or spelling(name) for name in names)


def _shortened(element: Actions, service: str, kept: list[str]) -> Iterator[str]:
    """A verb of which everything is kept, and which the statement gave as a whole, becomes one pattern."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in kept:
        found = _VERB.match(spelling(name).partition(":")[2])
        groups[found.group() if found else ""].append(name)
    there = set(kept)
    for verb, names in sorted(groups.items()):
        pattern = f"{service}:{verb}*"
        beginning = pattern[:-1].lower()
        complete = all(name in there for name in service_actions(service) if name.startswith(beginning))
        if verb and len(names) >= ALIKE and complete and _gives(element, service, pattern.lower()):
            yield pattern
        else:
            yield from _spelled(element, names)


def _gives(element: Actions, service: str, pattern: str) -> bool:
    if element.negated:
        return _untouched(element, service)
    wide = [parse(text.lower()) for text in element.texts if text.lower().partition(":")[0] == service]
    return element.every or any(covers(one, parse(pattern)) for one in wide)
