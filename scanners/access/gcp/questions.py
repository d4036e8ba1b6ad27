"""A question about Google Cloud as one line of JSON: an estate is made of what it says, and the engine asked.

The form is described in docs/access.md.  Strictly, what is not given is not there; in discovery it is not known.  A
role that is bound and not listed is never taken to hold nothing: where it could decide, strictly, that is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scanners.access.explorer import Answer, Decided, NotFound, Principal
from scanners.access.gcp.bindings import DENY, FOLDER, MANAGER, ORGANIZATION, POLICY, PREDEFINED, PROJECT, RESOURCE
from scanners.access.gcp.boundaries import BOUND, POLICIES
from scanners.access.gcp.deciding import Request
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.given import bounded
from scanners.access.gcp.members import ALL, AUTHENTICATED, KINDS, key_of, kind_of
from scanners.access.gcp.prevention import EFFECTIVE
from scanners.access.gcp.roles import KINDS as ROLE_KINDS
from scanners.access.gcp.society import MEMBERS, ORG
from scanners.access.gcp.standpoint import LEVEL_KINDS, Stands, stands
from scanners.access.gcp.values import exactly, timestamp
from scanners.access.lines import (
    NotUnderstood,
    Question,
    Written,
    is_strict,
    lists_of_texts,
    maybe,
    need,
    objects,
    texts,
    written,
)
from scanners.model import Gap, Resource, State, Unit
from scanners.model.estate import Estate

SILENT = "allow"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the clock where no time is told: conditions then do not read it
Sections = dict[str, Any]


def answer(question: Question) -> Written:
    """Without the id.  Raises NotUnderstood."""
    strict = is_strict(question)
    asked = need(question, "request", dict)
    policies = need(question, "policies", dict)
    principal = _principal(need(asked, "principal", str, at="request."))
    ref = need(asked, "resource", str, at="request.")
    context = maybe(asked, "context", dict, at="request.") or {}
    levels = _levels(policies)
    stand = stands(ref, [(one["name"], maybe(one, "id", str, at="a level's ")) for one in levels])
    now, request = _request(context, strict=strict)
    rows, gaps = _rows(question, policies, levels, stand, strict=strict)
    engine = GoogleEngine(Estate(stand.account, now, lambda kind: [r for r in rows if r.kind == kind], gaps), request)
    if stand.holder:  # of a kind that no scan collects as well
        engine.deciding.tree.resources.update({row.ref: row for row in rows if row.ref == stand.holder})
    try:
        action, target = engine.action(need(asked, "action", str, at="request.")), engine.target(ref)
    except NotFound as why:
        raise NotUnderstood(str(why)) from None
    decided = engine.decide(principal, action, target)
    if strict and decided.answer is Answer.UNKNOWN:
        _roles_are_listed(engine, stand, decided)
    return written(decided, strict=strict, silent=SILENT)


def _principal(text: str) -> Principal:
    key = key_of(text)
    kind = kind_of(key)
    if kind not in KINDS or not (":" in key or key in (ALL, AUTHENTICATED)):
        shown = "has been deleted" if text.strip().startswith("deleted:") else "is not spelled as user:… is"
        raise NotUnderstood(f"the principal {text[:80]!r} {shown}")
    return Principal(text, text, KINDS[kind])


def _request(context: Question, *, strict: bool) -> tuple[datetime, Request]:
    told = maybe(context, "request.time", str, at="context ")
    now = timestamp(told) if told is not None else LONG_AGO
    if now is None:
        raise NotUnderstood("context request.time is no time as 2026-11-22T10:00:00Z is")
    tags = maybe(context, "resource.tags", dict, at="context ")
    if tags is not None and not all(isinstance(one, str) for one in tags.values()):
        raise NotUnderstood("context resource.tags is not an object of texts")
    facts = {key: _fact(key, value) for key, value in context.items() if key not in ("request.time", "resource.tags")}
    return now, Request(facts, {} if tags is None and strict else tags, told is not None, strict)


def _fact(key: str, value: object) -> Any:
    """As conditions compute with it."""
    if isinstance(value, str):
        return exactly(value)
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [exactly(one) for one in value]
    raise NotUnderstood(f"context {key[:60]} is neither a text, a whole number, true, false nor a list of texts")


def _levels(policies: Question) -> list[Question]:
    levels = objects(policies, "levels", at="policies.")
    for one in levels:
        name = need(one, "name", str, at="a level's ")
        if name.partition("/")[0] not in LEVEL_KINDS or name.count("/") != 1 or name.endswith("/"):
            raise NotUnderstood(f"the level {name[:80]!r} is not named as projects/3 is")
    kinds = [LEVEL_KINDS[one["name"].partition("/")[0]] for one in levels]
    if sorted(kinds, key=(ORGANIZATION, FOLDER, PROJECT).index) != kinds or len({*map(_name, levels)}) != len(levels):
        raise NotUnderstood("policies.levels are not an organization, folders and a project, the highest first")
    if kinds.count(PROJECT) > 1 or kinds.count(ORGANIZATION) > 1:
        raise NotUnderstood("policies.levels have more than one project or organization")
    return levels


def _name(level: Question) -> str:
    return str(level["name"])


def _rows(
    question: Question, policies: Question, levels: list[Question], stand: Stands, *, strict: bool
) -> tuple[list[Resource], dict[str, tuple[Gap, ...]]]:
    """(what the line says, by kind what it leaves open)"""
    gaps: dict[str, tuple[Gap, ...]] = dict.fromkeys(ROLE_KINDS, (_gap("roles"),))
    if "levels" not in policies and not strict:
        gaps |= dict.fromkeys(LEVEL_KINDS.values(), (_gap("policies.levels"),))
    listed = lists_of_texts(question, "groups") or {}
    kept = [one for one in levels if one["name"] in stand.above]
    rows = [_level(one, stand, strict=strict) for one in kept]
    if not any(one.kind == PROJECT for one in rows):
        parent = {"parent": kept[-1]["name"] if kept else None}
        told = {RESOURCE: parent, POLICY: {}, DENY: {}, EFFECTIVE: {}, BOUND: []}
        rows.append(_row(PROJECT, _level_ref(f"projects/{stand.account}"), told))
    if stand.holder:
        rows.append(_held(policies, stand, _settings(question), strict=strict))
    rows = bounded(policies, rows)
    members = _members(_groups(listed, rows) if strict else listed)
    rows[0] = replace(rows[0], documents={**rows[0].documents, MEMBERS: members})
    rows += [
        _row(PREDEFINED, f"//iam.googleapis.com/{name}", {RESOURCE: {"includedPermissions": held}})
        for name, held in (lists_of_texts(question, "roles") or {}).items()
    ]
    return rows, gaps


def _level(told: Question, stand: Stands, *, strict: bool) -> Resource:
    name = told["name"]
    at = f"{name}: "
    domain, customer = (maybe(told, key, str, at=at) or "" for key in ("domain", "customer"))
    parent = stand.parent if name == stand.project else None
    sections: Sections = {
        RESOURCE: {"parent": parent}, EFFECTIVE: {}, BOUND: [], POLICIES: [],
        ORG: {"displayName": domain, "directoryCustomerId": customer},
    }  # fmt: skip
    if "bindings" in told or strict:
        sections[POLICY] = {"bindings": _bindings(told, at)}
    if "deny" in told or strict:
        sections[DENY] = dict(_denies(told, at))
    kind = LEVEL_KINDS[name.partition("/")[0]]
    return _row(kind, _level_ref(f"projects/{stand.number}" if kind == PROJECT else name), sections)


def _held(policies: Question, stand: Stands, about: Sections, *, strict: bool) -> Resource:
    """The resource, or that which it lies in, with the policy of its own."""
    told = maybe(policies, "resource", dict, at="policies.")
    sections: Sections = {RESOURCE: about}
    if told is not None or strict or "resource" in policies:
        sections[POLICY] = {"bindings": _bindings(told or {}, "policies.resource: ")}
    return _row(stand.kind, stand.holder, sections)


def _settings(question: Question) -> Sections:
    """Of a bucket.  Access lists of single objects have no place in a question, unless it says that there are some."""
    told = maybe(question, "settings", dict) or {}
    prevention = maybe(told, "publicAccessPrevention", str, at="settings.")
    uniform = maybe(told, "uniformBucketLevelAccess", bool, at="settings.")
    enabled = {"enabled": uniform is not False}
    return {"iamConfiguration": {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": enabled}}


def _bindings(told: Question, at: str) -> list[Question]:
    found = objects(told, "bindings", at)
    for one in found:
        need(one, "role", str, at=f"{at}a binding's ")
        texts(one, "members", f"{at}a binding's ")
        _condition(one, "condition", f"{at}a binding's ")
    return found


def _denies(told: Question, at: str) -> Iterator[tuple[str, Any]]:
    """Rules, {"denyRule": …}, and whole policies, {"rules": […]}."""
    alone: list[Question] = []
    for number, one in enumerate(objects(told, "deny", at), 1):
        rules = objects(one, "rules", f"{at}a deny policy's ") if "rules" in one else [one]
        for rule in rules:
            denied = need(rule, "denyRule", dict, at=f"{at}a deny rule's ")
            for key in ("deniedPrincipals", "exceptionPrincipals", "deniedPermissions", "exceptionPermissions"):
                texts(denied, key, f"{at}a deny rule's ")
            _condition(denied, "denialCondition", f"{at}a deny rule's ")
        if "rules" in one:
            name = maybe(one, "displayName", str, f"{at}a deny policy's ") or f"deny policy {number}"
            yield f"policy {number}", {"displayName": name, "rules": rules}
        else:
            alone.append(one)
    if alone:
        yield "rules", {"displayName": f"deny policy of {told['name']}", "rules": alone}


def _condition(told: Question, key: str, at: str) -> None:
    if (condition := maybe(told, key, dict, at)) is not None:
        need(condition, "expression", str, at=f"{at}condition: ")


def _groups(listed: dict[str, list[str]], rows: list[Resource]) -> dict[str, list[str]]:
    """Those that are named anywhere and not listed have no members."""
    known = {key_of(name) for name in listed}
    named = [one for members in listed.values() for one in members]
    named += [one for row in rows for one in _named(row)]
    missing = {key_of(one) for one in named if kind_of(key_of(one)) == "group"} - known
    return {**listed, **{one: [] for one in missing}}


def _named(row: Resource) -> Iterator[str]:
    for binding in row.documents.get(POLICY, {}).get("bindings", ()):
        yield from binding.get("members") or ()
    for policy in row.documents.get(DENY, {}).values():
        for rule in policy["rules"]:
            for key in ("deniedPrincipals", "exceptionPrincipals"):
                yield from rule["denyRule"].get(key) or ()


_MEMBER = {"group": "GROUP", "customer": "OTHER"}


def _members(groups: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for name, members in groups.items():
        key = key_of(name if ":" in name else f"group:{name}")
        if kind_of(key) != "group":
            raise NotUnderstood(f"groups: {name[:80]!r} is no group, as group:eng@shop.example is")
        told = found.setdefault(key.partition(":")[2], [])
        for one in members:
            kind, _, id_ = key_of(one).partition(":")
            if kind not in ("user", "serviceAccount", "group", "customer"):
                raise NotUnderstood(f"groups: {one[:80]!r} cannot be a member of a group")
            told.append({"preferredMemberKey": {"id": id_}, "type": _MEMBER.get(kind, "USER")})
    return found


def _roles_are_listed(engine: GoogleEngine, stand: Stands, decided: Decided) -> None:
    """Those that could turn the answer.  Raises NotUnderstood."""
    tree = engine.deciding.tree
    own = tree.level(stand.holder) if stand.holder else None
    for level in (*tree.chain, *((own,) if own else ())):
        for one in level.allows:
            if one.role is not None and one.role.unread in decided.unknown_because:
                raise NotUnderstood(f"{one.role.name[:120]} is bound at {level.name[:120]} and not listed under roles")


def _level_ref(name: str) -> str:
    return f"//{MANAGER}/{name}"


def _row(kind: str, ref: str, sections: Sections) -> Resource:
    if kind in LEVEL_KINDS.values():
        sections = {MEMBERS: {}, **sections}
    name = ref.rpartition("/")[2]
    return Resource(kind, ref, name, "", Unit("", ""), sections, dict.fromkeys((*sections, POLICY, DENY), "the line"))


def _gap(section: str) -> Gap:
    return Gap(section, "", State.SKIPPED, "not given", "")
