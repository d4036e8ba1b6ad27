"""Every address, and who may call it.  A route that is not in this table does not exist; a test holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from allauth.account import urls as allauth
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, include, path

from posture.views import (
    access,
    accounts,
    checks,
    coverage,
    findings,
    functions,
    organisations,
    overview,
    people,
    preflights,
    resources,
    scans,
    schedules,
)

View = Callable[..., HttpResponseBase]
ANYBODY, VIEWER, ANALYST, ADMIN = "anybody", "viewer", "analyst", "admin"


class Route(NamedTuple):
    """`reads` and `writes` name the least role that may GET and POST; None: nobody."""

    name: str
    path: str
    view: View
    reads: str | None = VIEWER
    writes: str | None = None


ORGANISATION = "accounts/organisations/<int:organisation>"
ROUTES = [
    Route("overview", "", overview.page),
    Route("resources", "resources/", resources.page),
    Route("resource", "resources/<int:resource>/", resources.detail),
    Route("checks", "checks/", checks.page),
    Route("check", "checks/<str:check>/", checks.detail),
    Route("findings", "findings/", findings.page),
    Route("finding", "findings/<str:key>/", findings.detail),
    Route("access", "access/", access.page),
    Route("access_paths", "access/paths/", access.paths),
    Route("access_across", "access/across/", access.across),
    Route("access_changes", "access/changes/", access.changes),
    Route("access_actions", "access/actions/", access.actions),
    Route("functions", "functions/", functions.page),
    Route("function", "functions/<int:function>/", functions.detail),
    Route("coverage", "coverage/", coverage.page),
    Route("scans", "scans/", scans.page),
    Route("scan", "scans/<int:scan>/", scans.detail),
    Route("scan_cancel", "scans/<int:scan>/cancel/", scans.cancel, reads=None, writes=ANALYST),
    Route("scan_resume", "scans/<int:scan>/resume/", scans.resume, reads=None, writes=ANALYST),
    Route("accounts", "accounts/", accounts.page),
    Route("account_new", "accounts/connect/", accounts.connect, reads=ADMIN, writes=ADMIN),
    Route("account_new_in", "accounts/connect/<str:cloud>/", accounts.connect, reads=ADMIN, writes=ADMIN),
    Route("organisation_new", "accounts/organisations/connect/", organisations.connect, reads=ADMIN, writes=ADMIN),
    Route(
        "organisation_new_in",
        "accounts/organisations/connect/<str:cloud>/",
        organisations.connect,
        reads=ADMIN,
        writes=ADMIN,
    ),
    Route("organisation", f"{ORGANISATION}/", organisations.detail),
    Route("organisation_refresh", f"{ORGANISATION}/refresh/", organisations.refresh, reads=None, writes=ANALYST),
    Route("organisation_scan", f"{ORGANISATION}/scan/", organisations.scan, reads=None, writes=ANALYST),
    Route("organisation_check", f"{ORGANISATION}/check/", organisations.check, reads=None, writes=ANALYST),
    Route("organisation_schedule", f"{ORGANISATION}/schedule/", organisations.schedule, reads=ANALYST, writes=ANALYST),
    Route("organisation_unschedule", f"{ORGANISATION}/stop/", organisations.unschedule, reads=None, writes=ANALYST),
    Route("organisation_edit", f"{ORGANISATION}/edit/", organisations.edit, reads=ADMIN, writes=ADMIN),
    Route("organisation_remove", f"{ORGANISATION}/remove/", organisations.remove, reads=None, writes=ADMIN),
    Route("sample_remove", "accounts/sample/remove/", accounts.remove_sample, reads=None, writes=ADMIN),
    Route("account", "accounts/<int:account>/", accounts.detail),
    Route("account_scan", "accounts/<int:account>/scan/", scans.ask, reads=None, writes=ANALYST),
    Route("account_access", "accounts/<int:account>/access/", preflights.page, writes=ANALYST),
    Route("account_edit", "accounts/<int:account>/edit/", accounts.edit, reads=ADMIN, writes=ADMIN),
    Route("account_remove", "accounts/<int:account>/remove/", accounts.remove, reads=None, writes=ADMIN),
    Route("schedules", "schedules/", schedules.page),
    Route("schedule", "schedules/<int:account>/", schedules.detail, reads=ANALYST, writes=ANALYST),
    Route("schedule_pause", "schedules/<int:account>/pause/", schedules.pause, reads=None, writes=ANALYST),
    Route("schedule_unpause", "schedules/<int:account>/unpause/", schedules.unpause, reads=None, writes=ANALYST),
    Route("people", "people/", people.page, reads=ADMIN),
    Route("person_new", "people/invite/", people.invite, reads=ADMIN, writes=ADMIN),
    Route("person", "people/<int:person>/", people.detail, reads=ADMIN, writes=ADMIN),
    Route("person_link", "people/<int:person>/link/", people.link, reads=None, writes=ADMIN),
    Route("person_deactivate", "people/<int:person>/deactivate/", people.deactivate, reads=None, writes=ADMIN),
    Route("person_reactivate", "people/<int:person>/reactivate/", people.reactivate, reads=None, writes=ADMIN),
    Route("group_new", "people/groups/new/", people.group, reads=ADMIN, writes=ADMIN),
    Route("group", "people/groups/<int:group>/", people.group, reads=ADMIN, writes=ADMIN),
    Route("you", "you/", people.you, writes=VIEWER),
]

# The way in and out is allauth's: its names, who may call each, and its views guard themselves.  What it has beside
# these does not exist: with its page for addresses a viewer could sign in under another's.
ENTRANCE = {
    "account_login": ANYBODY,
    "account_logout": ANYBODY,
    "account_inactive": ANYBODY,
    "account_signup": ANYBODY,  # says that it is closed
    "account_reset_password": ANYBODY,
    "account_reset_password_done": ANYBODY,
    "account_reset_password_from_key": ANYBODY,
    "account_reset_password_from_key_done": ANYBODY,
    "account_change_password": VIEWER,
    "account_set_password": VIEWER,
    "account_reauthenticate": VIEWER,
}


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
        if least is None or not request.user.may(least) or "\x00" in request.path:
            raise Http404
        if any("\x00" in text for texts in request.GET.lists() for text in (texts[0], *texts[1])):
            raise BadRequest("no name has a NUL character in it")  # and Postgres takes none
        return route.view(request, *args, **kwargs)

    return view


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include([pattern for pattern in allauth.urlpatterns if pattern.name in ENTRANCE])),
    *(path(route.path, guarded(route), name=route.name) for route in ROUTES),
]
