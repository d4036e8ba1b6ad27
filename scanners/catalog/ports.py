"""Ports that should not be open to the whole internet, and what usually answers there.

Sources: IANA, "Service Name and Transport Protocol Port Number Registry"; the vendors' own defaults; AWS Security Hub,
controls EC2.13, EC2.14 and EC2.19.  Read 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Port:
    number: int
    service: str
    protocols: tuple[str, ...] = ("tcp",)


ADMINISTRATION = (
    Port(22, "SSH"),
    Port(2375, "Docker"),
    Port(2376, "Docker over TLS"),
    Port(3389, "RDP", ("tcp", "udp")),
    Port(5985, "WinRM"),
    Port(5986, "WinRM over TLS"),
)
STORES = (
    Port(1433, "SQL Server"),
    Port(1521, "Oracle"),
    Port(3306, "MySQL"),
    Port(5432, "PostgreSQL"),
    Port(5439, "Redshift"),
    Port(5601, "Kibana"),
    Port(6379, "Redis"),
    Port(9092, "Kafka"),
    Port(9200, "Elasticsearch"),
    Port(9300, "Elasticsearch cluster"),
    Port(11211, "Memcached", ("tcp", "udp")),
    Port(27017, "MongoDB"),
)
