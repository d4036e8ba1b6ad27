"""Where a command's output goes: to the terminal piece by piece, or into a file that is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from posture.runtime.mistakes import Mistake


class Writer(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


def into(target: str | None, pieces: Iterable[str], terminal: Writer) -> None:
    """Raises Mistake where nothing can be written; a file that was there is then as it was."""
    if target in (None, "", "-"):
        _write(pieces, terminal)
        return
    path = Path(str(target)).resolve()
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as device:  # a directory refuses, a pipe takes it
                _write(pieces, device)
        else:
            _replace(path, pieces)
    except (FileNotFoundError, NotADirectoryError):
        raise Mistake(f"There is no folder {path.parent}: make it, or choose another place for the file.") from None
    except (PermissionError, IsADirectoryError) as refused:
        raise Mistake(f"{path} cannot be written ({refused.strerror}): choose another place for the file.") from None


@contextmanager
def private(target: str) -> Iterator[BinaryIO]:
    """A file for its owner's eyes, there when all of it is written.  Raises Mistake at once if it can never be."""
    path = Path(target).resolve()
    if path.exists() and not path.is_file():
        raise Mistake(f"{path} is not a file: choose another place.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except (FileNotFoundError, NotADirectoryError):
        raise Mistake(f"There is no folder {path.parent}: make it, or choose another place for the file.") from None
    except PermissionError as refused:
        raise Mistake(f"{path} cannot be written ({refused.strerror}): choose another place for the file.") from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _replace(path: Path, pieces: Iterable[str]) -> None:
    """Beside the target first, so that moving it there is one step and never across disks."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            _write(pieces, file)
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(pieces: Iterable[str], writer: Writer) -> None:
    for piece in pieces:
        writer.write(piece)
    writer.flush()
