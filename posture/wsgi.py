"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application

import posture.celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posture.settings")
os.environ.setdefault("POSTURE_ROLE", "web")

application = get_wsgi_application()

__all__ = ["application", "posture"]
