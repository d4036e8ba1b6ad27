"""The words and documents that differ from cloud to cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posture.queries.clouds.running import Runs

Document = dict[str, Any]
Remedy = tuple[str, bool]  # what to do, in a sentence or two; whether a document of ours would do it


@dataclass(frozen=True, slots=True)
class Level:
    """Where a document can be made.  `lists`: what is made there may also list all accounts below."""

    actions: Callable[[list[str]], list[str]] = list  # of all actions those that go there
    make: str = ""  # the command that makes it, where one does
    lists: bool = False
    documents: Callable[[Iterable[str]], list[Document]] | None = None  # where they differ from those of an account


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud.  `documents` allow actions, in as many pieces as it takes; `addition` is what to paste to allow more.

    `denied` tells what mends a denial, by its code and message.
    """

    name: str  # "AWS"
    account: str  # what is connected: "account"
    article: str  # before the two: "an"
    family: str  # what lists all of them, connected once: "organisation"
    trusts: str  # what counts as ours: "accounts"
    cli: str  # its command line
    regional: bool  # whether it is scanned region by region
    closed: str  # why a thing that was never opened gives no answer
    written: Callable[[Document], str]  # a document, as people put it into a file
    documents: Callable[[Iterable[str]], list[Document]]
    document_name: str
    measured: Callable[[Document], str]  # how large one is, in the words of the quota that bounds it
    levels: Mapping[str, Level]
    addition: Callable[[Iterable[str], str], str]  # (actions, account) → text
    addition_name: str
    denied: Callable[[str, str], Remedy]
    acts: str = "identity"  # what the code of a function acts as
    runs: tuple[Runs, ...] = ()  # kinds that run code when they are called
    open_to: Mapping[str, str] = field(default_factory=dict)  # failing check → which callers come in that should not

    @property
    def one(self) -> str:
        return f"{self.article} {self.kind}"

    @property
    def a_family(self) -> str:
        return f"{'an' if self.family[0] in 'aeiou' else 'a'} {self.family}"

    @property
    def whole(self) -> str:
        """All accounts at once: "AWS organisation"."""
        return f"{self.name} {self.family}"

    @property
    def kind(self) -> str:
        return f"{self.name} {self.account}"
