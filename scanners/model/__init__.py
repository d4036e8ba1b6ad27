"""The nouns every room speaks in."""

from scanners.model.evidence import ABSENT, Gap, Node, State, Unread
from scanners.model.resource import Identity, Place, Provider, Resource, Unit
from scanners.model.verdict import Outcome, Proof, Severity, Verdict, failed, not_applicable, passed

__all__ = [
    "ABSENT",
    "Gap",
    "Identity",
    "Node",
    "Outcome",
    "Place",
    "Proof",
    "Provider",
    "Resource",
    "Severity",
    "State",
    "Unit",
    "Unread",
    "Verdict",
    "failed",
    "not_applicable",
    "passed",
]
