"""People, their roles, and the groups of accounts they are given."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from posture.models.accounts import AccountGroup


class PersonManager(BaseUserManager["Person"]):  # Django's word for it
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """What `createsuperuser` makes: an admin."""
        return self.create_user(email, password, **{**fields, "role": Person.Role.ADMIN, "is_superuser": True})


class Person(AbstractBaseUser, PermissionsMixin):
    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer: reads"
        ANALYST = "analyst", "Analyst: triages and scans"
        ADMIN = "admin", "Admin: connects accounts and people"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(
        null=True, help_text="when they last opened the overview; what is newer is new to them"
    )
    looked_before_at = models.DateTimeField(null=True, help_text="the visit before: stable while they browse this one")
    account_groups = models.ManyToManyField(AccountGroup, blank=True, related_name="people")

    objects = PersonManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        return False  # Django's own admin site is not part of the product

    def may(self, role: str) -> bool:
        """Whether this person's role includes what `role` may do."""
        order = [choice.value for choice in Person.Role]
        return self.is_active and order.index(self.role) >= order.index(role)
