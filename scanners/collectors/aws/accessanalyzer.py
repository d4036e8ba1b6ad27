"""IAM Access Analyzer: the analyzers of a region."""

from __future__ import annotations

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail

ANALYZERS = Call(
    "accessanalyzer",
    "ListAnalyzers",
    items="analyzers",
    permission="access-analyzer:ListAnalyzers",
    drop=frozenset({"lastResourceAnalyzed", "lastResourceAnalyzedAt"}),
)

COLLECTORS = (
    region_wide("AWS::AccessAnalyzer::Analyzer", "access-analyzer", "analyzers", Detail(ANALYZERS, bind=no_questions)),
)
