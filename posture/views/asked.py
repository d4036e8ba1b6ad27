"""What a request asks for beside the page's own filters: where in a list, and whether only the part that moves."""

from __future__ import annotations

from django.http import HttpRequest


def place(request: HttpRequest) -> dict[str, str]:
    """The cursor of a list: `after` for older rows, `before` for newer ones."""
    return {name: request.GET.get(name, "") for name in ("after", "before")}


def live(request: HttpRequest) -> bool:
    """Whether htmx asks for the part of a page that moves."""
    return request.headers.get("HX-Target") == "live"
