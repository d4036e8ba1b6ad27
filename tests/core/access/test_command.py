"""`manage.py access decide`, as a shell sees it."""

import io
import json

import pytest
from django.core.management import call_command

from posture.runtime.mistakes import Mistake

GOOD = {"id": "a", "suite": "arnoverlap", "a": "arn:aws:s3:::a*", "b": "arn:aws:s3:::ab"}


def decide(path):
    out = io.StringIO()
    code = 0
    try:
        call_command("access", "decide", str(path), stdout=out)
    except SystemExit as end:
        code = end.code
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_every_question_is_answered_in_order(tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({**GOOD, "id": number}) for number in range(3)) + "\n\n")

    found, code = decide(file)

    assert found == [{"id": number, "overlaps": True} for number in range(3)]
    assert code == 0


def test_a_bad_line_is_said_and_the_rest_goes_on(tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text(f"{json.dumps(GOOD)}\nnot json\n[]\n{json.dumps({'id': 'x', 'suite': 'no'})}\n{json.dumps(GOOD)}\n")

    found, code = decide(file)

    assert [one["id"] for one in found] == ["a", None, None, "x", "a"]
    assert ["error" in one for one in found] == [False, True, True, True, False]
    assert code == 1


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(Mistake, match="cannot be read"):
        decide(tmp_path / "none.jsonl")
