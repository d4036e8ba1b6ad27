"""What the directory lets somebody do: permissions by name, actions by roles, held or eligible, and by ownership.

An action of a role's definition may stand for many; a role over one object holds there alone, and over an
administrative unit on the condition that the object is in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure.actions import graph_permission
from scanners.access.azure.conditions import Left, either
from scanners.access.azure.directory import Directory, Right
from scanners.access.azure.rights import steps
from scanners.access.azure.standing import Standing
from scanners.access.explorer import Answer, Decided, Via
from scanners.access.truth import MAYBE, NO, YES

BY_DEFAULT = frozenset({"read", "create", "createasowner", "inviteguest"})  # what members may do, or may not
DEFAULTS = "what every member of the directory may do by default was not read"


def covers(pattern: str, action: str) -> bool:
    """Whether an action of a role's definition stands for what is asked; both in small letters.

    "microsoft.directory/applications/allproperties/alltasks" stands for all below "microsoft.directory/applications/",
    "…/users/allproperties/read" for all that ends in read there, "…/allentities/alltasks" for a whole service.
    """
    if pattern == action:
        return True
    *before, verb = pattern.split("/")
    if before[-1:] in (["allproperties"], ["allentities"]):
        before.pop()
    elif verb != "alltasks":
        return False
    *told, asked = action.split("/")
    return told[: len(before)] == before and verb in ("alltasks", asked)


def decide_in(
    found: Directory, on: Standing, who: str, is_person: bool, action: str, ref: str, *, anywhere: bool
) -> Decided:
    """Of a permission of Microsoft Graph by its name, or an action of the directory on the object that `ref` names.

    `anywhere`: on some object.  `who` in small letters.
    """
    if permission := graph_permission(action):
        return _permitted(found, who, permission.casefold())
    target = "" if anywhere else (steps(ref) or [""])[-1]
    rights = list(_speaking(found, on, who, action.casefold(), target, anywhere=anywhere))
    held = [(right, left) for right, left in rights if not right.unknown]
    doubts = [right.unknown for right, _ in rights if right.unknown]
    allowed = either(left for _, left in held)
    if allowed.holds != YES:
        doubts += _doubts(found, on, is_person, action.casefold(), target, anywhere=anywhere)
        doubts += found.unread_eligible if allowed.holds == NO else ()
    read = {YES: Answer.ALLOWED, MAYBE: Answer.IF, NO: Answer.DENIED}[allowed.holds]
    sure = [right for right, left in held if left.holds == YES]
    vias = tuple(via(one) for one in (sure or [right for right, _ in held]))
    if doubts and read is not Answer.ALLOWED:
        return Decided(Answer.UNKNOWN, read, vias, allowed.words, allowed.json, None, tuple(dict.fromkeys(doubts)))
    return Decided(read, read, vias, allowed.words, allowed.json, "directory" if read is Answer.DENIED else None)


def _permitted(found: Directory, who: str, permission: str) -> Decided:
    mine = found.permissions.get(who, ())
    if held := [one for one in mine if permission in (name.casefold() for name in one.actions)]:
        return Decided(Answer.ALLOWED, Answer.ALLOWED, tuple(via(one) for one in held))
    doubts = (*(one.unknown for one in mine if one.unknown), *found.unread_permissions)
    answer = Answer.UNKNOWN if doubts else Answer.DENIED
    return Decided(answer, Answer.DENIED, (), "", None, None if doubts else "directory", tuple(dict.fromkeys(doubts)))


def _speaking(
    found: Directory, on: Standing, who: str, action: str, target: str, *, anywhere: bool
) -> Iterator[tuple[Right, Left]]:
    for name in on.of(who):
        for right in found.rights.get(name, ()):
            if right.unknown or any(covers(one.casefold(), action) for one in right.actions):
                left = _left(right, target, anywhere=anywhere)
                if left.holds != NO:
                    yield right, left


def _left(right: Right, target: str, *, anywhere: bool) -> Left:
    """On what condition a right holds for one object, or for some."""
    conditions = []
    if "/administrativeunits/" in right.scope and not anywhere:
        conditions.append(f"it is in {right.written.level}")
    elif right.scope != "/" and not anywhere and (steps(right.scope) or [""])[-1] != target:
        return Left(NO)
    if right.condition:
        conditions.append(f"{right.condition} holds")
    if right.eligible:
        conditions.append(f"the eligible directory role {right.written.name} is activated")
    words = " and ".join(conditions)
    return Left(MAYBE, words, {"all": conditions}) if conditions else Left(YES)


def _doubts(
    found: Directory, on: Standing, is_person: bool, action: str, target: str, *, anywhere: bool
) -> Iterator[str]:
    yield from found.unread
    for group, why in on.closed.items():
        for right in found.rights.get(group, ()):
            if right.unknown or any(covers(one.casefold(), action) for one in right.actions):
                yield why
    for (word, owned), why in found.unread_owners.items():
        if action.startswith(f"microsoft.directory/{word}/") and (anywhere or owned == target):
            yield why
    if is_person and action.rpartition("/")[2] in BY_DEFAULT:
        yield DEFAULTS


def via(one: Right) -> Via:
    place = f"{'eligible for ' if one.eligible else ''}{one.written.name} over {one.written.level}"
    return Via("directory", "Allow", one.written, place, unknown=one.unknown)
