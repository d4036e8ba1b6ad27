"""CloudTrail's files on this machine: those that are named, and all in the folders that are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from posture.runtime.mistakes import Mistake
from scanners.access.aws.trail import Trail
from scanners.access.aws.trail_files import LARGEST

ENDINGS = (".json", ".json.gz", ".gz")  # of the files that are taken from a folder
_OTHERS = frozenset({"CloudTrail-Digest", "CloudTrail-Insight"})  # what a trail writes beside its records


def read(paths: Iterable[str]) -> Trail:
    """One file that cannot be read leaves the others as they are.  Raises Mistake where there is nothing to read."""
    trail = Trail()
    for path in paths:
        found = Path(path)
        if not found.exists():
            raise Mistake(f"{path} is not there.")
        files = list(_within(found)) if found.is_dir() else [found]
        if not files:
            raise Mistake(f"{path} has no files that end in {' or '.join(ENDINGS[:2])}.")
        for file in files:
            _take(trail, file)
    return trail


def _within(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(ENDINGS) and not _OTHERS & set(path.parts) and path.is_file():
            yield path


def _take(trail: Trail, file: Path) -> None:
    try:
        if file.stat().st_size > LARGEST:
            trail.flaws.append(f"{file} is larger than {LARGEST // 1024 // 1024} MB")
        else:
            trail.read(str(file), file.read_bytes())
    except OSError as refused:
        trail.flaws.append(f"{file} cannot be read ({refused.strerror})")
