"""A question with facts beside what is known of everybody's requests: over TLS, through a URL, through an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scanners.access.aws import Layers
from scanners.access.aws.context import ABSENT, Known
from scanners.access.aws.requests import compiled
from scanners.graph.endpoints import Passage
from scanners.graph.judging import Judged, Judging
from scanners.graph.standing import View
from scanners.graph.targets import Target

OVER_TLS: Mapping[str, Known] = {"aws:securetransport": "true"}  # everybody may choose it


class Supposing(Judging):
    def __init__(self, view: View, action: str, on: Target, facts: Mapping[str, Known] = OVER_TLS) -> None:
        super().__init__(view, action, on, {**OVER_TLS, **facts})


class Leaving(Supposing):
    """A question that somebody asks from inside a network, whose endpoint may forbid it."""

    def __init__(
        self, view: View, action: str, on: Target, passage: Passage, facts: Mapping[str, Known] = OVER_TLS
    ) -> None:
        through: Mapping[str, Known] = {
            "aws:sourcevpce": passage.id or ABSENT,
            "aws:sourcevpc": passage.network or ABSENT,
        }
        super().__init__(view, action, on, {**facts, **through})
        self.passage = passage
        self.vpce = None if passage.policy is None else compiled("vpce", (passage.policy.document,))

    def _around(self, *around: Any) -> Layers:
        return super()._around(*around).around(vpce=self.vpce)

    def _judged(self, *asked: Any) -> Judged:
        return replace(super()._judged(*asked), endpoint=self.passage.policy)
