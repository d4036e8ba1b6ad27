"""When an account is scanned: a choice of usual times, or a cron expression."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from posture.actions.schedules import next_tick
from posture.models.scans import Clock
from posture.runtime.mistakes import Mistake

USUAL = {
    "0 3 * * *": "Every day at 03:00",
    "0 */6 * * *": "Every six hours",
    "0 * * * *": "Every hour",
    "0 6 * * 1-5": "On working days at 06:00",
    "0 3 * * 1": "Every Monday at 03:00",
}
OWN = "own"


class ScheduleForm(forms.Form):
    usual = forms.ChoiceField(label="When", choices=[*USUAL.items(), (OWN, "At times of your own, as cron says them")])
    cron = forms.CharField(
        label="Cron expression",
        max_length=100,
        required=False,
        help_text="Minute, hour, day, month, weekday: 30 2 * * 1-5 is at 02:30 on working days. "
        "Counts when “times of your own” is chosen.",
    )
    timezone = forms.CharField(
        label="Time zone", max_length=64, initial="UTC", help_text="Like Europe/Berlin.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, schedule: Clock | None = None, **kwargs: Any) -> None:
        if schedule:
            usual = schedule.cron if schedule.cron in USUAL else OWN
            kwargs["initial"] = {"usual": usual, "cron": schedule.cron, "timezone": schedule.timezone}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        given["cron"] = given["cron"].strip() if given["usual"] == OWN else given["usual"]
        if not given["cron"]:
            self.add_error("cron", "Write an expression, or choose one of the usual times.")
            return given
        try:
            next_tick(given["cron"], given["timezone"], timezone.now())
        except Mistake as mistake:
            self.add_error("timezone" if "time zone" in str(mistake) else "cron", str(mistake))
        return given


def zones() -> list[str]:
    """The names to choose from."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")
