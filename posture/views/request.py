"""A request whose sender is known: the guard in posture.urls lets nobody else through."""

from __future__ import annotations

from django.http import HttpRequest

from posture.models import Person


class MemberRequest(HttpRequest):
    user: Person
