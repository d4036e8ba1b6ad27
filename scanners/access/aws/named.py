"""A right-sized policy that names what was used, for actions of which records of CloudTrail name it all.

A suggestion beside the policy, never instead of it: what the files do not reach back to may have been something else.
A statement is split: actions that records name everything of go to statements over what they were used on, as far as
the statement gave it; all others stay where they are.  The engine then checks that nothing is wider, that every use is
answered as before, and that all other actions are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.access.aws.actions import spelling
from scanners.access.aws.patterns import covers, overlap, parse
from scanners.access.aws.principals import Principal
from scanners.access.aws.proving import kept, prove
from scanners.access.aws.recorded import Told
from scanners.access.aws.requests import Layers
from scanners.access.explorer import SizedOn


def named(who: Principal, document: dict[str, Any], trail: Told) -> SizedOn | None:
    """Of a right-sized policy; None where no statement can be told more closely."""
    uses = {
        action: tuple(sorted(use.on))
        for action, use in trail.activity.uses.items()
        if action in trail.complete and use.sure and use.named
    }
    narrowed = set[str]()
    statements = [made for one in document["Statement"] for made in _split(one, uses, narrowed)]
    if not narrowed or not statements:
        return None
    closer = {**document, "Statement": statements}
    before, after = Layers.of(identity=[document]), Layers.of(identity=[closer])
    unchanged = prove(who, before, after, None, frozenset(narrowed))
    same = kept(who, before, after, {action: uses[action] for action in narrowed})
    if not (unchanged.holds and same.holds):
        return None
    found = tuple((spelling(action), uses[action]) for action in sorted(narrowed))
    return SizedOn(closer, "low" if trail.weak else "medium", found, (unchanged.asked + same.asked, True))


def _split(statement: dict[str, Any], uses: dict[str, tuple[str, ...]], narrowed: set[str]) -> Iterator[dict[str, Any]]:
    """What is narrowed is written down in `narrowed`."""
    given = statement.get("Resource")
    if statement["Effect"] != "Allow" or "Action" not in statement or not given or any("${" in one for one in given):
        yield statement
        return
    rest, groups = list[str](), dict[tuple[str, ...], list[str]]()
    for text in statement["Action"]:
        part = _part(given, uses.get(text.lower(), ()))
        if part is None:
            rest.append(text)
        else:
            narrowed.add(text.lower())
            groups.setdefault(part, []).append(text)
    if rest:
        yield {**statement, "Action": rest}
    plain = {name: value for name, value in statement.items() if name != "Sid" or (not rest and len(groups) == 1)}
    for part, texts in groups.items():
        if part:
            yield {**plain, "Action": texts, "Resource": list(part)}


def _part(given: list[str], used: tuple[str, ...]) -> tuple[str, ...] | None:
    """What was used of what the statement gives; empty: nothing of it.  None: it says no more than the statement."""
    wide = [parse(text) for text in given]
    found = []
    for arn in used:
        one = parse(arn)
        if any(covers(pattern, one) for pattern in wide):
            found.append(arn)
        elif any(overlap(pattern, one) for pattern in wide):
            return None
    if not used or set(given) <= set(found):
        return None
    return tuple(found)
