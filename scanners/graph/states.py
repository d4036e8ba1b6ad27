"""What a principal may be turned into: itself, with its policies rewritten, without its boundary, in more groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanners.graph.layers import Layers
from scanners.graph.scene import FULL, Scene
from scanners.graph.sheets import sheet
from scanners.graph.universe import members


@dataclass(frozen=True, slots=True)
class State:
    """`joined` are bits of groups beside those that the user is in.  `place` is the principal's bit; -1: a new one."""

    place: int
    edited: bool = False
    unbound: bool = False
    joined: int = 0

    @property
    def plain(self) -> bool:
        return not (self.edited or self.unbound or self.joined)

    def rewritten(self) -> State:
        return replace(self, edited=True, joined=0)

    def freed(self) -> State:
        return replace(self, unbound=True)

    def with_groups(self, bits: int) -> State:
        return self if self.edited else replace(self, joined=self.joined | bits)


NEW = State(-1, edited=True, unbound=True)


def layers(scene: Scene, state: State) -> Layers:
    """The layers of a principal in that state.  What is rewritten allows everything; Denies, SCPs, boundary stay."""
    entity = scene.principals[state.place]
    boundary = None if state.unbound else scene.boundary(entity)
    found = list(scene.identity(entity))
    if state.edited:
        found.append(sheet(FULL, "identity"))
    for place in members(state.joined):
        found += scene.identity(scene.groups[place])
    return Layers(tuple(found), boundary, scene.bound_by(entity))
