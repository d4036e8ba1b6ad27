"""ACM: the certificates of a region, of every kind of key; what decides stands in the listing."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.model import Identity, Place

KEYS = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
LIST = Call(
    "acm",
    "ListCertificates",
    items="CertificateSummaryList",
    params={"Includes": {"keyTypes": KEYS}, "MaxItems": 1000},  # left out, only RSA keys up to 2048 bits are listed
)


def certificate(place: Place, item: Any) -> Identity:
    return Identity(item["CertificateArn"], item.get("DomainName") or item["CertificateArn"].rpartition("/")[2])


COLLECTORS = (Collector(kind="AWS::CertificateManager::Certificate", listing=LIST, identify=certificate),)
