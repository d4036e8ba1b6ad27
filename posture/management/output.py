"""Where a command's output goes: to the terminal piece by piece, or into a file that is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

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
