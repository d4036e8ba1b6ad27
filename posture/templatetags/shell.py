"""The house around every page: the left bar, and the page's title said twice without writing it twice."""

from dataclasses import dataclass
from typing import Any

from django.template import Context, Library
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse

register = Library()


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the left bar: URL name (also its icon), word, the key after `g`, and the page names it stands for."""

    name: str
    label: str
    key: str
    also: tuple[str, ...] = ()
    admin: bool = False


ACCOUNTS = ("account", "account_new", "account_access", "organisation", "organisation_new", "organisation_new_in")
PLACES = (
    Place("overview", "Overview", "o"),
    Place("findings", "Findings", "f", also=("finding",)),
    Place("functions", "Functions", "u", also=("function",)),
    Place("resources", "Resources", "r", also=("resource",)),
    Place("access", "Access", "e", also=("access_paths", "access_across", "access_changes")),
    Place("coverage", "Coverage", "c"),
    Place("scans", "Scans", "s", also=("scan", "schedules", "schedule")),
    Place("accounts", "Accounts", "a", also=ACCOUNTS),
    Place("checks", "Checks", "h", also=("check",)),
    Place("people", "People", "p", also=("person",), admin=True),
)


def is_admin(user: Any) -> bool:
    role = getattr(user, "role", "")
    return bool(getattr(user, "is_superuser", False)) or getattr(role, "value", role) == "admin"


@register.inclusion_tag("_components/nav.html", takes_context=True)
def sidebar(context: Context) -> dict[str, Any]:
    """`{% sidebar %}`: pages that exist and that the person may open; `nav` or the URL's name marks the current one."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    here = context.get("nav") or (match.url_name if match else "")
    places = []
    for place in PLACES:
        if place.admin and not is_admin(getattr(request, "user", None)):
            continue
        try:
            href = reverse(place.name)
        except NoReverseMatch:
            continue
        current = here == place.name or here in place.also
        line = {"href": href, "label": place.label, "key": place.key, "icon": place.name, "current": current}
        places.append(line)
    return {"places": places}


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> str:
    """`{% again "title" %}`: what a page put into that block, a second time (Django allows a block once)."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return str(block.render(context)) if block is not None else ""
