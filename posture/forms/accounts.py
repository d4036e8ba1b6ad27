"""Connecting an account and changing it: roles to assume, never keys, and never an address to call."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from posture.models import Account, AccountGroup
from scanners.model import Provider

ROLE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-[0-9]{1,2}")
ACCOUNT = re.compile(r"[0-9]{12}")
# "Create service accounts" and "Creating and managing projects", IAM and Resource Manager, 2026
PROJECT = re.compile(r"(?:[a-z0-9][a-z0-9.-]{0,200}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
SERVICE_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,60}@[a-z0-9.-]{1,200}\.gserviceaccount\.com")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,63}")


class Names(forms.CharField):
    """Several names in one line, between commas or spaces."""

    def __init__(self, pattern: re.Pattern[str], complaint: str, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=2000, **kwargs)
        self.pattern, self.complaint = pattern, complaint

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        names = [name for name in dict.fromkeys(re.split(r"[\s,;]+", super().clean(value) or "")) if name]
        for name in names:
            if not self.pattern.fullmatch(name):
                raise forms.ValidationError(f"“{name}” {self.complaint}")
        return names


class Named(forms.Form):
    """What every account has, whatever its cloud."""

    name = forms.CharField(max_length=200, help_text="What people here call it.")
    group = forms.ModelChoiceField(
        AccountGroup.objects.none(),
        empty_label=None,
        help_text="People see the accounts of the groups they were given.",
    )

    def __init__(self, *args: Any, account: Account | None = None, **kwargs: Any) -> None:
        if account:
            kwargs["initial"] = self.told(account) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        group = cast("forms.ModelChoiceField[AccountGroup]", self.fields["group"])
        group.queryset = AccountGroup.objects.order_by("name")

    def told(self, account: Account) -> dict[str, Any]:
        """What the form shows of an account."""
        return {name: getattr(account, name) for name in ("name", "group", "trusted")}

    def given(self) -> dict[str, Any]:
        """The fields of an account, from what was filled in."""
        return dict(self.cleaned_data)


class AccountForm(Named):
    """What may be changed of a connected AWS account."""

    role_arn = forms.CharField(
        label="Role to assume",
        max_length=2048,
        validators=[
            RegexValidator(re.compile(rf"^{ROLE.pattern}\Z"), "Write it like arn:aws:iam::123456789012:role/Name.")
        ],
        help_text="Its ARN. The account's id is part of it.",
    )
    regions = Names(
        REGION,
        "is no region: write names like eu-west-1, between commas.",
        label="Regions",
        help_text="To look at, like eu-west-1, us-east-1. Empty: all that are enabled.",
    )
    trusted = Names(
        ACCOUNT,
        "is no account id: write 12 digits, between commas.",
        label="Trusted accounts",
        help_text="Ids of accounts that are yours, or that you trust. Connected accounts count by themselves.",
    )

    reads_events = forms.BooleanField(
        label="Read what functions did",
        required=False,
        help_text="From CloudTrail's event history, for right-sized policies: one question about each function that"
        " was invoked, two a second and at most 300 a region and scan.",
    )

    field_order = ["name", "role_arn", "group", "regions", "trusted", "reads_events"]

    def __init__(self, *args: Any, account: Account | None = None, **kwargs: Any) -> None:
        super().__init__(*args, account=account, **kwargs)
        if account and not account.role_arn:
            del self.fields["role_arn"]

    def told(self, account: Account) -> dict[str, Any]:
        return super().told(account) | {
            name: getattr(account, name) for name in ("role_arn", "regions", "reads_events")
        }


class Way(forms.Form):
    """By a role, or with whatever this machine's own credentials lead to."""

    way = forms.ChoiceField(
        label="Way in",
        choices=[
            ("role", "A role in the account, assumed with an ExternalId"),
            ("machine", "This machine's own credentials"),
        ],
        widget=forms.RadioSelect,
        initial="role",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role_arn"].required = False
        self.fields["role_arn"].help_text += " Left out with this machine's own credentials."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("way") == "machine":
            given["role_arn"] = ""
        elif not given.get("role_arn") and "role_arn" not in self.errors:
            self.add_error("role_arn", "Give the role's ARN, or choose this machine's own credentials.")
        return given


class ConnectForm(Way, AccountForm):
    field_order = ["name", "way", "role_arn", "group", "regions", "trusted", "reads_events"]

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "way"}


def an_address() -> forms.CharField:
    """Of a service account."""
    told = RegexValidator(
        re.compile(rf"^{SERVICE_ACCOUNT.pattern}\Z"),
        "Write its address, like posture-reads@my-project.iam.gserviceaccount.com.",
    )
    return forms.CharField(
        label="Service account to become",
        required=False,
        max_length=254,
        validators=[told],
        help_text="Its address. Empty: this machine's own credentials.",
    )


class ProjectForm(Named):
    """What may be changed of a connected GCP project."""

    impersonate = an_address()
    trusted = Names(
        DOMAIN,
        "is no domain: write names like example.com, between commas.",
        label="Trusted domains",
        help_text="Whose people and groups are yours, or trusted. The organisation's own domain counts by itself.",
    )
    field_order = ["name", "project", "impersonate", "group", "trusted"]

    def told(self, account: Account) -> dict[str, Any]:
        return super().told(account) | {"impersonate": account.way.get("impersonate", "")}

    def given(self) -> dict[str, Any]:
        impersonate = self.cleaned_data["impersonate"]
        kept = {name: self.cleaned_data[name] for name in ("name", "group", "trusted")}
        return {**kept, "way": {"impersonate": impersonate} if impersonate else {}}


class ConnectProjectForm(ProjectForm):
    project = forms.CharField(
        label="Project id",
        max_length=255,
        validators=[RegexValidator(re.compile(rf"^{PROJECT.pattern}\Z"), "Write its id, like my-project-123456.")],
        help_text="Not its number, and not the name that people gave it.",
    )

    def given(self) -> dict[str, Any]:
        return {**super().given(), "ref": self.cleaned_data["project"]}


def an_id(label: str, help_text: str, *, required: bool) -> forms.CharField:
    """A UUID of Azure's."""
    told = RegexValidator(re.compile(rf"^{UUID.pattern}\Z"), "Write it as 32 digits with hyphens.")
    return forms.CharField(label=label, required=required, max_length=36, validators=[told], help_text=help_text)


def a_tenant() -> forms.CharField:
    return an_id("Tenant", "Id of the directory to sign in to. Empty: the identity's own.", required=False)


def a_client() -> forms.CharField:
    words = "Client id of a managed or workload identity. Empty: this machine's own."
    return an_id("Identity to be", words, required=False)


class SubscriptionForm(Named):
    """What may be changed of a connected Azure subscription."""

    tenant, client = a_tenant(), a_client()
    trusted = Names(
        UUID,
        "is no tenant's id: write UUIDs, between commas.",
        label="Trusted tenants",
        help_text="Ids of directories that are yours, or that you trust. The subscription's own counts by itself.",
    )
    field_order = ["name", "subscription", "tenant", "client", "group", "trusted"]

    def told(self, account: Account) -> dict[str, Any]:
        return super().told(account) | {name: account.way.get(name, "") for name in ("tenant", "client")}

    def given(self) -> dict[str, Any]:
        way = {name: value for name in ("tenant", "client") if (value := self.cleaned_data[name])}
        return {**{name: self.cleaned_data[name] for name in ("name", "group", "trusted")}, "way": way}


class ConnectSubscriptionForm(SubscriptionForm):
    subscription = an_id("Subscription id", "Not the name that people gave it.", required=True)

    def given(self) -> dict[str, Any]:
        return {**super().given(), "ref": self.cleaned_data["subscription"].lower()}


CONNECTING: dict[str, type[Named]] = {
    Provider.AWS: ConnectForm,
    Provider.GCP: ConnectProjectForm,
    Provider.AZURE: ConnectSubscriptionForm,
}
CHANGING: dict[str, type[Named]] = {
    Provider.AWS: AccountForm,
    Provider.GCP: ProjectForm,
    Provider.AZURE: SubscriptionForm,
}
