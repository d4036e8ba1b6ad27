"""The list of findings: one page of rows."""

from __future__ import annotations

from posture.queries import finding_pages
from posture.queries.finding_pages import Page
from posture.queries.finding_question import Question, all_known, narrow
from posture.queries.finding_rows import Found, read
from posture.queries.visible import Seer


def page(seer: Seer, question: Question, *, sort: str, after: str = "", before: str = "", total: int) -> Page[Found]:
    """In two steps: an index finds the page, then only its rows are joined.  Raises WrongPlace."""
    found = narrow(seer, question)
    keys = finding_pages.ids(found, question, sort, after=after, before=before)
    these = all_known(seer, question).filter(**{f"{question.field('id')}__in": keys.rows})
    rows = {row.id: row for row in read(these, question)}
    return Page([rows[pk] for pk in keys.rows if pk in rows], keys.older, keys.newer, total)
