"""What a principal holds, written as the assignments it would need.

Limits: what was used is told by the activity log alone, which is not collected and has no reads; so nothing is known
of use, and nothing is taken away.
"""

from __future__ import annotations

from typing import Any

from scanners.access.azure.roles import Role
from scanners.access.azure.standing import Assignment, Standing
from scanners.access.explorer import Sized

NOTHING_KNOWN = "what it used is not known: the activity log is not collected; so nothing is taken away"
IN_GROUPS = "what it holds through groups is shown, and is the group's to narrow"


def sized(on: Standing, who: str, count: int) -> Sized:
    """`count`: how many actions it may do, as they are counted."""
    now = [
        _shown(one, on.roles.get(one.role), on.names.get(name, name) if number else "")
        for number, name in enumerate(on.of(who))
        for one in on.held.get(name, ())
    ]
    if not now:
        return Sized(None, "none", unseen=(NOTHING_KNOWN,))
    unseen = (NOTHING_KNOWN, *((IN_GROUPS,) if any("through" in one for one in now) else ()))
    return Sized({"assignments": now}, "none", unseen=unseen, before=count, after=count, now={"assignments": now})


def _shown(one: Assignment, role: Role | str | None, group: str) -> dict[str, Any]:
    name = role.name if isinstance(role, Role) else one.role
    condition = {"condition": one.condition} if one.condition else {}
    return {"scope": one.told, "role": name, **condition, **({"through": group} if group else {})}
