"""What the emulator answers itself, where moto has nothing, something wrong, or everything on one page."""

from __future__ import annotations

from posture.runtime.sample.emulator.answers import (
    clusters,
    compute,
    family,
    functions,
    gateways,
    identity,
    paging,
    pipelines,
    stores,
    trails,
    watch,
)
from posture.runtime.sample.emulator.answers.kinds import Answer

ANSWERS: dict[tuple[str, str], Answer] = {
    key: answer
    for table in (paging, clusters, compute, family, functions, gateways, identity, pipelines, stores, trails, watch)
    for key, answer in table.ANSWERS.items()
}
"""(service, operation) → what answers it. A later table wins."""
