"""Documents as evidence: formatted JSON with the deciding lines marked and anchored, and the difference of two.

Limits: past MOST_LINES lines only the marked ones and those around them are sent, and the page says so;
what is nested deeper than DEEPEST is written on one line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .atoms import part

register = Library()

MOST_LINES = 25_000
DEEPEST = 32
AROUND = 3  # lines shown on each side of a marked or changed one
WHOLE = 60  # a document of so many lines is never folded
SMALL_FOLD = 6  # hiding fewer lines than this hides more than it helps
ABSENT = object()

KEY = '<i>"{}"</i>: '


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: where it stands, what it says (not yet escaped), and its role in a difference."""

    depth: int
    pointer: str
    key: str | None
    text: str
    quoted: bool = False
    tail: str = ""
    opens: bool = True
    sign: str = ""

    def html(self) -> SafeString:
        key = format_html(KEY, self.key) if self.key is not None else ""
        text = format_html("<samp>{}</samp>", self.text) if self.quoted else self.text
        return format_html("{}{}{}{}", "  " * min(self.depth, 9), key, text, self.tail)


def written(value: Any) -> tuple[str, bool]:
    """A scalar, or something nested too deeply, on one line; and whether it is a string."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False), True
    try:
        return json.dumps(value, ensure_ascii=False, default=str), False
    except (RecursionError, ValueError):
        return "… nested too deeply to show", False


def inside(pointer: str, token: object) -> str:
    return f"{pointer}/{str(token).replace('~', '~0').replace('/', '~1')}"


def lines(value: Any, pointer: str = "", depth: int = 0, key: str | None = None, comma: str = "") -> Iterator[Line]:
    """A JSON value as printed lines, each with the pointer (RFC 6901) of what stands on it."""
    is_map = isinstance(value, Mapping)
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if not (is_map or is_list) or not value or depth >= DEEPEST:
        text, quoted = written(value)
        yield Line(depth, pointer, key, text, quoted, comma)
        return
    yield Line(depth, pointer, key, "{" if is_map else "[")
    items = list(value.items()) if is_map else [(n, item) for n, item in enumerate(value)]
    for n, (token, item) in enumerate(items, 1):
        yield from lines(
            item, inside(pointer, token), depth + 1, str(token) if is_map else None, "," if n < len(items) else ""
        )
    yield Line(depth, pointer, None, "}" if is_map else "]", tail=comma, opens=False)


def printed(line: Line, number: int | str, prefix: str, tag: str, sign: str) -> SafeString:
    named = line.opens and line.pointer
    anchor = format_html(' id="{}"', prefix + quote(line.pointer, safe="/~:@!$&'()*+,;=-._")) if named else ""
    return format_html(
        '<{0} class="l d{1}"{2} data-n="{3}"{4}>{5}</{0}>',
        tag, min(line.depth, 9), anchor, number, format_html(' data-s="{}"', sign) if sign else "", line.html(),
    )  # fmt: skip


def wanted(important: Sequence[bool], whole: int) -> list[bool]:
    """Which lines stand open: all of a short document; else the important ones with their neighbours."""
    if len(important) <= whole:
        return [True] * len(important)
    if not any(important):
        return [n < WHOLE * 2 // 3 for n in range(len(important))]
    shown = [False] * len(important)
    for n, yes in enumerate(important):
        if yes:
            for near in range(max(0, n - AROUND), min(len(important), n + AROUND + 1)):
                shown[near] = True
    start = 0
    for open_, run in groupby(list(shown)):
        length = len(list(run))
        if not open_ and length < SMALL_FOLD:
            shown[start : start + length] = [True] * length
        start += length
    return shown


def folded(rows: Sequence[tuple[Line, int | str, str, str]], prefix: str, whole: int = WHOLE) -> SafeString:
    """Rows of (line, number, tag, sign), where plain runs far from anything important are folded away."""
    shown = wanted([tag != "span" for _, _, tag, _ in rows], whole)
    pieces = []
    for open_, run in groupby(zip(shown, rows, strict=True), key=lambda pair: pair[0]):
        some = [row for _, row in run]
        if not open_ and len(rows) > MOST_LINES:
            pieces.append(format_html('<span class="cutoff">{} lines are not shown here</span>', f"{len(some):,}"))
            continue
        body = format_html_join("", "{}", ((printed(line, n, prefix, tag, sign),) for line, n, tag, sign in some))
        if not open_:
            words = f"{len(some):,} more lines"
            body = format_html('<details class="fold"><summary>{}</summary>{}</details>', words, body)
        pieces.append(body)
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def parsed(document: Any) -> Any:
    """The value of a document that may still be text; text that is no JSON stays a text."""
    if isinstance(document, str | bytes):
        try:
            return json.loads(document)
        except (ValueError, RecursionError):
            return document
    return document


def pointers(marks: Iterable[Any]) -> list[str]:
    """`#/Statement/2`, `/Statement/2`, or things with a `pointer`, as plain pointers."""
    found = (mark if isinstance(mark, str) else part(mark, "pointer", "") for mark in marks)
    return [unquote(pointer[1:]) if pointer.startswith("#") else pointer for pointer in found]


def proof_lines(document: Any, marks: Sequence[str], prefix: str = "") -> tuple[SafeString, list[str]]:
    """The document as HTML lines, and the marked pointers that are not in it (a setting that is missing)."""
    printed_lines = list(lines(parsed(document)))
    known = {line.pointer for line in printed_lines}
    exact, below = set(marks), tuple(f"{mark}/" for mark in marks)
    rows: list[tuple[Line, int | str, str, str]] = []
    for n, line in enumerate(printed_lines, 1):
        marked = line.pointer in exact or line.pointer.startswith(below)
        rows.append((line, n, "mark" if marked else "span", "▸" if line.pointer in exact and line.opens else ""))
    return folded(rows, prefix), [mark for mark in marks if mark not in known]


@register.inclusion_tag("_components/proof.html")
def proof(
    document: Any, marks: Iterable[Any] = (), title: str = "", source: Any = None, prefix: str = ""
) -> dict[str, Any]:
    """`{% proof document finding.because title="Resource policy" source=answer %}`: JSON, deciding lines marked.

    `marks`: JSON pointers (`#/Statement/2/Principal`) or things with a `pointer`; each line can be linked to by its
    pointer.  `source`: {"call", "region", "at", "caller"}.  `prefix` keeps anchors apart when a page shows several.
    """
    body, missing = proof_lines(document, pointers(marks), prefix)
    return {"body": body, "missing": missing, "title": title, "source": source}


def same(old: Any, new: Any) -> bool:
    return written(old) == written(new)


def merged(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Items of two lists side by side: (index, old or ABSENT, new or ABSENT)."""
    if len(old) + len(new) > 2000:  # matching is quadratic: side by side by index
        for n in range(max(len(old), len(new))):
            yield n, old[n] if n < len(old) else ABSENT, new[n] if n < len(new) else ABSENT
        return
    texts = [[json.dumps(v, sort_keys=True, default=str) for v in items] for items in (old, new)]
    for kind, a, b, c, d in SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            for n in range(max(b - a, d - c)):
                yield c + n, old[a + n] if a + n < b else ABSENT, new[c + n] if c + n < d else ABSENT
        else:
            yield from ((a + n, old[a + n], ABSENT) for n in range(b - a))
            yield from ((c + n, ABSENT, new[c + n]) for n in range(d - c))


def differing(
    old: Any, new: Any, pointer: str = "", depth: int = 0, key: str | None = None, comma: str = ""
) -> Iterator[Line]:
    """The lines of two documents as one: unsigned where they agree, "-" only in the old, "+" only in the new."""
    maps = isinstance(old, Mapping) and isinstance(new, Mapping)
    both = maps or (isinstance(old, list) and isinstance(new, list))
    if not both or depth >= DEEPEST or same(old, new):
        if old is not ABSENT and not same(old, new):
            yield from (replace(line, sign="-", opens=False) for line in lines(old, pointer, depth, key, comma))
        if new is not ABSENT:
            sign = "" if same(old, new) else "+"
            yield from (replace(line, sign=sign) for line in lines(new, pointer, depth, key, comma))
        return
    yield Line(depth, pointer, key, "{" if maps else "[")
    if maps:
        pairs = [(k, old.get(k, ABSENT), new.get(k, ABSENT)) for k in dict.fromkeys((*old, *new))]
    else:
        pairs = list(merged(old, new))
    for n, (token, before, after) in enumerate(pairs, 1):
        rest = "," if n < len(pairs) else ""
        yield from differing(before, after, inside(pointer, token), depth + 1, str(token) if maps else None, rest)
    yield Line(depth, pointer, None, "}" if maps else "]", tail=comma, opens=False)


@register.inclusion_tag("_components/diff.html")
def json_diff(old: Any, new: Any, title: str = "", prefix: str = "new") -> dict[str, Any]:
    """`{% json_diff before.document after.document "Since 12 Nov" %}`: what went and what came, line by line."""
    tags = {"+": "ins", "-": "del", "": "span"}
    rows: list[tuple[Line, int | str, str, str]] = []
    n = 0
    for line in differing(parsed(old), parsed(new)):
        n += line.sign != "-"
        rows.append((line, "" if line.sign == "-" else n, tags[line.sign], line.sign.replace("-", "−")))
    signs = [line.sign for line, *_ in rows]
    return {"body": folded(rows, prefix, 0), "title": title, "added": signs.count("+"), "removed": signs.count("-")}


@register.inclusion_tag("_components/code.html")
def code_block(text: str, title: str = "") -> dict[str, Any]:
    """`{% code_block fix.cli "AWS CLI" %}`: text to copy."""
    return {"text": text, "title": title}
