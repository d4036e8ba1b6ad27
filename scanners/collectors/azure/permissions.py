"""The scanner's rights by the plane that grants them: actions of a custom role, and app roles of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scanners.collectors.azure.words import GRAPH


class Planes(NamedTuple):
    """`actions` are granted at the subscription or above it, `app_roles` in the directory, by an administrator."""

    actions: list[str]
    app_roles: list[str]


def by_plane(permissions: Iterable[str]) -> Planes:
    told = sorted(permissions)
    roles = [one.removeprefix(GRAPH) for one in told if one.startswith(GRAPH)]
    return Planes([one for one in told if not one.startswith(GRAPH)], roles)
