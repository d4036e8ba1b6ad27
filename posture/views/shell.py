"""What stands around every page: whose accounts, as of when, which scan is running, and whether this is sample data."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from posture.models import Account, Person
from posture.queries import moments, scans, visible
from posture.views.request import MemberRequest

# The pages that these two controls change; on others they would promise what is not done.
LOOK_BACK = {
    "overview", "findings", "finding", "functions", "function", "resources", "resource", "access", "access_paths",
    "access_across", "coverage", "checks", "check",
}  # fmt: skip
OF_AN_ACCOUNT = {"overview", "findings", "functions", "resources", "coverage", "scans", "checks", "check"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor.  Nothing is asked of the database before a template looks at it."""
    return {"shell": Shell(request)} if isinstance(getattr(request, "user", None), Person) else {}


def as_of(request: MemberRequest) -> datetime | None:
    """The time that this page is asked to show; None: now.  Raises BadRequest."""
    try:
        return moments.moment(request.user, request.GET.get("as_of", ""), now=timezone.now())
    except moments.NoSuchMoment:
        raise BadRequest("as_of is neither a time nor a scan") from None


def accounts_chosen(request: MemberRequest) -> tuple[int, ...]:
    """Ids of the accounts that `?account=` names by ref or id; empty: all.  What one may not see does not exist."""
    asked = {value for value in request.GET.getlist("account") if value}
    if not asked:
        return ()
    mine = [account for account in accounts_of(request) if asked & {account.ref, str(account.pk)}]
    if len(mine) < len(asked):
        raise Http404
    return tuple(account.pk for account in mine)


def accounts_of(request: MemberRequest) -> list[Account]:
    """The accounts that the person may see, read once a request."""
    known: dict[str, Any] = vars(request)
    if "accounts_seen" not in known:
        known["accounts_seen"] = list(visible.accounts(request.user).select_related("schedule").order_by("name", "ref"))
    return list(known["accounts_seen"])


class Shell:
    def __init__(self, request: Any) -> None:
        self.request: MemberRequest = request
        self.page = request.resolver_match.url_name if request.resolver_match else ""

    @cached_property
    def accounts(self) -> list[dict[str, str]]:
        """A choice, where there is one."""
        if self.page not in OF_AN_ACCOUNT or len(mine := accounts_of(self.request)) < 2:
            return []
        return [{"value": account.ref, "label": account.name} for account in mine]

    @cached_property
    def account(self) -> str:
        one = self._one_account
        return one.ref if one else ""

    @property
    def _one_account(self) -> Account | None:
        chosen = [value for value in self.request.GET.getlist("account") if value]
        mine = accounts_of(self.request) if len(chosen) == 1 else []
        return next((account for account in mine if chosen[0] in (account.ref, str(account.pk))), None)

    @cached_property
    def as_of(self) -> datetime | None:
        try:
            return as_of(self.request) if self.page in LOOK_BACK else None
        except BadRequest:
            return None

    @cached_property
    def as_of_options(self) -> list[dict[str, str]]:
        if self.page not in LOOK_BACK:
            return []
        account = self._one_account
        found = moments.recent(self.request.user, now=timezone.now(), account=account.pk if account else None)
        return [{"label": moment.label, "href": self._at(moment.asked)} for moment in found]

    @cached_property
    def now_href(self) -> str:
        return self._at("")

    def _at(self, asked: str) -> str:
        query = self.request.GET.copy()
        for name in ("as_of", "after", "before"):
            query.pop(name, None)
        if asked:
            query["as_of"] = asked
        return f"{self.request.path}?{query.urlencode()}".removesuffix("?")

    @cached_property
    def running(self) -> dict[str, Any] | None:
        """Before anything is published, the overview itself shows how far the first scan is."""
        if self.page == "overview" and not any(account.published_at for account in accounts_of(self.request)):
            return None
        active = scans.active(self.request.user)
        if not active:
            return None
        done, total = sum(scan.done for scan in active), sum(scan.total for scan in active)
        one = active[0] if len(active) == 1 else None
        name = str(one.account) if one else f"{len(active)} accounts"
        href = address("scan", one.pk) if one else address("scans")
        return {"name": name, "href": href, "done": done, "total": total or None}

    @cached_property
    def sample(self) -> bool:
        return any(account.sample for account in accounts_of(self.request))

    @cached_property
    def sample_remove(self) -> str:
        return address("sample_remove") if self.request.user.may(Person.Role.ADMIN) else ""


def address(name: str, *arguments: object) -> str:
    """Of a page; empty where there is none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
