"""Terraform is laid out as Terraform reads it."""

import re

import pytest

from scanners.checks.layout import laid_out
from scanners.checks.registry import checks


def test_arguments_and_blocks_stand_on_lines_of_their_own():
    written = 'resource "a" "b" { one = "x, y"  two = [1, 2]  block { three = f(4, 5) } }'

    assert laid_out(written) == (
        'resource "a" "b" {\n  one = "x, y"\n  two = [1, 2]\n  block {\n    three = f(4, 5)\n  }\n}'
    )


@pytest.mark.parametrize("check", checks().values(), ids=lambda c: c.id)
def test_no_fix_puts_two_arguments_on_one_line(check):
    for line in check.fix.terraform.splitlines():
        outside = re.sub(r'"(?:[^"\\]|\\.)*"|\[.*\]|\(.*\)', "", line)
        assert len(re.findall(r"(?<![=!<>])=(?![=>])", outside)) <= 1, line
    assert check.fix.terraform.count("{") == check.fix.terraform.count("}")
