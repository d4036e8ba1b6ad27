"""Kinds of things that run code when they are called, as rows: what they run on, and which settings a page tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the settings.  `at` are places in the evidence, "section/step/step": the first that says something.

    `check` judges it: its sentence stands beside the value, and where it fails the line is to be looked at.
    """

    name: str
    at: tuple[str, ...]
    otherwise: str = "not said"
    check: str = ""
    words: Mapping[Any, str] = field(default_factory=dict)  # value → what people call it
    each: str = ""  # of a list, the step to what is named of each; of a mapping "*": its keys


@dataclass(frozen=True, slots=True)
class Runs:
    """`runtime`: places in the evidence, the first that says something is what it runs on; `image` where none does.

    `only`: (place, word): of its kind only those that have the word there.
    """

    kind: str
    noun: str
    runtime: tuple[str, ...]
    image: str = ""
    settings: tuple[Line, ...] = ()
    only: tuple[str, str] | None = None
