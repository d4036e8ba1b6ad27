"""The catalogue of checks as text, JSON or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from scanners.catalog import frameworks
from scanners.checks.registry import Check, checks
from scanners.scan import calls_of, permissions_of


def entry(check: Check) -> dict[str, Any]:
    """The public form of a check."""
    return {
        "id": check.id,
        "title": check.title,
        "severity": check.severity.label,
        "provider": check.provider,
        "service": check.service,
        "theme": check.theme,
        "kinds": list(check.kinds),
        "why": check.why,
        "fix": {"console": check.fix.console, "cli": check.fix.cli, "terraform": check.fix.terraform},
        "calls": [call.name for call in calls_of(check)],
        "permissions": permissions_of(check),
        "frameworks": frameworks.controls(check.id),
    }


def text() -> Iterator[str]:
    for check in checks().values():
        yield f"{check.severity.label:9} {check.id:44} {check.title}\n"
    yield f"{len(checks())} checks.\n"


def as_json() -> Iterator[str]:
    whole = msgspec.json.encode([entry(check) for check in checks().values()])
    yield msgspec.json.format(whole, indent=2).decode() + "\n"


def markdown() -> Iterator[str]:
    yield f"# Checks\n\n{len(checks())} questions that are put to what was read.\n"
    theme = ""
    for check in sorted(checks().values(), key=lambda check: (check.theme, -check.severity, check.id)):
        if check.theme != theme:
            theme = check.theme
            yield f"\n## {theme.replace('_', ' ').capitalize()}\n"
        yield section(entry(check))


def section(check: Mapping[str, Any]) -> str:
    mapped = [f"- {frameworks.TITLES[name]}: {', '.join(ids)}" for name, ids in check["frameworks"].items()]
    parts = [
        f"### {check['title']}",
        f"`{check['id']}` · {check['severity']} · {', '.join(check['kinds'])}",
        check["why"],
        f"**What closes it.** {check['fix']['console']}",
        fenced("sh", check["fix"]["cli"]),
        fenced("hcl", check["fix"]["terraform"]),
        f"**Needs** {', '.join(f'`{action}`' for action in check['permissions'])}",
        "\n".join(mapped),
    ]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n"


def fenced(language: str, code: str) -> str:
    return f"```{language}\n{code}\n```" if code else ""


FORMATS: Mapping[str, Callable[[], Iterator[str]]] = {"text": text, "json": as_json, "md": markdown}
