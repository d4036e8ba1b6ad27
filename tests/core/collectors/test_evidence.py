"""Evidence archives: what goes in comes out, and what is not whole is refused."""

import hashlib
import io
import json
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from scanners import VERSION
from scanners.collectors import evidence
from scanners.collectors.asker import Tally
from scanners.collectors.aws import functions
from scanners.collectors.evidence import FORMAT
from scanners.collectors.evidence_reader import CUT, DAMAGED, FOREIGN, Reader, Unusable
from scanners.collectors.gather import Gathered
from scanners.collectors.registry import of_unit
from scanners.model import State, Unit
from tests.core.cases import ACCOUNT, NOW, REGION
from tests.core.collectors.replies import DOOR, gathered
from tests.core.collectors.test_functions import ALIASES, CANARY, FUNCTION, LISTED, ORDERS, POLICY

LATER = NOW + timedelta(seconds=7)
HOSTILE = "no\x00thing \ud800 ☃ \u2028"


def some_functions(**answers):
    told = {"ListFunctions": LISTED, "ListAliases": ALIASES}
    return gathered(FUNCTION, **{**told, "GetPolicy": {"Policy": POLICY}, **answers})


def archived(*units, header=None, **said):
    file = io.BytesIO()
    said = {
        "account": ACCOUNT, "partition": "aws", "caller": "arn:aws:sts::111122223333:user/ada", "asked_at": NOW,
        "regions": (), "services": (), "enabled": (REGION,), "not_opted_in": ("af-south-1",), "gap": None,
        "units": len(units), "digests": evidence.key_name(DOOR), **said,
    }  # fmt: skip
    writer = evidence.Writer(file, header or evidence.header(**said))
    for unit in units:
        writer.unit(unit, at=LATER)
    writer.close(at=LATER)
    return file.getvalue()


def read(raw):
    reader = Reader(io.BytesIO(raw))
    found = list(reader.units())
    assert reader.seal
    return [seen for seen, _ in found]


def lines(raw):
    plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    return plain.splitlines(keepends=True)


def packed(*said):
    return zstandard.ZstdCompressor().compress(b"".join(said))


def sealed_anew(said):
    """What a careful forger would write."""
    seal = json.loads(said[-1])
    whole = {"sha256": hashlib.sha256(b"".join(said[:-1])).hexdigest(), "lines": len(said) - 1}
    return packed(*said[:-1], json.dumps(seal | whole).encode() + b"\n")


def refusal(raw):
    with pytest.raises(Unusable) as why:
        read(raw)
    return str(why.value)


def same(one: Gathered, other: Gathered):
    assert one.resources == other.resources
    assert (one.unit, one.tally) == (other.unit, other.tally)
    assert one.listed <= other.listed | other.gaps.keys()
    for call, cell in one.cells.items():
        told = other.cells[call]
        assert (cell.counts, cell.gap, cell.refs) == (told.counts, told.gap, told.refs)
        assert (cell.call.name, cell.call.needs) == (told.call.name, told.call.needs)


CASES = {
    "all answered": {},
    "a call refused": {"GetPolicy": "AccessDenied"},
    "a call that others follow refused": {"ListAliases": "AccessDenied"},
    "nothing there": {"ListFunctions": {"Functions": []}},
    "an item without a name": {"ListFunctions": {"Functions": [ORDERS, {}]}},
    "hostile text": {"ListFunctions": {"Functions": [{**ORDERS, "Description": HOSTILE}]}},
}


@pytest.mark.parametrize("answers", CASES.values(), ids=CASES)
def test_what_was_seen_comes_back(answers):
    seen = some_functions(**answers)

    (back,) = read(archived(seen))

    same(seen, back)
    assert seen.listed == back.listed & {FUNCTION.kind}


def test_a_refused_listing_stays_a_gap():
    seen = some_functions(ListFunctions="AccessDenied")

    (back,) = read(archived(seen))

    assert back.gaps[FUNCTION.kind] == seen.gaps[FUNCTION.kind]
    assert FUNCTION.kind not in back.listed


def test_a_kind_that_the_writer_did_not_look_for_is_not_an_empty_one():
    (back,) = read(archived(some_functions()))

    others = {c.kind for c in of_unit("lambda")} - {FUNCTION.kind}
    assert others
    assert others == back.gaps.keys()
    for kind in others:
        assert back.gaps[kind][0].state is State.SKIPPED
        assert back.cells[back.gaps[kind][0].call].state is State.SKIPPED


def test_a_line_says_what_was_asked_and_what_was_answered():
    said = [json.loads(line) for line in lines(archived(some_functions(GetFunctionConcurrency="AccessDenied")))]

    policy = next(line for line in said if line.get("call") == "lambda.GetPolicy" and line["line"] == "call")
    assert policy["params"]["live"] == {"FunctionName": "orders", "Qualifier": "live"}
    assert policy["answer"]["live"] == json.loads(POLICY)
    refused = [line for line in said if line["line"] == "call" and line.get("refused")]
    assert all("answer" not in line or isinstance(line["answer"], dict) for line in refused)
    assert said[0]["caller"].endswith("user/ada")
    assert said[-1]["line"] == "end"


def test_no_secret_value_is_in_it():
    raw = archived(some_functions())

    assert CANARY.encode() not in b"".join(lines(raw))
    assert DOOR.digest(CANARY).encode() in b"".join(lines(raw))
    assert DOOR.key not in b"".join(lines(raw))


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04 a zip", packed(b"{}\n"), packed(b"not json\n"), packed(b"[" * 10**5)]
)
def test_what_is_no_archive_is_said_to_be_none(raw):
    assert refusal(raw) == FOREIGN


def test_an_archive_of_a_newer_posture_asks_for_an_update():
    said = lines(archived(some_functions()))
    newer = json.loads(said[0]) | {"format": FORMAT + 1, "version": "9.9", "novelty": True}

    assert "newer posture (9.9)" in refusal(packed(json.dumps(newer).encode() + b"\n", *said[1:]))


def test_wherever_it_is_cut_it_is_refused():
    raw = archived(some_functions())
    said = lines(raw)

    assert {refusal(packed(*said[:end])) for end in range(1, len(said))} == {CUT}
    assert refusal(packed(*said[:-1], said[-1][:-9])) == CUT
    assert {refusal(raw[:end]) for end in range(0, len(raw), 37)} <= {CUT, DAMAGED, FOREIGN}


def test_whatever_is_changed_it_is_refused():
    said = lines(archived(some_functions(), Gathered(Unit("eu-west-2", "lambda"), [], frozenset(), {}, {}, Tally())))
    changed = {
        "a value": [*said[:2], said[2].replace(b"orders", b"hidden"), *said[3:]],
        "a line less": [*said[:3], *said[4:]],
        "a line twice": [*said[:3], said[2], *said[3:]],
        "two lines swapped": [*said[:2], said[3], said[2], *said[4:]],
        "a line after the end": [*said, said[1]],
        "no sense": [said[0], b'{"line": "call", "line": 7}\n', *said[1:]],
        "a second header": [said[0], *said],
    }

    assert {name: refusal(packed(*lines)) for name, lines in changed.items()} == dict.fromkeys(changed, DAMAGED)


def test_a_flipped_bit_is_refused():
    raw = archived(some_functions())

    for place in range(0, len(raw), 11):
        broken = bytearray(raw)
        broken[place] ^= 4
        try:
            assert read(bytes(broken)) == read(raw)  # a bit that carries nothing
        except Unusable as why:
            assert str(why) in (DAMAGED, CUT, FOREIGN)


def test_a_unit_missing_from_a_resealed_archive_is_missed():
    said = lines(archived(some_functions(), units=2))

    assert refusal(sealed_anew(said)) == DAMAGED


def test_a_resource_missing_from_a_resealed_archive_is_missed():
    said = [line for line in lines(archived(some_functions())) if b'"ref":"arn' not in line]

    assert refusal(sealed_anew(said)) == DAMAGED


def test_a_service_that_is_not_known_here_is_named():
    said = [line.replace(b'"service":"lambda"', b'"service":"quantum"') for line in lines(archived(some_functions()))]

    assert "does not know (quantum)" in refusal(sealed_anew(said))


def test_a_bomb_is_not_unpacked():
    bomb = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=27)).compress(
        lines(archived(some_functions()))[0] + b" " * 2**28
    )

    assert refusal(bomb) in (DAMAGED, FOREIGN)


def test_archives_of_another_installation_can_be_told():
    other = type(DOOR)(b"another key")

    assert evidence.key_name(DOOR) != evidence.key_name(other)
    assert Reader(io.BytesIO(archived())).header.digests == evidence.key_name(DOOR)


def test_the_version_is_that_of_the_product():
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION


def test_the_functions_of_this_test_are_those_of_the_product():
    assert FUNCTION is functions.COLLECTORS[0]
