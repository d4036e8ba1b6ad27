"""What of the accounts asked about was read: numbers that stand beside every list and in every export."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from posture.models import CoverageCell
from posture.queries import moments, visible
from posture.queries.finding_question import Question
from posture.queries.visible import Seer
from scanners.model import State

ARRIVAL = "arrival"  # the service under which the store files what was asked before any scope
KNOWN = [state.value for state in State if state.known]


def cells_asked(seer: Seer, question: Question) -> QuerySet[CoverageCell]:
    """The cells of the accounts, regions and services asked about, at that time."""
    cells = visible.cells(seer).filter(moments.held(question.as_of))
    if question.account:
        cells = cells.filter(account__in=question.account)
    if question.region:
        cells = cells.filter(region__in=(*question.region, "global"))
    return cells.filter(service__in=(*question.service, ARRIVAL)) if question.service else cells


def coverage(seer: Seer, question: Question) -> dict[str, int]:
    """How many calls there were, and how many ended how.  A connected account that was never scanned has none."""
    by_state = cells_asked(seer, question).order_by().values_list("state").annotate(Count("pk"))
    counts: Mapping[str, int] = dict(by_state)
    accounts = visible.accounts(seer)
    if question.account:
        accounts = accounts.filter(pk__in=question.account)
    scanned = accounts.filter(published_at__isnull=False)
    if question.as_of:
        scanned = scanned.filter(scans__finished_at__lte=question.as_of, scans__state__in=moments.PUBLISHED)
    return {
        "cells": sum(counts.values()),
        **{state.value: counts.get(state.value, 0) for state in State},
        "accounts": accounts.count(),
        "accounts_never_scanned": accounts.exclude(pk__in=scanned.values("pk")).count(),
    }


def unread(counts: Mapping[str, int]) -> int:
    """Calls that gave no answer."""
    return sum(counts[state] for state in State if not state.known)


def in_words(counts: Mapping[str, int]) -> str:
    """ "118 of 120 calls read; denied 2" """
    gaps = [f"{state.value.replace('_', ' ')} {counts[state]}" for state in State if not state.known and counts[state]]
    known = sum(counts[state] for state in KNOWN)
    never = counts["accounts_never_scanned"]
    rest = [f"{never} of {counts['accounts']} accounts never scanned"] if never else []
    return "; ".join([f"{known} of {counts['cells']} calls read", *([", ".join(gaps)] if gaps else []), *rest])
