"""Resources and where they live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scanners.model.evidence import Gap, Node, State, Unread


class Provider(StrEnum):
    AWS = "aws"
    GCP = "gcp"
    AZURE = "azure"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made: one account, one region ("global" for services without regions)."""

    account: str
    region: str
    partition: str = "aws"
    scanned: tuple[str, ...] = ()  # the regions of the whole scan, in order
    wishes: frozenset[str] = frozenset()  # what is asked only where somebody wants it


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work: one service in one region.  Also the scope in which "gone" can be proven."""

    region: str
    service: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a resource: the cloud's own full id and the name people know it by."""

    ref: str
    name: str
    region: str = ""  # where it lives, when that is not where it was listed (S3 buckets)


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing in a cloud, and the evidence about it: a document per call, or the gap where one should be.

    `documents[section]` is the answer of the call of that name (None: proven absent; for a call asked once per
    qualifier, a mapping by qualifier).  `gaps[section]` says what of that section was not read.
    """

    kind: str  # the field's type name: "AWS::Lambda::Function"
    ref: str
    name: str
    region: str
    unit: Unit
    documents: Mapping[str, Any]
    calls: Mapping[str, str]  # section → call: "GetPolicy" → "lambda.GetPolicy"
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)

    def __getitem__(self, section: str) -> Node:
        """What that call said.  Raises Unread when any part of it was not read."""
        if section in self.gaps:
            raise Unread(*self.gaps[section])
        return self._node(section)

    def asked(self, section: str) -> bool:
        """Whether the question arose; if not, nothing is missing."""
        return section in self.documents or section in self.gaps

    def each(self, section: str) -> Iterator[tuple[str, Node]]:
        """(qualifier, answer) of a call asked several times; raises Unread *after* what was read, if some was not.

        So a check that fails on the first bad answer may rest on part of the evidence, and one that passes may not.
        """
        if section in self.documents:
            yield from self._node(section).items()
        elif section not in self.gaps:
            raise self._never_asked(section)
        if section in self.gaps:
            raise Unread(*self.gaps[section])

    def _node(self, section: str) -> Node:
        if section not in self.documents:
            raise self._never_asked(section)
        return Node(self.documents[section], f"/{section}", self.calls[section], self.region, self.ref)

    def _never_asked(self, section: str) -> Unread:
        return Unread(Gap(self.calls.get(section, section), "", State.SKIPPED, "NotAsked", self.region))
