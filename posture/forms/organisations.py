"""Connecting an organisation and changing it: who lists the accounts, and how each is entered; never a key."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from posture.forms.accounts import AccountForm, Way, a_client, a_tenant, an_address
from posture.models import AccountGroup, Organisation
from posture.queries.permissions import ROLE_NAME
from scanners.model import Provider

MEMBER_ROLE = re.compile(r"(?:[A-Za-z0-9+=,.@_-]{1,64}/){0,8}[A-Za-z0-9+=,.@_-]{1,64}")
ROOT = re.compile(r"(?:organizations|folders)/[0-9]{4,20}")
# "Naming rules and restrictions for Azure resources", Microsoft.Management, 2026
GROUP = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_().-]{0,88}[A-Za-z0-9_()-])?")
WAY = ("impersonate", "tenant", "client")  # names in Organisation.way


class Kin(forms.Form):
    """What every organisation has, whatever its cloud; and of its way in, what may be changed."""

    name = forms.CharField(max_length=200, help_text="What people here call it.")

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        if organisation:
            kwargs["initial"] = {"name": organisation.name, **self.told(organisation)}
        super().__init__(*args, **kwargs)

    def told(self, organisation: Organisation) -> dict[str, Any]:
        """What the form shows of the way in."""
        return dict(organisation.way)

    def given(self) -> dict[str, Any]:
        """The fields of an organisation, from what was filled in."""
        words = {name: value for name, value in self.cleaned_data.items() if name in ("name", "group")}
        way = {name: value for name in WAY if (value := self.cleaned_data.get(name))}
        root = {"ref": self.cleaned_data["root"]} if "root" in self.cleaned_data else {}
        return {**words, **root, "way": way}


class Joining(forms.Form):
    """Asked when an organisation is connected."""

    group = forms.ModelChoiceField(
        AccountGroup.objects.order_by("name"),
        empty_label=None,
        help_text="What joins comes into this group. People see what is in the groups they were given.",
    )


class MemberRole(Kin):
    """Of an organisation of AWS."""

    member_role = forms.CharField(
        label="Role in every account",
        max_length=512,
        validators=[RegexValidator(rf"^{MEMBER_ROLE.pattern}\Z", "Write its name alone, like posture-reads.")],
        help_text="Its name, the same in each of them.",
        initial=ROLE_NAME,
    )

    def told(self, organisation: Organisation) -> dict[str, Any]:
        return {"member_role": organisation.member_role}

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "way"}


class OrganisationForm(Joining, Way, MemberRole):
    """The account that may list the others, and the role that lets us into each of those."""

    role_arn = forms.CharField(
        label="Role in the management account",
        max_length=2048,
        validators=AccountForm.base_fields["role_arn"].validators,
        help_text="Its ARN; or of a role in the account that AWS Organizations is delegated to.",
    )
    field_order = ["name", "way", "role_arn", "member_role", "group"]


class BecomingForm(Kin):
    """Of an organisation or a folder of Google Cloud."""

    impersonate = an_address()


class FolderForm(Joining, BecomingForm):
    root = forms.CharField(
        label="Organisation or folder",
        max_length=40,
        validators=[
            RegexValidator(
                re.compile(rf"^{ROOT.pattern}\Z"), "Write organizations/123456789012 or folders/123456789012."
            )
        ],
        help_text="With its number, like organizations/123456789012 or folders/123456789012.",
    )
    field_order = ["name", "root", "impersonate", "group"]


class IdentityForm(Kin):
    """Of a management group of Azure."""

    tenant, client = a_tenant(), a_client()


class ManagementGroupForm(Joining, IdentityForm):
    root = forms.CharField(
        label="Management group",
        max_length=90,
        validators=[
            RegexValidator(re.compile(rf"^{GROUP.pattern}\Z"), "Write its id, not the name that people gave it.")
        ],
        help_text="Its id. That of the tenant root group, which has every subscription below it, is the tenant's.",
    )
    field_order = ["name", "root", "tenant", "client", "group"]


CONNECTING: dict[str, type[Kin]] = {
    Provider.AWS: OrganisationForm,
    Provider.GCP: FolderForm,
    Provider.AZURE: ManagementGroupForm,
}
CHANGING: dict[str, type[Kin]] = {
    Provider.AWS: MemberRole,
    Provider.GCP: BecomingForm,
    Provider.AZURE: IdentityForm,
}
