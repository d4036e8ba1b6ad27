"""The smallest words of the look: icon, severity, outcome, state, time, reference, count."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from django.template import Library
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from posture.queries.clouds import RUNS

register = Library()

SEVERITIES = ("critical", "high", "medium", "low", "info")

# Findings store small numbers; a test holds these to posture.models.findings.
NUMBERED = {
    "severity": {5: "critical", 4: "high", 3: "medium", 2: "low", 1: "info"},
    "outcome": {1: "fail", 2: "unknown", 3: "pass", 4: "not_applicable"},
    "state": {1: "open", 2: "resolved", 3: "gone", 4: "waived"},
    "transition": {1: "opened", 2: "changed", 3: "lost", 4: "seen", 5: "resolved", 6: "gone"},
}

# value -> (word, icon, look); the four looks differ by shape, word and colour
OUTCOMES = {
    "fail": ("Failed", "fail", "filled"),
    "pass": ("Passed", "pass", "quiet"),
    "unknown": ("Unknown", "unknown", "hatched"),
    "not_applicable": ("Not applicable", "not-applicable", "hollow"),
}

STATES = {
    # findings
    "open": ("Open", "open", "hollow"),
    "resolved": ("Resolved", "resolved", "quiet"),
    "gone": ("Gone", "gone", "hollow"),
    "waived": ("Waived", "waived", "hollow"),
    "lost_sight": ("Lost sight of", "unknown", "hatched"),
    # scans
    "waiting": ("Waiting", "clock", "hollow"),
    "running": ("Running", "busy", "busy"),
    "complete": ("Complete", "resolved", "quiet"),
    "incomplete": ("Incomplete", "unknown", "hatched"),
    "failed": ("Failed", "warning", "bad"),
    "done": ("Done", "resolved", "quiet"),
    "cancelled": ("Cancelled", "stop", "hollow"),
    # accounts and schedules
    "active": ("Active", "resolved", "quiet"),
    "left": ("Left", "gone", "hollow"),
    "paused": ("Paused", "pause", "hollow"),
    "sample": ("Sample data", "note", "busy"),
    # permissions
    "allowed": ("Allowed", "pass", "quiet"),
    "denied": ("Denied", "fail", "filled"),
    "not_proven": ("Not proven", "unknown", "hatched"),
    "unreachable": ("Not reached", "warning", "hatched"),
    # changes
    "new": ("New", "plus", "busy"),
    "added": ("Added", "plus", "hollow"),
    "changed": ("Changed", "compare", "hollow"),
    "removed": ("Removed", "gone", "hollow"),
}


def plain(value: object, kind: str = "") -> str:
    """The name of a value that may be an enum member, or the number a finding stores for a `kind` of NUMBERED."""
    bare = value.value if isinstance(value, Enum) else value
    return NUMBERED.get(kind, {}).get(bare, str(bare)).lower() if isinstance(bare, int) else str(bare)


def part(thing: Any, name: str, default: Any = None) -> Any:
    """A named part of a mapping or of an object: templates may pass either."""
    if isinstance(thing, Mapping):
        return thing.get(name, default)
    return getattr(thing, name, default)


def spoken(value: str) -> str:
    return value.replace("_", " ").capitalize()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "search" %}` is decoration; with a label it is read aloud: `{% icon "warning" "Attention" %}`."""
    href = f"{static('posture/icons/sprite.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag
def severity(value: object) -> SafeString:
    """`{% severity finding.severity %}`: critical, high, medium, low or info (string, enum, stored number)."""
    name = plain(value, "severity").lower()
    if name not in SEVERITIES:
        return format_html('<span class="sev">{}</span>', spoken(name))
    return format_html('<span class="sev sev-{}">{}{}</span>', name, icon(name), spoken(name))


def badge(kind: str, known: Mapping[str, tuple[str, str, str]], name: str) -> SafeString:
    word, shape, look = known.get(name, (spoken(name), "dot", "hollow"))
    return format_html('<span class="{} is-{}">{}{}</span>', kind, look, icon(shape), word)


@register.simple_tag
def outcome(value: object) -> SafeString:
    """`{% outcome finding.outcome %}`: fail, pass, unknown or not_applicable."""
    return badge("out", OUTCOMES, plain(value, "outcome").lower())


@register.simple_tag
def state(value: object) -> SafeString:
    """`{% state scan.state %}`: a chip for the state of a finding, scan, account or schedule (see STATES)."""
    return badge("chip", STATES, plain(value, "state").lower())


def relative(at: datetime, now: datetime) -> str:
    """ "3 hours ago", "in 2 days", "just now"; past thirty days the date.  app.js says the same words."""
    seconds = round((now - at).total_seconds())
    away = abs(seconds)
    if away < 45:
        return "just now"
    if away >= 30 * 86400:
        return f"{at.day} {at:%b %Y}"
    size, word = next(((s, w) for s, w in ((86400, "day"), (3600, "hour")) if away >= s), (60, "minute"))
    n = max(1, away // size)
    text = f"{n} {word}{'' if n == 1 else 's'}"
    return f"in {text}" if seconds < 0 else f"{text} ago"


@register.simple_tag
def when(
    at: datetime | date | None, never: str = "never", *, full: bool = False, now: datetime | None = None
) -> SafeString:
    """`{% when finding.opened_at %}`: relative words, ISO 8601 in UTC on hover; `full=True` shows both."""
    if at is None:
        return format_html('<span class="soft">{}</span>', never)
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at.day} {at:%b %Y}")
    if timezone.is_naive(at):
        at = at.replace(tzinfo=UTC)
    at = at.astimezone(UTC)
    exact = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    words = format_html(
        '<time datetime="{0}" title="{0}" data-rel>{1}</time>', exact, relative(at, now or timezone.now())
    )
    return format_html('{} <small class="soft">{} UTC</small>', words, f"{at:%Y-%m-%d %H:%M}") if full else words


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """`{{ scan.seconds|duration }}`: "0.8 s", "42 s", "3 min 20 s", "2 h 5 min"."""
    if seconds is None:
        return "–"
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if total < 10:
        return f"{total:.1f} s"
    if total < 60:
        return f"{total:.0f} s"
    minutes, rest = divmod(round(total), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def number(value: float | None) -> str:
    """`{{ n|number }}`: "12,345"; a missing number is a dash, never 0."""
    return "–" if value is None else f"{value:,}"


@register.filter
def count(value: int, words: str) -> str:
    """`{{ n|count:"finding" }}`: "1 finding", "1,204 findings"; irregular: `{{ n|count:"policy,policies" }}`."""
    one, _, many = words.partition(",")
    return f"{value:,} {one if value == 1 else many or one + 's'}"


@register.filter
def shorten(text: object, room: int = 44) -> str:
    """`{{ ref|shorten }}`: the middle of a long reference left out; both ends say most about it."""
    whole = str(text)
    if len(whole) <= room:
        return whole
    tail = min(room - 14, max(len(whole) - whole.rfind(":", 0, -12), room * 3 // 5))
    head = room - tail - 1
    return f"{whole[:head]}…{whole[-tail:]}"


@register.simple_tag
def arn(ref: object, room: int = 44) -> SafeString:
    """`{% arn resource.ref %}`: shortened in the middle, whole on focus and hover, with a copy button."""
    whole = str(ref)
    short = shorten(whole, room)
    if short == whole:
        return format_html('<span class="arn"><span>{}</span>{}</span>', whole, copy_button(whole))
    return format_html(
        '<span class="arn"><span tabindex="0" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="arn-full">{0}</span></span>{2}</span>',
        whole, short, copy_button(whole),
    )  # fmt: skip


@register.simple_tag
def copy_button(text: object, label: str = "Copy") -> SafeString:
    """`{% copy_button text %}`: shown only where JavaScript runs."""
    return format_html(
        '<button type="button" class="btn quiet small" data-js data-copy="{}" aria-label="{}" title="{}">{}</button>',
        text, label, label, icon("copy"),
    )  # fmt: skip


@register.filter
def runs_code(kind: str) -> bool:
    """`{{ resource.kind|runs_code }}`: whether things of this kind have a page as functions have."""
    return kind in RUNS


@register.filter
def pasted(document: object) -> str:
    """`{{ policy|pasted }}`: JSON, as people put it into a file."""
    return json.dumps(document, indent=2, default=str)


@register.filter
def of(known: Mapping[Any, Any], key: Any) -> Any:
    """`{{ ids|of:ref }}`: what a mapping has for a key, or nothing."""
    return known.get(key)
