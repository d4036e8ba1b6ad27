"""The resource of a question: found by name, with the levels whose policies speak of it and what conditions know of it.

Limits: access lists of single objects are not read; of a bucket that has them, what they may give is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from scanners.access.explorer import NotFound, Target
from scanners.access.gcp.bindings import MANAGER
from scanners.access.gcp.cel import Context
from scanners.access.gcp.kinds import (
    ACCOUNT,
    BUCKET,
    BY_ID,
    BY_NUMBER,
    FULL_NAME,
    FUNCTION,
    LEVELS,
    LISTED,
    ON_THE_WHOLE,
    RECOGNISED,
    SECOND,
    SERVICE,
    WITHIN,
    own_name,
    path_of,
    service_of,
)
from scanners.access.gcp.members import Belongs
from scanners.access.gcp.tree import Level, Tree, email_of, number_of, told
from scanners.access.gcp.values import Text
from scanners.model import Resource, Unread

ANY = Target("*", "any resource", "any")
MOST_NAMED = 6  # of several that a name may mean


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where a question is put: the levels whose bindings count, and those whose deny rules do; the nearest first."""

    levels: tuple[Level, ...]
    unread: tuple[str, ...] = ()
    unread_denies: tuple[str, ...] = ()
    private: Belongs | None = None  # whether bindings to everybody have no effect
    guards: tuple[Level, ...] = ()  # of the levels, those that have deny rules


def target(text: str, tree: Tree, account: str) -> Target:
    """By full name, by a name that only one has, or by an e-mail address.  Raises NotFound."""
    text = text.strip()
    if text in ("", "*"):
        return ANY
    if text.startswith("gs://"):
        bucket, _, inside = text.removeprefix("gs://").partition("/")
        text = f"//storage.googleapis.com/{bucket}" + (f"/objects/{inside}" if inside else "")
    if text.startswith("//"):
        return _by_ref(text, tree, account)
    if text in (account, f"projects/{account}", tree.project.name, number_of(tree.project)):
        return _of_level(tree.project)
    for level in tree.chain:
        if text == level.name:
            return _of_level(level)
    found = [
        one
        for one in tree.resources.values()
        if text in (one.name, path_of(one.ref)) or (one.kind == ACCOUNT and email_of(one) == text)
    ]
    if len(found) > 1:
        named = ", ".join(one.ref for one in found[:MOST_NAMED])
        raise NotFound(f"{text!r} is the name of {len(found)} resources: {named}")
    if not found:
        missing = next(iter(tree.unread_kinds.values()), "")
        raise NotFound(f"No resource of the project is called {text!r}" + (f"; {missing}" if missing else ""))
    return of_resource(found[0], tree)


def _of_level(level: Level) -> Target:
    return Target(level.ref, level.name, level.kind, level.resource is not None)


def of_resource(resource: Resource, tree: Tree) -> Target:
    level = tree.level(resource.ref)
    doubts = level.unread if level else ()
    return Target(resource.ref, resource.name, resource.kind, True, doubts, tuple(_notes(resource)))


def _notes(resource: Resource) -> Iterator[str]:
    try:
        if resource.kind == BUCKET:
            about = told(resource, "iamConfiguration")
            if about["uniformBucketLevelAccess"]["enabled"].value is not True:
                yield "Single objects of the bucket may have access lists of their own, which are not read"
            if about["publicAccessPrevention"].value == "enforced":
                yield "Public access prevention is enforced: bindings to everybody have no effect"
        if resource.kind == SERVICE and told(resource, "invokerIamDisabled").value is True:
            yield "The check of who calls the service is switched off: anybody who reaches it may call it"
    except Unread:
        return


def _by_ref(ref: str, tree: Tree, account: str) -> Target:
    levels = {f"//{MANAGER}/projects/{account}": tree.project, **{one.ref: one for one in tree.chain}}
    if ref in levels:
        return _of_level(levels[ref])
    ref = _normal(ref, tree, account)
    if ref in tree.resources:
        return of_resource(tree.resources[ref], tree)
    name = ref.rpartition("/")[2]
    within = next(tree.parents(ref), None)
    if within:
        return Target(ref, name, _type_within(within, ref), False, within.unread)
    steps = path_of(ref).split("/")
    if steps[0] == "projects" and len(steps) > 2 and steps[1] in (account, number_of(tree.project)):
        return Target(ref, name, "", False, (f"{name} was not seen, so a policy of its own was not read",))
    return Target(ref, name, "", False, (f"{name} is not of this project, so what stands above it was not read",))


def _normal(ref: str, tree: Tree, account: str) -> str:
    """Service accounts by e-mail address come to their own names, buckets lose the way they are named in conditions;
    the project is named by its number or by its id, as the inventory does.
    """
    path = path_of(ref)
    if service_of(ref) == "storage.googleapis.com" and path.startswith("projects/_/buckets/"):
        return f"//storage.googleapis.com/{path.removeprefix('projects/_/buckets/')}"
    if service_of(ref) == "iam.googleapis.com" and "@" in ref:
        name = ref.rpartition("/")[2]
        return next((one.ref for one in tree.resources.values() if one.kind == ACCOUNT and email_of(one) == name), ref)
    number = number_of(tree.project)
    for own, other in ((account, number), (number, account)):
        spelled = ref.replace(f"/projects/{own}/", f"/projects/{other}/", 1)
        if own and other and (spelled in tree.resources or next(tree.parents(spelled), None)):
            return spelled
    return ref


def _type_within(level: Level, ref: str) -> str:
    step = ref[len(level.ref) :].strip("/").partition("/")[0]
    found = WITHIN.get((level.kind, step))
    return found.type if found else ""


def scene(asked: Target, permission: str, tree: Tree) -> Scene:
    """The levels of a target.  Of "any", all that is in the project, and what stands above it."""
    chain = tree.chain
    above = tuple(why for one in chain for why in one.unread)
    denied = tuple(why for one in chain for why in one.unread_denies)
    if asked.ref == ANY.ref:
        own = tuple(tree.policed())
        within = (why for one in own for why in (*one.unread, *listed(one, permission)))
        unread = (*within, *tree.unread_kinds.values())
        return Scene((*own, *chain), (*unread, *above, *tree.unread), (*denied, *tree.unread))
    for level in chain:
        if level.ref == asked.ref:
            return _of_chain(level, tree)
    ref, doubts = _checked_at(asked, permission, tree)
    mine = tree.level(ref)
    own = tuple(one for one in (mine, *tree.parents(ref)) if one)
    if not own and any("not of this project" in why for why in doubts):
        return Scene((), doubts, (*doubts, *denied))
    within = (why for one in own for why in (*one.unread, *listed(one, permission)))
    unread = tuple(dict.fromkeys((*doubts, *within, *above, *tree.unread)))
    return Scene((*own, *chain), unread, (*denied, *tree.unread))


def listed(level: Level, permission: str) -> Iterator[str]:
    """What access lists of the objects of a bucket may give, where it has them."""
    if level.kind != BUCKET or permission not in LISTED or level.resource is None:
        return
    try:
        uniform = told(level.resource, "iamConfiguration", "uniformBucketLevelAccess", "enabled").value is True
    except Unread:
        uniform = False
    if not uniform:
        yield f"access lists of the objects of {level.name} are not read"


def _of_chain(level: Level, tree: Tree) -> Scene:
    doubts: tuple[str, ...] = ()
    if level is tree.project:
        levels = tree.chain
    elif level is tree.organization:
        levels = (level,)
    else:
        more, doubts = tree.above(level)
        levels = (level, *more)
    unread = tuple(why for one in levels for why in one.unread)
    return Scene(levels, (*unread, *doubts, *tree.unread),
                 (*(why for one in levels for why in one.unread_denies), *doubts, *tree.unread))  # fmt: skip


def _checked_at(asked: Target, permission: str, tree: Tree) -> tuple[str, tuple[str, ...]]:
    """A function of the second generation is called by way of its service, where that permission is checked."""
    resource = tree.resources.get(asked.ref)
    if resource is None or resource.kind not in (FUNCTION, SECOND) or not permission.startswith("run."):
        return asked.ref, asked.doubts
    try:
        if told(resource, "environment").value != "GEN_2":
            return asked.ref, asked.doubts
        name = told(resource, "serviceConfig", "service").value
    except Unread:
        name = None
    ref = f"//run.googleapis.com/{name}" if isinstance(name, str) else ""
    if ref in tree.resources:
        found = tree.level(ref)
        return ref, found.unread if found else ()
    return ref or asked.ref, (f"the service that {asked.name} runs as was not seen, so its policy was not read",)


def context(asked: Target, permission: str, tree: Tree, account: str, now: datetime) -> Context:
    """What conditions know of a request for a permission on a target."""
    return replace(_context(asked, permission, tree, account, now), tags=tags_at(asked.ref, tree))


def tags_at(ref: str, tree: Tree) -> Mapping[str, str] | None:
    """None where they were not read: of levels above the project, of what was not seen, of any resource."""
    if ref == ANY.ref:
        return None
    known = ref == tree.project.ref or ref in tree.resources or next(tree.parents(ref), None) is not None
    return tree.tags.of(ref) if known else None


def _context(asked: Target, permission: str, tree: Tree, account: str, now: datetime) -> Context:
    service = permission.partition(".")[0]
    if asked.ref == ANY.ref or (asked.kind in LEVELS and service != "resourcemanager"):
        domain = f"{next((full for full, short in FULL_NAME.items() if short == service), service)}.googleapis.com"
        facts = {"resource.service": Text(((domain, True),))} if domain in RECOGNISED else {}
        return Context(now, facts)
    domain = service_of(asked.ref)
    if domain not in RECOGNISED:
        return Context(now)
    names = tuple(_names(own_name(asked.ref), domain, account, number_of(tree.project)))
    inside = None if permission in ON_THE_WHOLE else WITHIN.get((asked.kind, permission.split(".")[1]))
    facts = {
        "resource.service": Text(((domain, True),)),
        "resource.name": Text(tuple((f"{name}{inside.step}", False) if inside else (name, True) for name in names)),
    }
    if kind := inside.type if inside else asked.kind:
        facts["resource.type"] = Text(((kind, True),))
    return Context(now, facts)


def anything_within(level: Level, tree: Tree, account: str, now: datetime) -> Context:
    """What conditions know of a request for something at a level, or within it."""
    domain, tags = service_of(level.ref), None if level.kind in LEVELS else tags_at(level.ref, tree)
    if level.kind in LEVELS or domain not in RECOGNISED:
        return Context(now, tags=tags)
    names = _names(own_name(level.ref), domain, account, number_of(tree.project))
    facts = {"resource.service": Text(((domain, True),)), "resource.name": Text(tuple((one, False) for one in names))}
    return Context(now, facts, tags)


def _names(name: str, domain: str, account: str, number: str) -> Iterator[str]:
    """With the project's id and with its number, where it is not known which of them the service uses."""
    first, _, rest = name.partition("/")
    own, _, rest = rest.partition("/")
    if first != "projects" or own not in (account, number) or not number:
        yield name
        return
    service, tail = domain.partition(".")[0], f"/{rest}" if rest else ""
    if service not in BY_NUMBER:
        yield f"projects/{account}{tail}"
    if service not in BY_ID:
        yield f"projects/{number}{tail}"
