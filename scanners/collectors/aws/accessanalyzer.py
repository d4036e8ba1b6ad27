"""IAM Access Analyzer: the analyzers of a region, and what those that look outside have found and nobody archived."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail
from scanners.model import Resource

ANALYZERS = Call(
    "accessanalyzer",
    "ListAnalyzers",
    items="analyzers",
    permission="access-analyzer:ListAnalyzers",
    drop=frozenset({"lastResourceAnalyzed", "lastResourceAnalyzedAt"}),
)
FINDINGS = Call(
    "accessanalyzer",
    "ListFindingsV2",
    items="findings",
    params={"filter": {"status": {"eq": ["ACTIVE"]}}},
    permission="access-analyzer:ListFindings",
    drop=frozenset({"analyzedAt", "createdAt", "updatedAt"}),
)
FROM_OUTSIDE = ("ACCOUNT", "ORGANIZATION")


def each_outside(region: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for analyzer in region["ListAnalyzers"]:
        if analyzer.need("type").value in FROM_OUTSIDE and analyzer.need("status").value == "ACTIVE":
            arn = analyzer.need("arn").text()
            yield arn, {"analyzerArn": arn}


COLLECTORS = (
    region_wide(
        "AWS::AccessAnalyzer::Analyzer",
        "access-analyzer",
        "analyzers",
        Detail(ANALYZERS, bind=no_questions),
        Detail(FINDINGS, each=each_outside, after="ListAnalyzers"),
    ),
)
