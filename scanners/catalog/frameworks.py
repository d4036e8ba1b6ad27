"""Which controls of which framework a check speaks to.

The identifiers are the frameworks' own; frameworks.json is data: {check: {framework: [controls]}}.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

TITLES = {
    "aws_fsbp": "AWS Foundational Security Best Practices",
    **{f"cis_aws_{v}": f"CIS Amazon Web Services Foundations {v}" for v in ("3.0", "4.0", "5.0", "6.0")},
    **{f"cis_azure_{v}": f"CIS Microsoft Azure Foundations {v}" for v in ("3.0", "4.0", "5.0")},
    **{f"cis_gcp_{v}": f"CIS Google Cloud Platform Foundation {v}" for v in ("3.0", "4.0", "5.0")},
    "csa_serverless_top12": "CSA: the 12 most critical risks for serverless",
    "nist_800_53_r5": "NIST SP 800-53 Rev. 5",
    "owasp_api_2023": "OWASP API Security Top 10, 2023",
    "owasp_serverless_2018": "OWASP Serverless Top 10, 2018",
    "pci_dss_4.0": "PCI DSS 4.0",
}


def controls(check: str) -> dict[str, list[str]]:
    """{framework: [control ids]} of a check; empty for one that speaks to none."""
    return _mapping().get(check, {})


@cache
def _mapping() -> dict[str, dict[str, list[str]]]:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=dict[str, dict[str, list[str]]])
