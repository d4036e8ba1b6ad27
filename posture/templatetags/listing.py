"""Lists: filters that live in the URL, sortable heads, keyset pages, empty states, timelines."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.template import Context, Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .atoms import icon, part, plain

register = Library()

CURSORS = ("after", "before", "page")  # where one is in a list: dropped when the question changes

# kind of a transition -> (icon, word)
TRANSITIONS = {
    "opened": ("open", "Opened"),
    "reopened": ("open", "Opened again"),
    "changed": ("compare", "Changed"),
    "lost": ("unknown", "Lost sight of"),
    "seen": ("search", "Seen"),
    "lost_sight": ("unknown", "Lost sight of"),
    "seen_again": ("search", "Seen again"),
    "resolved": ("resolved", "Resolved"),
    "gone": ("gone", "Gone"),
    "waived": ("waived", "Waived"),
    "unwaived": ("open", "Waiver ended"),
    "commented": ("edit", "Comment"),
}


def asked(context: Context) -> QueryDict:
    """A copy of the page's query, without its place in the list."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name in CURSORS:
        query.pop(name, None)
    return query


def address(query: QueryDict) -> str:
    text = query.urlencode()
    return f"?{text}" if text else "?"


def toggled(query: QueryDict, param: str, value: str) -> str:
    """The address with `param=value` added when it is not there, taken away when it is."""
    changed = query.copy()
    chosen = changed.getlist(param)
    changed.setlist(param, [v for v in chosen if v != value] if value in chosen else [*chosen, value])
    return address(changed)


@register.inclusion_tag("_components/filters.html", takes_context=True)
def filters(context: Context, facets: Iterable[Any], q_label: str = "Text") -> dict[str, Any]:
    """`{% filters facets %}`: a menu per facet with counts, then a chip for each filter that is on.

    A facet is {"param", "label", "options"}; an option {"value", "label" (else the value), "count" (may be None)};
    mappings or objects.  Every option is a link that adds or removes it from the URL; values of one facet add up.
    """
    query = asked(context)
    menus, chips = [], []
    for facet in facets:
        param, label = part(facet, "param"), part(facet, "label")
        chosen = query.getlist(param)
        options, named = [], set()
        for option in part(facet, "options", ()):
            value = plain(part(option, "value"))
            words = part(option, "label") or value.replace("_", " ").capitalize()
            row = {"label": words, "count": part(option, "count"), "on": value in chosen}
            row["href"] = toggled(query, param, value)
            options.append(row)
            named.add(value)
            if row["on"]:
                chips.append({"facet": label, **row})
        strays = (v for v in chosen if v and v not in named)
        chips += [{"facet": label, "label": v, "href": toggled(query, param, v)} for v in strays]
        menus.append({"label": label, "options": options, "on": len([v for v in chosen if v])})
    if text := query.get("q"):
        chips.insert(0, {"facet": q_label, "label": text, "href": toggled(query, "q", text)})
    kept = query.copy()
    for name in list(kept):
        if name not in ("account", "as_of", "sort"):
            del kept[name]
    return {"menus": menus, "chips": chips, "clear": address(kept)}


@register.simple_tag(takes_context=True)
def sort_th(context: Context, label: str, field: str, cls: str = "", default: str = "") -> SafeString:
    """`{% sort_th "Opened" "opened" cls="opt num" default="-severity" %}`: a head that sorts by `?sort=`."""
    query = asked(context)
    now = query.get("sort") or default
    up, down = now == field, now == f"-{field}"
    query["sort"] = field if down else f"-{field}"
    order = format_html(' aria-sort="{}"', "ascending" if up else "descending") if up or down else ""
    arrow = icon("sort-up") if up else icon("sort-down") if down else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}{}</a></th>', cls, order, address(query), label, arrow
    )


@register.inclusion_tag("_components/pager.html", takes_context=True)
def pager(context: Context, page: Any, what: str = "") -> dict[str, Any]:
    """`{% pager page "findings" %}`: `page.older` and `page.newer` are cursors or None, `page.total` is optional.

    Older is `?after=<cursor>`, newer is `?before=<cursor>`; every other filter stays.
    """
    links = {}
    for name, param in (("newer", "before"), ("older", "after")):
        query = asked(context)
        if cursor := part(page, name):
            query[param] = plain(cursor)
            links[name] = address(query)
    return {**links, "total": part(page, "total"), "shown": part(page, "shown"), "what": what}


@register.simple_tag(takes_context=True)
def hidden_params(context: Context, *without: str) -> SafeString:
    """`{% hidden_params "q" %}`: the page's other filters as hidden inputs, so that a GET form keeps them."""
    pairs = ((name, v) for name, values in asked(context).lists() if name not in without for v in values)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.inclusion_tag("_components/empty.html")
def empty(title: str, sentence: str = "", href: str = "", label: str = "", icon: str = "check") -> dict[str, Any]:
    """`{% empty "Nothing is open here" "The last scans looked and found nothing." url "Scan again" %}`."""
    return {"title": title, "sentence": sentence, "href": href, "label": label, "icon": icon}


@register.inclusion_tag("_components/stat.html")
def stat(value: Any, label: str, href: str = "", change: str = "", unread: int = 0) -> dict[str, Any]:
    """`{% stat 12 "open" url "3 new since yesterday" 2 %}` inside `<div class="tiles">`; unread scopes show."""
    return {"value": value, "label": label, "href": href, "change": change, "unread": unread}


@register.inclusion_tag("_components/tabs.html")
def tabs(items: Iterable[Any], current: str = "", label: str = "Sections") -> dict[str, Any]:
    """`{% tabs items "history" %}`: items are {"key", "label", "href", "count" (optional)}."""
    rows = [{k: part(i, k) for k in ("key", "label", "href", "count")} for i in items]
    return {"items": rows, "current": current, "label": label}


@register.inclusion_tag("_components/timeline.html")
def timeline(transitions: Iterable[Any]) -> dict[str, Any]:
    """`{% timeline finding.transitions %}`, newest first: {"kind", "at", "sentence", "by", "href", "link"}."""
    rows = []
    for item in transitions:
        kind = plain(part(item, "kind"), "transition")
        shape, word = TRANSITIONS.get(kind, ("dot", kind.replace("_", " ").capitalize()))
        said = {name: part(item, name) for name in ("at", "sentence", "by", "href", "link")}
        rows.append({"shape": shape, "word": word, **said})
    return {"rows": rows}
