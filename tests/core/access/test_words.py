"""Conditions in words."""

from __future__ import annotations

import pytest

from scanners.access.aws.words import in_words

SAID = [
    (None, ""),
    ({"StringEquals": {"aws:x": ["a", "b"]}}, "aws:x is a or b"),
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "aws:SourceIp is in 10.0.0.0/8"),
    ({"StringLikeIfExists": {"k": ["a*"]}}, "k is like a*, if it is there"),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["t"]}}, "some value of aws:TagKeys is t"),
    ({"Null": {"k": ["true"]}}, "k is absent"),
    ({"Null": {"k": ["false"]}}, "k is there"),
    ({"not": {"Bool": {"aws:SecureTransport": ["false"]}}}, "aws:SecureTransport is not false"),
    ({"not": {"all": [{"Bool": {"a": ["true"]}}, {"Bool": {"b": ["true"]}}]}}, "not (a is true and b is true)"),
    ({"all": [{"Bool": {"a": ["true"]}}, {"any": [{"resource": "x"}, {"unknown": "y"}]}]},
     "a is true and (the resource is x or not understood: y)"),
    ({"NoSuchOperator": {"k": ["v"]}}, "NoSuchOperator k v"),
    ({"StringEquals": "no keys"}, " is no keys"),
    ({"StringEquals": {"k": []}}, "k is nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "words"), SAID)
def test_a_condition_is_one_line(formula, words):
    assert in_words(formula) == words
