"""Whether what is possible layer by layer can come true at once: some completion of the unknown keys must allow it.

An Allow that wants `o-1` and a Deny that wants `o-1` are possible each, and never together.  The values that the
statements name, what stands beside them, absence and a value that nobody names stand for all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from scanners.access.aws.conditions import Atom
from scanners.access.aws.context import ABSENT, PRESENT, UNKNOWN, Context, Known, Maybe
from scanners.access.aws.explain import speaking
from scanners.access.aws.operators import OPERATORS, moment, network, number
from scanners.access.aws.weigh import bounded_by, weigh
from scanners.access.truth import MAYBE

if TYPE_CHECKING:
    from scanners.access.aws.decide import Decision

_MOST = 2_000  # completions that are tried
_NOBODY = "\u2042"


def achievable(decision: Decision) -> bool:
    """False only when every completion was tried, and none allows it."""
    if decision.sure or not decision.possible or not decision.request.asked.exact:
        return decision.possible
    atoms, whole = _open(decision)
    keys = {atom.key: None for atom in atoms}
    choices = [_choices(key, [a for a in atoms if a.key == key], decision.context) for key in keys]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > _MOST or not whole:
        return True
    for values in product(*choices):
        context = decision.context.with_facts(dict(zip(keys, values, strict=True)))
        if bounded_by(weigh(decision.request, decision.layers, context))[1]:
            return True
    return False


def _open(decision: Decision) -> tuple[list[Atom], bool]:
    """(the conditions that are not decided, whether nothing else is open)."""
    context, request = decision.context, decision.request
    atoms, whole = [], True
    for *_, rule in speaking(decision):
        reached = rule.resources.reach(request.asked, context, wildcard_only=bool(request.wildcard_only))
        whole = whole and rule.flaw is None and MAYBE not in reached
        for atom in rule.condition.atoms:
            if atom.evaluate(context) == MAYBE:
                atoms.append(atom)
                whole = whole and not any("${" in value for value in atom.values)
    return atoms, whole


def _choices(key: str, atoms: list[Atom], context: Context) -> list[Known]:
    known = context.look(key)
    if isinstance(known, Maybe):
        return [ABSENT, known.value]
    if known not in (PRESENT, UNKNOWN):
        return [known]
    texts = list(dict.fromkeys(text for atom in atoms for text in _texts(atom)))
    found: list[Known] = [*texts, _NOBODY]
    if any(atom.quantifier for atom in atoms):
        found += [*((text,) for text in texts), tuple(texts), (*texts, _NOBODY)]
    return [ABSENT, *found] if known is UNKNOWN else found


def _texts(atom: Atom) -> Iterator[str]:
    """Values on either side of what a condition draws its line at."""
    operator = OPERATORS.get(atom.name)
    for value in atom.values if operator else ():
        yield value.replace("*", "").replace("?", "x")
        yield value.replace("*", _NOBODY).replace("?", "x")
    if operator is None:
        return
    if operator.read is number:
        yield from (str(read + step) for v in atom.values if (read := number(v)) is not None for step in (-1, 1))
    elif operator.read is moment:
        for value in atom.values:
            if (read := moment(value)) is not None:
                yield from (str(int(read) + step) for step in (-1, 1))
    elif operator.read is network:
        yield from (value.partition("/")[0] for value in atom.values)
        yield from ("192.0.2.254", "2001:db8:ffff::1")
    elif atom.name == "bool":
        yield from ("true", "false")
