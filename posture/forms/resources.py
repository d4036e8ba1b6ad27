"""The filters of the list of resources."""

from __future__ import annotations

from datetime import datetime

from django import forms

from posture.forms.findings import Several
from posture.queries.resources import GONE, HERE, ORDERS, Asked


class ResourceFilters(forms.Form):
    kind = Several()
    region = Several()
    service = Several()
    state = Several()
    failing = forms.CharField(required=False, max_length=10)
    q = forms.CharField(required=False, max_length=200)
    sort = forms.ChoiceField(required=False, choices=[(order, order) for order in ORDERS])

    def clean_state(self) -> tuple[str, ...]:
        said: tuple[str, ...] = self.cleaned_data["state"]
        if set(said) - {HERE, GONE}:
            raise forms.ValidationError("A resource is here or gone.")
        return said

    @property
    def order(self) -> str:
        return self.cleaned_data["sort"] or ORDERS[0]

    def asked(self, accounts: tuple[int, ...], as_of: datetime | None) -> Asked:
        """Only of a valid form."""
        said = {name: self.cleaned_data[name] for name in ("kind", "region", "service", "state", "q")}
        return Asked(account=accounts, as_of=as_of, failing=bool(self.cleaned_data["failing"]), **said)
