"""botocore's service models, loaded once for all accounts of a process: they are most of what a session weighs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader, create_loader
from botocore.session import Session, get_session

_decoder = msgspec.json.Decoder()


class _Quickly(JSONFileLoader):  # type: ignore[misc]
    """Models as plain dictionaries: a third of the time and half the memory of botocore's ordered ones."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return _decoder.decode(file.read())


def session() -> Session:
    """A session of botocore's with nothing in it but the models."""
    made = get_session()
    made.register_component("data_loader", _loader(made.get_config_variable("data_path")))
    return made


@cache
def _loader(search_path: str | None) -> Loader:
    loader = create_loader(search_path)
    loader.file_loader = _Quickly()
    return loader
