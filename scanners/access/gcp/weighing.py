"""What statements say of one question, in three values, and the answer that follows.

An answer is worked out three times: by what was read, and with all that was not read counted for and against it.  Where
those differ, it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scanners.access.explorer import Answer, Decided
from scanners.access.gcp.cel import Context, Outcome, evaluate
from scanners.access.gcp.members import Belongs
from scanners.access.gcp.statements import ALLOW, Statement
from scanners.access.truth import MAYBE, NO, YES, Truth

BOUNDARY = "boundary"
_WHEN = Outcome(YES)
_STANDS = {YES: Answer.ALLOWED, MAYBE: Answer.IF, NO: Answer.DENIED}
NOTHING = Decided(Answer.DENIED, Answer.DENIED, blocked_by=ALLOW)  # nothing gives it
LONGEST = 12  # statements that are told of one answer


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What is known of requests to one resource; conditions are worked out once.

    `whole`: all of the request is known, and a condition that asks for more is not met.
    """

    context: Context
    whole: bool = False
    known: dict[object, Outcome] = field(default_factory=dict, repr=False)

    def outcome(self, expression: object) -> Outcome:
        if expression is None:
            return _WHEN
        key = expression if isinstance(expression, str) else repr(expression)
        if key not in self.known:
            found = evaluate(expression, self.context)
            self.known[key] = Outcome(NO) if self.whole and found.truth == MAYBE and not found.flaw else found
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement that speaks of the question and may hold.

    `truth`: whether it holds by what was read.  `unread`: what was not read and may change that; `most` and `least`
    are then how far it may go.
    """

    statement: Statement
    truth: Truth
    most: Truth
    unread: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    residual: tuple[object, ...] = ()  # the same for programs
    until: datetime | None = None
    shaky: str = ""

    @property
    def least(self) -> Truth:
        return NO if self.shaky else self.truth


def weigh(statement: Statement, belongs: Belongs, spared: Iterable[Belongs], situation: Situation) -> Weighed | None:
    """None where it surely does not hold.  `spared`: how far the caller belongs to those whom it spares."""
    when = situation.outcome(statement.expression)
    if when.truth == NO or belongs.truth == NO:
        return None
    unread: list[str] = []
    words: list[str] = []
    residual: list[object] = []
    if belongs.truth == MAYBE:
        (unread if belongs.unread else words).append(belongs.unread or belongs.words)
        residual += [] if belongs.unread else [{"caller": belongs.words}]
    if when.truth == MAYBE:
        (unread if when.flaw else words).append(when.flaw or when.words)
        residual += [] if when.flaw else [{"cel": when.left}]
    for one in spared:
        if one.truth == YES:
            return None
        if one.truth == MAYBE:
            (unread if one.unread else words).append(one.unread or f"not ({one.words})")
            residual += [] if one.unread else [{"not": {"caller": one.words}}]
    if statement.role is not None and statement.role.unread:
        unread.append(statement.role.unread)
    most = MAYBE if words else YES
    truth = NO if unread else most
    return Weighed(statement, truth, most, tuple(unread), tuple(words), tuple(residual), when.until, belongs.shaky)


def decided(
    allows: Sequence[Weighed],
    blocks: Sequence[Weighed],
    unread_allows: tuple[str, ...] = (),
    unread_denies: tuple[str, ...] = (),
) -> Decided:
    """`blocks` deny it, deny rules first; `unread_…`: what was not read and may hold further statements."""
    if not allows and not blocks and not unread_allows:
        return NOTHING
    allowed, allowed_most = _max(allows, "truth"), YES if unread_allows else _max(allows, "most")
    blocked, blocked_most = _max(blocks, "truth"), YES if unread_denies else _max(blocks, "most")
    read = _STANDS[min(allowed, YES - blocked)]
    least, most = min(_max(allows, "least"), YES - blocked_most), min(allowed_most, YES - blocked)
    answer = read if least == most else Answer.UNKNOWN
    because: tuple[str, ...] = ()
    if answer is Answer.UNKNOWN:
        for_it = _reasons(allows, unread_allows) if allowed < allowed_most else ()
        against = _reasons(blocks, unread_denies) if blocked < blocked_most else ()
        shaky = (one.shaky for one in allows if one.shaky)
        because = tuple(dict.fromkeys((*for_it, *against, *shaky)))
    deciding = _deciding(answer, read, allows, blocks)
    return Decided(
        answer,
        read,
        tuple(one.statement.via for one in deciding[:LONGEST]),
        _condition(read, answer, allows, blocks),
        _residual(read, allows, blocks) if read is Answer.IF else None,
        _blocked_by(answer, blocks),
        because,
    )


def _max(weighed: Iterable[Weighed], field: str) -> Truth:
    return max((getattr(one, field) for one in weighed), default=NO)


def _reasons(weighed: Iterable[Weighed], unread: tuple[str, ...]) -> tuple[str, ...]:
    return (*(why for one in weighed for why in one.unread), *unread)


def _deciding(answer: Answer, read: Answer, allows: Sequence[Weighed], blocks: Sequence[Weighed]) -> list[Weighed]:
    if answer is Answer.DENIED:
        return [one for one in blocks if one.truth == YES]
    if answer is Answer.UNKNOWN:
        return [one for one in (*allows, *blocks) if one.truth or one.unread]
    sure = [one for one in allows if one.truth == YES]
    if answer is Answer.ALLOWED:
        return sure
    return [*(sure or [one for one in allows if one.truth]), *(one for one in blocks if one.truth)]


def _blocked_by(answer: Answer, blocks: Sequence[Weighed]) -> str | None:
    if answer is not Answer.DENIED:
        return None
    return next((one.statement.layer for one in blocks if one.truth == YES), ALLOW)


def _condition(read: Answer, answer: Answer, allows: Sequence[Weighed], blocks: Sequence[Weighed]) -> str:
    """What must hold, in words; of what is allowed for a time, until when."""
    if read is Answer.ALLOWED:
        ends = [one.until for one in allows if one.truth == YES]
        last = max((end for end in ends if end), default=None)
        return f"until {last:%Y-%m-%dT%H:%M:%SZ}" if last and None not in ends else ""
    if read is not Answer.IF:
        return ""
    return ", and ".join(part for part in (_words(allows, "or"), _unless(blocks)) if part)


def _words(weighed: Sequence[Weighed], word: str) -> str:
    if any(one.truth == YES for one in weighed):
        return ""
    each = [" and ".join(one.words) for one in weighed if one.truth == MAYBE]
    return f", {word} ".join(f"if {one}" for one in dict.fromkeys(each))


def _unless(blocks: Sequence[Weighed]) -> str:
    each = [" and ".join(one.words) for one in blocks if one.truth == MAYBE]
    return ", ".join(f"unless {one}" for one in dict.fromkeys(each))


def _residual(read: Answer, allows: Sequence[Weighed], blocks: Sequence[Weighed]) -> object:
    """{"all": […]} of {"any": […]} and {"not": …}, with conditions as {"cel": text} or {"caller": words}."""
    parts: list[object] = []
    if not any(one.truth == YES for one in allows):
        some = [_left(one) for one in allows if one.truth == MAYBE]
        parts.append(some[0] if len(some) == 1 else {"any": some})
    parts += [{"not": _left(one)} for one in blocks if one.truth == MAYBE]
    return parts[0] if len(parts) == 1 else {"all": parts}


def _left(one: Weighed) -> object:
    return one.residual[0] if len(one.residual) == 1 else {"all": list(one.residual)}
