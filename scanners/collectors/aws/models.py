"""botocore's service models, loaded once for all accounts of a process: they are most of what a session weighs.

Of a service that collectors ask, only the operations they ask are kept, with the shapes those speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader, create_loader
from botocore.session import Session, get_session

WHOLE = {"sts", "sso", "sso-oidc", "signin"}  # botocore itself asks them for credentials
BESIDE = {"s3": {"HeadBucket"}}  # botocore asks where a bucket is that it did not find
_decoder = msgspec.json.Decoder()


class _Quickly(JSONFileLoader):  # type: ignore[misc]
    """Models as plain dictionaries: a third of the time and half the memory of botocore's ordered ones."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        path = Path(full_path)
        if not path.is_file():
            return None
        with open_method(full_path, "rb") as file:
            found = _decoder.decode(file.read())
        if (
            path.name.startswith("service-2")
            and "operations" in found
            and (asked := operations().get(path.parent.parent.name))
        ):
            return reduced(found, asked)
        return found


@cache
def operations() -> dict[str, frozenset[str]]:
    """By service, the operations that our calls name; services that are kept whole are left out."""
    from scanners.collectors.aws.account import REGIONS
    from scanners.collectors.registry import collectors

    named = {service: set(names) for service, names in BESIDE.items()}
    for call in (REGIONS, *(call for collector in collectors() for call in collector.every_call())):
        if call.service not in WHOLE:
            named.setdefault(call.service, set()).add(call.operation)
    return {service: frozenset(names) for service, names in named.items()}


def reduced(model: dict[str, Any], asked: frozenset[str]) -> dict[str, Any]:
    """A service's model with some of its operations, and the shapes that these reach."""
    kept = {name: operation for name, operation in model["operations"].items() if name in asked}
    shapes: dict[str, Any] = {}
    left = [name for operation in kept.values() for name in _shapes_of(operation)]
    while left:
        name = left.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            left.extend(_shapes_of(shapes[name]))
    return {**model, "operations": kept, "shapes": shapes}


def _shapes_of(part: dict[str, Any]) -> Iterator[str]:
    """The names of the shapes that an operation or a shape speaks of."""
    inner = [part.get(name) for name in ("input", "output", "member", "key", "value")]
    for one in (*inner, *part.get("errors", ()), *part.get("members", {}).values()):
        if one:
            yield one["shape"]


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
