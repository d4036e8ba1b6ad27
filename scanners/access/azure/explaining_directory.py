"""Why the directory lets somebody do something, or does not, and which edits turn that round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scanners.access.azure.actions import graph_permission
from scanners.access.azure.deciding_directory import covers, decide_in, via
from scanners.access.azure.directory import Directory, Right
from scanners.access.azure.explaining import TITLES
from scanners.access.azure.standing import Standing
from scanners.access.explorer import Answer, Decided, Edit, LayerSays, Principal, Said, Written

NOT_HELD = {Answer.ALLOWED: "allows", Answer.IF: "may allow", Answer.DENIED: "silent"}


def directory_says(found: Directory, on: Standing, who: str, action: str, ref: str, decided: Decided) -> LayerSays:
    """One layer: its statements are all rights that speak of the action, also over other objects."""
    giving = {one.written.ref for one in decided.via}
    said = tuple(_said(one, giving, decided) for one in _speaking(found, on, who, action))
    verdict = "unread" if decided.answer is Answer.UNKNOWN and not decided.via else NOT_HELD[decided.read]
    return LayerSays("directory", TITLES["directory"], verdict, said, tuple(one.written for one in said), "",
                     decided.unknown_because)  # fmt: skip


def _speaking(found: Directory, on: Standing, who: str, action: str) -> Iterator[Right]:
    permission = graph_permission(action)
    for name in on.of(who):
        for one in (found.permissions if permission else found.rights).get(name, ()):
            asked = (permission or action).casefold()
            if one.unknown or any(covers(told.casefold(), asked) for told in one.actions):
                yield one


def _said(one: Right, giving: set[str], decided: Decided) -> Said:
    told = via(one)
    if one.written.ref not in giving and not one.unknown:
        return Said(one.written, told.place, "", "Allow", "no", why_not="it is held over other objects")
    sure = decided.read is Answer.ALLOWED and not one.unknown
    return Said(
        one.written, told.place, "", "Allow", "yes" if sure else "if", condition=one.unknown or decided.condition
    )


def directory_edits(
    found: Directory, on: Standing, ref: str, who: Principal, action: str, target: str, decided: Decided
) -> tuple[Edit, ...]:
    """Tried on what was read: rights taken away, or the directory role with the fewest actions given."""
    if decided.answer is Answer.UNKNOWN:
        return ()

    def again(changed: Directory) -> Answer:
        person, anywhere = who.kind in ("user", "principal"), target in ("", "*")
        return decide_in(changed, on, ref, person, action, target, anywhere=anywhere).read

    if decided.answer is not Answer.DENIED:
        giving = {one.written.ref for one in decided.via}
        mine = [one for one in _speaking(found, on, ref, action) if one.written.ref in giving]
        less = replace(found, rights=_without(found.rights, mine), permissions=_without(found.permissions, mine))
        names = dict.fromkeys(f"remove {via(one).place}" for one in mine)
        return tuple(Edit("directory", one) for one in names) if again(less) is Answer.DENIED else ()
    permission = graph_permission(action)
    if permission and who.kind in ("user", "group"):
        return ()  # application permissions are granted to service principals alone
    for name, rights in _permission(ref, permission) if permission else _smallest(found, ref, action.casefold()):
        table = found.permissions if permission else found.rights
        held = {**table, ref: (*table.get(ref, ()), *rights)}
        more = replace(found, permissions=held) if permission else replace(found, rights=held)
        if again(more) is Answer.ALLOWED:
            return (Edit("directory", f"give {who.name} {name}"),)
    return ()


def _permission(ref: str, permission: str) -> Iterator[tuple[str, list[Right]]]:
    yield f"the application permission {permission}", [Right(ref, (permission,), "/", Written(permission, None))]


def _smallest(found: Directory, ref: str, action: str) -> Iterator[tuple[str, list[Right]]]:
    """Directory roles that have the action, those with the fewest actions first."""
    rows = sorted({name: parts for name, parts, _ in found.definitions.values()}.items(),
                  key=lambda row: (sum(len(actions) for actions, _ in row[1]), row[0]))  # fmt: skip
    for name, parts in rows:
        if any(covers(one.casefold(), action) for actions, _ in parts for one in actions):
            yield f"the directory role {name}", [Right(ref, actions, "/", Written(name, None), limit)
                                                 for actions, limit in parts]  # fmt: skip


def _without(table: Mapping[str, tuple[Right, ...]], gone: list[Right]) -> dict[str, tuple[Right, ...]]:
    ids = {id(one) for one in gone}
    return {who: tuple(one for one in several if id(one) not in ids) for who, several in table.items()}
