"""The filters of findings, as the page's address and the command's options give them: the same form checks both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import IntegerChoices
from django.http import QueryDict

from posture.models import Person
from posture.models.findings import Outcome, Severity, State
from posture.queries import finding_pages, moments, visible
from posture.queries.finding_question import Question
from posture.queries.visible import Seer
from scanners.catalog import frameworks
from scanners.checks.registry import checks

ALL = "all"
SPANS = {"h": "hours", "d": "days", "w": "weeks"}


class Several(forms.Field):
    """All values of one name; empty ones say nothing."""

    widget = forms.SelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def clean(self, value: Iterable[str] | None) -> Any:
        said = tuple(dict.fromkeys(text.strip() for text in value or () if text.strip()))
        if any("\x00" in text for text in said):
            raise ValidationError("No name in a cloud has a NUL character in it.")
        return said


class Words(Several):
    """Values of a fixed vocabulary, given back as the numbers that stand in the database.

    `all` is every one of them, (); None: nothing was said.
    """

    def __init__(self, words: Mapping[str, int], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def clean(self, value: Iterable[str] | None) -> Any:
        said = super().clean(value)
        if ALL in said:
            return ()
        known_only(self.label, said, self.words)
        return tuple(self.words[word] for word in said) or None


def known_only(what: Any, said: Iterable[str], known: Collection[str]) -> None:
    if strangers := [word for word in said if word not in known]:
        choices = f": choose from {', '.join(known)}" if 0 < len(known) <= 30 else ""
        raise ValidationError(f"There is no {what} “{strangers[0]}”{choices}.")


def by_label(choices: type[IntegerChoices]) -> dict[str, int]:
    return {str(label): int(value) for value, label in choices.choices}


class FindingFilters(forms.Form):
    """`seer` is who asks: what they may not see is as unknown to them as what does not exist."""

    severity = Words(by_label(Severity), label="severity", help_text="critical, high, medium, low or info")
    outcome = Words(by_label(Outcome), label="outcome", help_text="fail, unknown, pass, not_applicable or all")
    state = Words(by_label(State), label="state", help_text="open, resolved, gone or all")
    account = Several(label="account", help_text="the cloud's id or the name of an account")
    region = Several(label="region", help_text="such as eu-west-1, or global")
    service = Several(label="service", help_text="such as lambda")
    check = Several(label="check", help_text="such as aws.sqs.public")
    framework = Several(label="framework", help_text=", ".join(frameworks.TITLES))
    control = Several(label="control", help_text="a control's id in its framework")
    kind = Several(label="kind", help_text="such as AWS::SQS::Queue")
    ref = Several(label="resource", help_text="the full id of a resource")
    finding = Several(label="finding", help_text="the id of a finding")
    q = forms.CharField(required=False, max_length=200, help_text="text in a name, id, check or sentence")
    new = Several(label="time", help_text="what opened since: a time, 24h, 7d, or visit for your last visit")
    as_of = forms.CharField(required=False, max_length=40, help_text="look back: a time, a day's end, or a scan's id")
    sort = forms.ChoiceField(required=False, choices=[(order, order) for order in finding_pages.ORDERS])

    def __init__(self, said: QueryDict, *, seer: Seer, now: datetime) -> None:
        super().__init__(said)
        self.given, self.seer, self.now = said, seer, now
        self.accounts = list(visible.accounts(seer).order_by("name", "pk").values_list("pk", "ref", "name"))

    def question(self) -> Question:
        """Only of a valid form."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("sort", "severity")}
        return Question(severity=self.cleaned_data["severity"] or (), **said)

    @property
    def order(self) -> str:
        return self.cleaned_data["sort"] or finding_pages.DEFAULT

    def said(self) -> dict[str, list[str]]:
        """The filters as they were given; empty: the open failures."""
        given = {name: self.given.getlist(name) for name in self.fields if name not in ("sort", "as_of")}
        return {name: [text for text in values if text] for name, values in given.items() if any(values)}

    def mistake(self) -> str:
        """The first thing that is wrong, in one sentence."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")

    def clean_account(self) -> tuple[int, ...]:
        found: list[int] = []
        for word in self.cleaned_data["account"]:
            matching = [pk for pk, *names in self.accounts if word.casefold() in (str(pk), *map(str.casefold, names))]
            if not matching:
                raise ValidationError(f"No account “{word}” is connected.")
            found += matching
        return tuple(found)

    def clean_region(self) -> tuple[str, ...]:
        return self._looked_at("region", "region")

    def clean_service(self) -> tuple[str, ...]:
        return self._looked_at("service", "scope__service")

    def clean_kind(self) -> tuple[str, ...]:
        asked = {kind for check in checks().values() for kind in check.kinds}
        return self._looked_at("kind", "kind", asked)

    def clean_check(self) -> tuple[str, ...]:
        said: tuple[str, ...] = self.cleaned_data["check"]
        found = visible.findings(self.seer)
        known_only("check", (name for name in said if not found.filter(check_id=name).exists()), checks())
        return said

    def clean_framework(self) -> tuple[str, ...]:
        said: tuple[str, ...] = self.cleaned_data["framework"]
        known_only("framework", said, frameworks.TITLES)
        return said

    def clean_control(self) -> tuple[str, ...]:
        said: tuple[str, ...] = self.cleaned_data["control"]
        wanted = self.cleaned_data.get("framework") or tuple(frameworks.TITLES)
        mapped = [frameworks.controls(name) for name in checks()]
        known_only("control", said, {c for by in mapped for name in wanted for c in by.get(name, ())})
        return said

    def clean_new(self) -> datetime | None:
        """Several times are as good as the earliest: it includes what is newer."""
        return min((self._since(word) for word in self.cleaned_data["new"]), default=None)

    def clean_as_of(self) -> datetime | None:
        return self._moment(self.cleaned_data["as_of"].strip())

    def _since(self, word: str) -> datetime:
        if word == "visit":
            if not isinstance(self.seer, Person):
                raise ValidationError("Only people have visits: say a time, 24h or 7d.")
            return self.seer.looked_before_at or self.seer.looked_at or self.seer.joined_at
        if span := re.fullmatch(r"(\d{1,4})([hdw])", word, re.ASCII):
            return self.now - timedelta(**{SPANS[span[2]]: int(span[1])})
        return self._moment(word) or self.now

    def _moment(self, word: str) -> datetime | None:
        try:
            return moments.moment(self.seer, word, now=self.now)
        except moments.NoSuchMoment:
            what = "There is no finished scan" if word.isdecimal() else "There is no such time as"
            raise ValidationError(f"{what} “{word}”: write one like 2026-11-22T08:00:00Z, or a scan's id.") from None

    def _looked_at(self, name: str, path: str, known: Collection[str] = ()) -> tuple[str, ...]:
        said: tuple[str, ...] = self.cleaned_data[name]
        found = visible.resources(self.seer)
        for word in said:
            if word not in known and not found.filter(**{path: word}).exists():
                raise ValidationError(f"Nothing of {name} “{word}” has been seen.")
        return said
