"""`access who-can`, `can`, `right-size`, `explain` and `paths` over stored accounts: asked, and printed."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from posture.management import trail_files
from posture.models import Account
from posture.queries import (
    access,
    access_across,
    access_held,
    access_paths,
    access_records,
    estates,
    moments,
    right_sizing,
    visible,
)
from posture.queries.access import Asking
from posture.reports import access as written
from posture.reports.right_size import right_size
from posture.runtime.mistakes import Mistake
from scanners.access.explorer import NotFound

Answer = tuple[dict[str, Any], Callable[[dict[str, Any]], Iterator[str]]]


def add_to(questions: Any) -> None:
    """The subcommands that need a stored account."""
    asked = questions.add_parser("who-can", help="who can do an action to a resource, and under which condition?")
    asked.add_argument("action", metavar="ACTION", help="in full, as the cloud writes it: s3:GetObject")
    asked.add_argument("resource", metavar="RESOURCE", nargs="?", default="*", help="an id or a unique name")
    _common(asked)
    asked = questions.add_parser("can", help="what can a principal do, to what, bounded by what?")
    asked.add_argument("principal", metavar="PRINCIPAL", help="an id or a unique name")
    _common(asked)
    asked = questions.add_parser("right-size", help="which policy does a principal need, by what it used?")
    asked.add_argument("principal", metavar="PRINCIPAL", help="an id or a unique name")
    asked.add_argument(
        "--trail", nargs="+", default=[], metavar="PATH", help="files of CloudTrail's records, or folders of them"
    )
    _common(asked)
    asked = questions.add_parser("explain", help="why may a principal do it, why not, and what would change that?")
    asked.add_argument("principal", metavar="PRINCIPAL")
    asked.add_argument("action", metavar="ACTION")
    asked.add_argument("resource", metavar="RESOURCE", nargs="?", default="*")
    _common(asked)


def add_paths(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="origin", default="", metavar="REF", help="one principal; everybody unless told")
    parser.add_argument(
        "--across", action="store_true", help="over all accounts, by federation: from whoever their doors speak of"
    )
    parser.add_argument("--to", dest="goal", default="admin", metavar="REF|admin", help="one principal, or admin")
    _common(parser)


def _common(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--account", default="", help="the cloud's id or its name here; may be left out if there is one"
    )
    parser.add_argument("--as-of", default="", metavar="TIME|SCAN")
    parser.add_argument("--format", choices=["text", "json"], default="text")


def answered(options: dict[str, Any]) -> Answer:
    """The answer as a record, and how it is written for people.  Raises Mistake."""
    try:
        if options.get("across"):
            return access_across.records(visible.everything(), _moment(options), options["origin"]), written.paths
        return _QUESTIONS[options["question"]](asking(options), options)
    except NotFound as wrong:
        raise Mistake(str(wrong)) from None
    except estates.NotScanned:
        raise Mistake("No account had been scanned by then.") from None


def asking(options: dict[str, Any]) -> Asking:
    """Raises Mistake."""
    account = account_chosen(options["account"])
    try:
        return access.asking(visible.everything(), account, _moment(options))
    except estates.NotScanned:
        raise Mistake(f"No scan of {account} had been published by then.") from None


def _moment(options: dict[str, Any]) -> datetime | None:
    """Raises Mistake."""
    try:
        return moments.moment(visible.everything(), options["as_of"], now=timezone.now())
    except moments.NoSuchMoment:
        raise Mistake(f"“{options['as_of']}” is neither a time nor a scan.") from None


def account_chosen(named: str) -> Account:
    mine = access.accounts(visible.everything())
    found = [one for one in mine if not named or named in (one.ref, one.name)]
    if len(found) == 1:
        return found[0]
    if not mine:
        raise Mistake("No account was scanned yet: `scan aws`, for one, scans that of this machine's credentials.")
    listed = ", ".join(f"{one.ref} ({one})" for one in mine[:5])
    if not found:
        raise Mistake(f"No scanned account is called “{named}”. There are {listed}.")
    raise Mistake(f"Say which account with --account: {listed}.")


def _who_can(asked: Asking, options: dict[str, Any]) -> Answer:
    action = asked.explorer.action(options["action"])
    found = access.can(asked, action, asked.target(options["resource"]))
    return access_records.who_can(asked, found), written.who_can


def _can(asked: Asking, options: dict[str, Any]) -> Answer:
    who = asked.principal(options["principal"])
    held = access_held.held(asked, who)
    if held is None:
        raise Mistake(f"What {who.name} could do was not kept then; the next scan will.")
    return access_records.header(asked) | access_held.record(who, held), written.can


def _explain(asked: Asking, options: dict[str, Any]) -> Answer:
    action = asked.explorer.action(options["action"])
    who, on = asked.principal(options["principal"]), asked.target(options["resource"])
    return access_records.explained(asked, asked.explorer.explain(who, action, on)), written.explained


def _paths(asked: Asking, options: dict[str, Any]) -> Answer:
    return access_paths.records(asked, options["origin"], options["goal"]), written.paths


def _right_size(asked: Asking, options: dict[str, Any]) -> Answer:
    asked.principal(options["principal"])  # before many files are read
    trail = trail_files.read(options["trail"]) if options["trail"] else None
    return right_sizing.record(asked, options["principal"], trail), right_size


_QUESTIONS = {"who-can": _who_can, "can": _can, "explain": _explain, "paths": _paths, "right-size": _right_size}
