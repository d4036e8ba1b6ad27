"""Which TLS versions before 1.2 the security policies of load balancers and CloudFront admit.

Sources: "Security policies for your Application Load Balancer" and "... Network Load Balancer" (Elastic Load Balancing
user guides); "Supported protocols and ciphers between viewers and CloudFront" (CloudFront developer guide); names and
protocols compared with moto 5.2.1 and botocore's enumeration.  Read 2026-11-22.
"""

from __future__ import annotations

from datetime import date

READ_ON = date(2026, 11, 22)
_SINCE = "ELBSecurityPolicy-"

BALANCER: dict[str, str] = {
    f"{_SINCE}{name}": old
    for old, names in {
        "": """
            TLS13-1-3-2021-06 TLS13-1-2-2021-06 TLS13-1-2-Res-2021-06 TLS13-1-2-Ext1-2021-06 TLS13-1-2-Ext2-2021-06
            TLS13-1-3-PQ-2025-09 TLS13-1-2-PQ-2025-09 TLS13-1-2-Res-PQ-2025-09 TLS13-1-2-Ext1-PQ-2025-09
            TLS13-1-2-Ext2-PQ-2025-09 TLS13-1-3-FIPS-2023-04 TLS13-1-2-FIPS-2023-04 TLS13-1-2-Res-FIPS-2023-04
            TLS13-1-2-Ext0-FIPS-2023-04 TLS13-1-2-Ext1-FIPS-2023-04 TLS13-1-2-Ext2-FIPS-2023-04
            TLS13-1-3-FIPS-PQ-2025-09 TLS13-1-2-FIPS-PQ-2025-09 TLS13-1-2-Res-FIPS-PQ-2025-09
            TLS13-1-2-Ext0-FIPS-PQ-2025-09 TLS13-1-2-Ext1-FIPS-PQ-2025-09 TLS13-1-2-Ext2-FIPS-PQ-2025-09
            TLS-1-2-2017-01 TLS-1-2-Ext-2018-06 FS-1-2-2019-08 FS-1-2-Res-2019-08 FS-1-2-Res-2020-10""",
        "TLS 1.1": "TLS13-1-1-2021-06 TLS13-1-1-FIPS-2023-04 TLS-1-1-2017-01 FS-1-1-2019-08",
        "TLS 1.0": """
            TLS13-1-0-2021-06 TLS13-1-0-PQ-2025-09 TLS13-1-0-FIPS-2023-04 TLS13-1-0-FIPS-PQ-2025-09
            2015-05 2016-08 TLS-1-0-2015-04 FS-2018-06""",
    }.items()
    for name in names.split()
}
"""Policy of a load balancer → the oldest version before TLS 1.2 that it admits; empty: none."""

VIEWER: dict[str, str] = {
    "SSLv3": "SSL 3.0",
    "TLSv1": "TLS 1.0",
    "TLSv1_2016": "TLS 1.0",
    "TLSv1.1_2016": "TLS 1.1",
    "TLSv1.2_2018": "weak ciphers",
    "TLSv1.2_2019": "weak ciphers",
    "TLSv1.2_2021": "",
    "TLSv1.2_2025": "",
    "TLSv1.3_2025": "",
}
"""Policy of a distribution → the worst that it admits; AWS recommends TLSv1.2_2021 and newer."""
