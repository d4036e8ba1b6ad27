"""What an identity can do to the things of an account, thing by thing, where the engine of its cloud decides.

Every thing that was listed is asked for a few actions that stand for a verb, as in `reach` for AWS.  Limits: an action
stands for its kind of verb; what was not listed stands in `unread`, what nobody lists in `beyond`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from scanners.access.explorer import Answer, Decided, Engine, Principal, Target
from scanners.graph.deciding import as_told
from scanners.graph.reach import Reach, Reached, Touch
from scanners.model import Resource, Unread
from scanners.model.estate import Estate

RESOURCE = "resource"
BEST = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN)
Own = Callable[[Resource, Principal], Mapping[str, Decided]]


@dataclass(frozen=True, slots=True)
class Store:
    """How a kind of thing is asked about.

    `verbs`: verb → actions of which one is enough; none: those that call it.  `keys`: actions that hand out keys with
    which one reads, writes and deletes, unless `keyless`, a place in what was told and its value, makes keys useless.
    `own`: what rules of the thing's own decide, by action; `beyond`: what gives access to it and is not collected.
    """

    verbs: Mapping[str, tuple[str, ...]]
    keys: tuple[str, ...] = ()
    keyless: tuple[str, object] = ("", None)
    own: Own | None = None
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """`leave_out`: refs of the function that asks, and of the identity itself."""

    engine: Engine
    estate: Estate
    who: Principal
    leave_out: Collection[str] = field(default=())


def reach_by(asking: Asking, stores: Mapping[str, Store], beyond: Collection[str] = ()) -> Reach:
    """All that the identity can surely or perhaps do."""
    found = Reach(beyond=list(beyond))
    for kind, store in stores.items():
        for resource in _seen(asking.estate, kind, found.unread):
            found.seen[kind] = found.seen.get(kind, 0) + 1
            touches = () if resource.ref in asking.leave_out else tuple(_touches(asking, resource, store))
            if touches:
                found.things.append(Reached(kind, resource.ref, resource.name, touches))
        if store.beyond and kind in found.seen:
            found.beyond.append(store.beyond)
    found.unread = list(dict.fromkeys(found.unread))
    return found


def _seen(estate: Estate, kind: str, unread: list[str]) -> Iterator[Resource]:
    try:
        yield from estate.all(kind)
    except Unread as gaps:
        unread.extend(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)


def _touches(asking: Asking, resource: Resource, store: Store) -> Iterator[Touch]:
    target = Target(resource.ref, resource.name, resource.kind, seen=True)
    own = store.own(resource, asking.who) if store.own else {}
    keys = [(one, asking.engine.decide(asking.who, one, target)) for one in _keys(resource, store)]
    for verb, actions in store.verbs.items():
        try:
            asked = actions or asking.engine.invocation(resource)
        except Unread as gaps:
            why = tuple(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)
            yield Touch(verb, Answer.UNKNOWN, (), doubts=why)
            continue
        decided = [(one, own.get(one) or asking.engine.decide(asking.who, one, target)) for one in asked]
        if touch := _touch(verb, [*decided, *(keys if actions else ())]):
            yield touch


def _keys(resource: Resource, store: Store) -> tuple[str, ...]:
    """Of a thing whose settings were not read, all."""
    place, useless = store.keyless
    try:
        node = resource[RESOURCE]
        for step in place.split("/") if place else ():
            node = node[step]
    except Unread:
        return store.keys
    return () if place and node.value is useless else store.keys


def _touch(verb: str, asked: list[tuple[str, Decided]]) -> Touch | None:
    """None where none of the actions is possible."""
    possible = [(action, one) for action, one in asked if one.answer is not Answer.DENIED]
    if not possible:
        return None
    best = min((one for _, one in possible), key=lambda one: BEST.index(one.answer))
    actions = tuple(action for action, _ in possible)
    condition = best.condition if best.answer is Answer.IF else ""
    return Touch(verb, best.answer, actions, tuple(map(as_told, best.via)), condition, best.unknown_because)
