"""The people who may sign in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import IntegrityError, transaction

from posture.models import AccountGroup, Person
from posture.runtime.mistakes import Mistake

FIRST = "admin@posture.local"


def first_sign_in() -> tuple[str, str] | None:
    """(email, password) of a first admin, made now; None when there are people already."""
    with transaction.atomic():
        if Person.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        Person.objects.create_superuser(FIRST, password, name="First admin")
        return FIRST, password


def invite(*, email: str, name: str, role: str, groups: Iterable[AccountGroup]) -> Person:
    """A person who can sign in once they have set a password; `way_in` leads there.  Raises Mistake."""
    try:
        with transaction.atomic():
            person = Person.objects.create_user(email, None, name=name, role=role)
            person.account_groups.set(groups)
            return person
    except IntegrityError:
        raise Mistake(f"{email} is here already.") from None


def way_in(person: Person) -> tuple[str, str]:
    """(uid, key) of a link that lets them set a password: once, for three days, and not after their next sign-in."""
    return user_pk_to_url_str(person), default_token_generator.make_token(person)


def change(*, person: Person, name: str, role: str, groups: Iterable[AccountGroup]) -> None:
    """Raises Mistake when nobody would be left to connect accounts and people."""
    with transaction.atomic():
        if role != Person.Role.ADMIN:
            _keep_one_admin(person)
        person.name, person.role = name, role
        person.is_superuser = person.is_superuser and role == Person.Role.ADMIN
        person.save(update_fields=["name", "role", "is_superuser"])
        person.account_groups.set(groups)


def rename(*, person: Person, name: str) -> None:
    Person.objects.filter(pk=person.pk).update(name=name)


def deactivate(*, person: Person) -> None:
    """They are signed out with their next request, and what they did keeps their name.  Raises Mistake."""
    with transaction.atomic():
        _keep_one_admin(person)
        Person.objects.filter(pk=person.pk).update(is_active=False)


def reactivate(*, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=True)


def _keep_one_admin(person: Person) -> None:
    """Holds the rows of all admins, so that two admins cannot demote each other at once."""
    admins = Person.objects.select_for_update().filter(role=Person.Role.ADMIN, is_active=True)
    if {admin.pk for admin in admins} == {person.pk}:
        raise Mistake(f"{person} is the last admin: make somebody else an admin first.")
