"""Celery's way in: doorbells.  A task carries an id, calls one action and decides nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from posture.actions import organisations, preflights, scans, schedules, work

UNITS_AT_ONCE = 16


@shared_task
def work_on_scan(*, scan_id: int) -> None:
    """Ring twice and nothing is done twice; a bell that nobody heard is rung again by ring_again."""
    work.on(scan_id=scan_id, clock=timezone.now, at_once=UNITS_AT_ONCE)


@shared_task
def work_on_preflight(*, preflight_id: int) -> None:
    preflights.on(preflight_id=preflight_id, clock=timezone.now)


@shared_task
def scan_organisation(*, organisation_id: int) -> None:
    """Look which accounts it has now, and ask for a scan of each."""
    for scan in organisations.answer_tick(organisation_id=organisation_id, clock=timezone.now):
        work_on_scan.delay(scan_id=scan.pk)


@shared_task
def tick() -> None:
    """Ask for the scans that are due."""
    for scan in schedules.tick(now=timezone.now()):
        work_on_scan.delay(scan_id=scan.pk)
    for organisation_id in schedules.tick_organisations(now=timezone.now()):
        scan_organisation.delay(organisation_id=organisation_id)


@shared_task
def ring_again() -> None:
    """Work that nobody is doing: a bell was lost, or a worker died."""
    for scan_id in scans.unattended():
        work_on_scan.delay(scan_id=scan_id)
    for preflight_id in preflights.unattended():
        work_on_preflight.delay(preflight_id=preflight_id)
    for organisation_id in organisations.unattended():
        scan_organisation.delay(organisation_id=organisation_id)
