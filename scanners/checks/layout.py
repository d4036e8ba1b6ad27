"""Terraform written in one line, laid out as people write it: HCL wants each argument on a line of its own."""

from __future__ import annotations

import re

_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\([^()]*\)|[{}]|\n|  +|, |[^"\[({}\n, ]+|.')


def laid_out(hcl: str) -> str:
    """Blocks opened and closed on lines of their own, arguments (parted by two blanks or a comma) one a line."""
    lines, line, depth = list[str](), "", 0

    def end() -> None:
        nonlocal line
        if line.strip():
            lines.append("  " * depth + line.strip())
        line = ""

    for piece in _PIECES.findall(hcl):
        if piece == "{":
            line += "{"
            end()
            depth += 1
        elif piece == "}":
            end()
            depth = max(0, depth - 1)
            line = "}"
            end()
        elif piece == "\n" or (depth and (piece == ", " or (piece.isspace() and len(piece) > 1))):
            end()
        else:
            line += piece
    end()
    return "\n".join(lines)
