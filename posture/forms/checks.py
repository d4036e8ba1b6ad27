"""The filters of the catalogue of checks."""

from __future__ import annotations

from django import forms

from posture.forms.findings import Several
from posture.queries.checks import OUTCOMES, SORTS, Asked


class CheckFilters(forms.Form):
    severity = Several()
    service = Several()
    framework = Several()
    q = forms.CharField(required=False, max_length=200)
    sort = forms.ChoiceField(required=False, choices=[(sort, sort) for sort in SORTS])

    @property
    def order(self) -> str:
        return self.cleaned_data["sort"] or "-severity"

    def asked(self) -> Asked:
        """Only of a valid form."""
        return Asked(**{name: self.cleaned_data[name] for name in ("severity", "service", "framework", "q")})


class ResultFilters(forms.Form):
    outcome = forms.ChoiceField(required=False, choices=[(label, label) for label in OUTCOMES.values()])
