"""The cheapest cut: the one edit after which fewest principals can still become an administrator.

An edit takes a policy from a principal, on the way or at its end, or closes a role's trust.  Candidates are what the
shortest paths rest on most often; the effect of each is not estimated: the graph is worked out again without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scanners.access.explorer import Cut
from scanners.graph.account import Account, Entity
from scanners.graph.administrator import is_full
from scanners.graph.graph import Graph, build
from scanners.graph.paths import Answer, answer

TRIED = 12  # candidates whose effect is worked out


@dataclass(frozen=True, slots=True)
class _Edit:
    principal: str
    policy: str  # where a reason says that it stands, or "" for the trust

    @property
    def words(self) -> str:
        return f"take {self.policy} away" if self.policy else "close the trust to whom it lets in"


def cuts(graph: Graph, most: int = 5) -> list[Cut]:
    """The edits that stop most principals, best first.  Administrators do not count: they need no path."""
    before = climbers(graph)
    weights: Counter[_Edit] = Counter()
    for arn in before:
        weights.update(set(_edits(graph, answer(graph, arn))))
    found = []
    for edit, _ in weights.most_common(TRIED):
        after = build(without(graph.scene.account, edit), graph)
        stopped = sorted(set(before) - set(climbers(after)))
        if stopped:
            at, *stops = (graph.scene.named(arn) for arn in (edit.principal, *stopped))
            found.append(Cut(edit.words, at, tuple(stops)))
    return sorted(found, key=lambda cut: (-len(cut.stops), cut.at.ref, cut.edit))[:most]


def climbers(graph: Graph) -> list[str]:
    """Principals that are no administrators and can become one."""
    principals = graph.scene.principals
    return [
        one.arn for place, one in enumerate(principals) if graph.escalates(place) and not graph.node(place).row.admin
    ]


def _edits(graph: Graph, found: Answer) -> Iterator[_Edit]:
    """What a path rests on: a policy of who acts, the trust of who is become, what makes its end an administrator."""
    for step in found.steps:
        for reason in step.because:
            if reason.policy.startswith("trust of "):
                yield _Edit(step.target, "")
            elif holder := _holder(graph, step.origin, reason.policy):
                yield _Edit(holder, reason.policy)
    if found.target in graph.scene.place:
        yield from _crowns(graph, graph.scene.principals[graph.scene.place[found.target]])


def _crowns(graph: Graph, end: Entity) -> Iterator[_Edit]:
    """Policies that alone make an administrator, its own or its groups'."""
    for one in (end, *graph.scene.groups_of(end)):
        for arn in one.attached:
            if is_full(graph.scene, graph.scene.policy(arn)):
                yield _Edit(one.arn, arn)
        for inline in one.inline:
            if is_full(graph.scene, inline.document):
                yield _Edit(one.arn, _where(one, inline.name))


def _holder(graph: Graph, origin: str, policy: str) -> str | None:
    """Whose policy it is: the caller's own, or one of its groups'."""
    entity = graph.scene.principals[graph.scene.place[origin]]
    for one in (entity, *graph.scene.groups_of(entity)):
        if policy in one.attached or any(_where(one, inline.name) == policy for inline in one.inline):
            return one.arn
    return None


def _where(entity: Entity, name: str) -> str:
    return f"inline policy {name} of {entity.name}"


def without(account: Account, edit: _Edit) -> Account:
    return replace(
        account, entities=tuple(_cut(one, edit) if one.arn == edit.principal else one for one in account.entities)
    )


def _cut(entity: Entity, edit: _Edit) -> Entity:
    if not edit.policy:
        return replace(entity, trust=None)
    return replace(
        entity,
        attached=tuple(arn for arn in entity.attached if arn != edit.policy),
        inline=tuple(one for one in entity.inline if _where(entity, one.name) != edit.policy),
    )
