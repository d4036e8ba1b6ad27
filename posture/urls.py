"""Every address, and who may call it.  A route that is not in this table does not exist; a test holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, include, path

from posture.views import overview

View = Callable[..., HttpResponseBase]
VIEWER, ANALYST, ADMIN = "viewer", "analyst", "admin"


class Route(NamedTuple):
    """`reads` and `writes` name the least role that may GET and POST; None: nobody."""

    name: str
    path: str
    view: View
    reads: str | None = VIEWER
    writes: str | None = None


ROUTES = [
    Route("overview", "", overview.page),
]


def guarded(route: Route) -> View:
    """Strangers are asked to sign in; to a person whose role is too small the page does not exist."""

    @wraps(route.view)
    def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        reading = request.method in ("GET", "HEAD")
        least = route.reads if reading else route.writes
        if not reading and (request.method != "POST" or least is None):
            return HttpResponseNotAllowed(["GET", "POST"] if route.writes else ["GET"])
        if least is None or not request.user.may(least):
            raise Http404
        return route.view(request, *args, **kwargs)

    return view


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.account.urls")),
    *(path(route.path, guarded(route), name=route.name) for route in ROUTES),
]
