"""The overview."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render


def page(request: HttpRequest) -> HttpResponseBase:
    return render(request, "overview/list.html", {})
