"""What a principal holds, written as the assignments it would need.

Limits: what was used is told by the activity log alone, which is not collected and has no reads; so nothing is known
of use, and nothing is taken away.
"""

from __future__ import annotations

from typing import Any

from scanners.access.azure.roles import Role
from scanners.access.azure.standing import Standing
from scanners.access.explorer import Sized

NOTHING_KNOWN = "what it used is not known: the activity log is not collected; so nothing is taken away"
IN_GROUPS = "what it holds through groups is shown, and is the group's to narrow"


def sized(on: Standing, who: str, count: int) -> Sized:
    """`count`: how many actions it may do, as they are counted."""
    now = [_shown(one.scope, on.roles.get(one.role), one.role, name if number else "")
           for number, name in enumerate(on.of(who)) for one in on.held.get(name, ())]  # fmt: skip
    if not now:
        return Sized(None, "none", unseen=(NOTHING_KNOWN,))
    unseen = (NOTHING_KNOWN, *((IN_GROUPS,) if len(on.of(who)) > 1 else ()))
    return Sized({"assignments": now}, "none", unseen=unseen, before=count, after=count, now={"assignments": now})


def _shown(scope: str, role: Role | str | None, id: str, group: str) -> dict[str, Any]:
    name = role.name if isinstance(role, Role) else id
    return {"scope": scope, "role": name, **({"through": group} if group else {})}
