"""A question with facts beside what is known of everybody's requests: that it comes through a URL, or over TLS."""

from __future__ import annotations

from collections.abc import Mapping

from scanners.access.aws.context import Known
from scanners.graph.judging import Judging
from scanners.graph.standing import View
from scanners.graph.targets import Target

OVER_TLS: Mapping[str, Known] = {"aws:securetransport": "true"}  # everybody may choose it


class Supposing(Judging):
    def __init__(self, view: View, action: str, on: Target, facts: Mapping[str, Known] = OVER_TLS) -> None:
        super().__init__(view, action, on)
        self.facts = {**OVER_TLS, **facts}

    def _about_target(self) -> dict[str, Known]:  # type: ignore[override]
        return {**super()._about_target(), **self.facts}
