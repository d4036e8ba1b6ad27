"""Connecting an account and changing it: roles to assume, never keys, and never an address to call."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from posture.models import Account, AccountGroup

ROLE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}")
MEMBER_ROLE = re.compile(r"(?:[A-Za-z0-9+=,.@_-]{1,64}/){0,8}[A-Za-z0-9+=,.@_-]{1,64}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-[0-9]{1,2}")
ACCOUNT = re.compile(r"[0-9]{12}")


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


class AccountForm(forms.Form):
    """What may be changed of a connected account."""

    name = forms.CharField(max_length=200, help_text="What people here call it.")
    role_arn = forms.CharField(
        label="Role to assume",
        max_length=2048,
        validators=[
            RegexValidator(re.compile(rf"^{ROLE.pattern}\Z"), "Write it like arn:aws:iam::123456789012:role/Name.")
        ],
        help_text="Its ARN. The account's id is part of it.",
    )
    group = forms.ModelChoiceField(
        AccountGroup.objects.none(),
        empty_label=None,
        help_text="People see the accounts of the groups they were given.",
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

    def __init__(self, *args: Any, account: Account | None = None, **kwargs: Any) -> None:
        if account:
            names = ("name", "role_arn", "group", "regions", "trusted")
            kwargs["initial"] = {name: getattr(account, name) for name in names} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        group = cast("forms.ModelChoiceField[AccountGroup]", self.fields["group"])
        group.queryset = AccountGroup.objects.order_by("name")
        if account and not account.role_arn:
            del self.fields["role_arn"]


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
    field_order = ["name", "way", "role_arn", "group", "regions", "trusted"]


class MemberRole(forms.Form):
    """What may be changed of a connected organisation."""

    name = forms.CharField(max_length=200, help_text="What people here call it.")
    member_role = forms.CharField(
        label="Role in every account",
        max_length=512,
        validators=[RegexValidator(rf"^{MEMBER_ROLE.pattern}\Z", "Write its name alone, like posture-reads.")],
        help_text="Its name, the same in each of them.",
    )


class OrganisationForm(Way, MemberRole):
    """The account that may list the others, and the role that lets us into each of those."""

    role_arn = forms.CharField(
        label="Role in the management account",
        max_length=2048,
        validators=AccountForm.base_fields["role_arn"].validators,
        help_text="Its ARN; or of a role in the account that AWS Organizations is delegated to.",
    )
    group = forms.ModelChoiceField(
        AccountGroup.objects.order_by("name"),
        empty_label=None,
        help_text="Its accounts join this group. People see the accounts of the groups they were given.",
    )
    field_order = ["name", "way", "role_arn", "member_role", "group"]
