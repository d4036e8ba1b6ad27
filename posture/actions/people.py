"""The people who may sign in."""

from __future__ import annotations

import secrets

from django.db import transaction

from posture.models import Person

FIRST = "admin@posture.local"


def first_sign_in() -> tuple[str, str] | None:
    """(email, password) of a first admin, made now; None when there are people already."""
    with transaction.atomic():
        if Person.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        Person.objects.create_superuser(FIRST, password, name="First admin")
        return FIRST, password
