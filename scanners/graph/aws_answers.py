"""What the engine of AWS finds, in the shapes that every cloud answers with."""

from __future__ import annotations

from typing import Any

from scanners.access.aws.words import in_words
from scanners.access.explorer import Answer, Decided, Explained, Hop, Principal, Row, Target, Via, Way, Written
from scanners.graph.changing import edits
from scanners.graph.explaining import layers_say, mark, place
from scanners.graph.judging import ANYBODY, Judged
from scanners.graph.paths import Answer as Path
from scanners.graph.paths import Step
from scanners.graph.proof import Reason
from scanners.graph.scene import Scene
from scanners.graph.standing import Standing
from scanners.graph.targets import Target as Aimed

NOBODY_SIGNED_IN, ANY_ACCOUNT = "anyone, without signing in", "any AWS account"


def inside(standing: Standing) -> Principal:
    return Principal(standing.arn, standing.name, standing.kind)


def principal(judged: Judged) -> Principal:
    """Of a caller inside the account or out of it."""
    who = judged.who
    if judged.standing is not None:
        return inside(judged.standing)
    if who.kind == "anonymous":
        return Principal("*", NOBODY_SIGNED_IN, "anonymous", outside=True)
    if who is ANYBODY:
        return Principal("*", ANY_ACCOUNT, "any account", outside=True)
    value = who.value or ""
    if who.kind == "canonical":
        return Principal(value, f"the account with the canonical id {value}", "account", outside=True)
    if who.is_root:
        return Principal(value, f"account {who.account}", "account", outside=True)
    return Principal(value, value.rpartition("/")[2] or value, who.kind, outside=True)


def aimed(on: Aimed) -> Target:
    return Target(on.arn, on.name, on.kind, on.seen, on.doubts, on.notes)


def row(judged: Judged) -> Row:
    return Row(principal(judged), decided(judged))


def decided(judged: Judged) -> Decided:
    decision, possible = judged.decision, judged.by_what_was_read is not Answer.DENIED
    return Decided(
        judged.answer,
        judged.by_what_was_read,
        tuple(_via(one, found) for one in judged.both for found in one.decision.because),
        in_words(judged.residual) if possible else "",
        judged.residual if possible else None,
        decision.blocked_by,
        tuple(dict.fromkeys(doubt.because for doubt in judged.doubts)),
    )


def _via(judged: Judged, found: dict[str, Any]) -> Via:
    layer, number, level = found["layer"], found["statement"], found.get("level")
    written = judged.written(layer, level, found["policy"])
    return Via(
        layer,
        found["effect"],
        written,
        place(number, written),
        mark(written.document, number),
        str(found.get("sid") or ""),
        str(found.get("unknown") or ""),
        level,
        number,
    )


def explained(judged: Judged) -> Explained:
    action = judged.decision.request.action
    return Explained(row(judged), action, aimed(judged.target), tuple(layers_say(judged)), edits(judged))


# ways


def way(scene: Scene, origin: Principal, found: Path) -> Way:
    steps = tuple(_hop(scene, one) for one in found.steps)
    return Way(origin, found.escalates, found.administrator, found.paths, steps, found.unknown)


def _hop(scene: Scene, step: Step) -> Hop:
    because = tuple((one.permission, one.resource, _stands(one)) for one in step.because)
    origin, target = _named(scene, step.origin), _named(scene, step.target)
    return Hop(origin, target, step.rule.id, step.rule.title, because, tuple(step.rule.assumes))


def _named(scene: Scene, ref: str) -> Principal:
    """A principal of the account, or one that a step makes anew."""
    return scene.named(ref) if ref in scene.place else Principal(ref, ref, "new")


def _stands(reason: Reason) -> Decided:
    """The statement that a step rests on: of its policy the name is known."""
    layer = "resource" if reason.policy.startswith("trust of ") else "identity"
    number = int(reason.statement) if reason.statement.isdigit() else None
    where, sid = (reason.statement, reason.statement) if number is None else (place(number), "")
    via = Via(layer, "Allow", Written(reason.policy, None), where, sid=sid, statement=number)
    answer = Answer.IF if reason.condition else Answer.ALLOWED
    return Decided(answer, answer, (via,), in_words(reason.condition), reason.condition)
