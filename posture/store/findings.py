"""Verdicts → findings: compared with what was known, and only what changed is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

from posture.models import Account, Finding, Resource
from posture.models.findings import Outcome as Stored
from posture.models.findings import State, Transition
from posture.store.copy import copy_into, execute
from scanners import lifecycle
from scanners.checks.registry import Check, checks
from scanners.lifecycle import Known
from scanners.model import Gap, Outcome, Provider, Severity, Verdict
from scanners.model.canonical import digest
from scanners.model.estate import Estate
from scanners.scan import decide

OUTCOME = {Outcome(label): number for number, label in Stored.choices}
LABEL = {number: outcome for outcome, number in OUTCOME.items()}
_json = msgspec.json.Encoder()
BATCH = 5_000  # changes that are held at once
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # of base32 (RFC 4648)
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_COLUMNS = (
    "finding", "key", "resource_id", "check_id", "subject", "outcome", "last_known", "state", "severity", "transition",
    "proof",
)  # fmt: skip
_STAYED_GONE = Verdict(Outcome.NOT_APPLICABLE, "The resource is gone: a full listing of its scope no longer shows it")
_SUBJECT_GONE = Verdict(Outcome.NOT_APPLICABLE, "What was judged is no longer part of the resource")


@dataclass(slots=True)
class Row:
    """A finding as it stands in the database."""

    id: int
    key: str
    resource: int
    check: str
    subject: str
    known: Known
    visited: bool = False


@dataclass(slots=True)
class Change:
    """What is to be written of one finding."""

    row: Row | None
    key: str
    resource: int
    check: str
    subject: str
    verdict: Verdict
    last_known: Outcome | None
    severity: Severity
    state: int
    transition: lifecycle.Transition
    proof: bytes


def public_key(account: str, check: str, ref: str, subject: str) -> str:
    """The finding's id: the same resource, check and subject have the same one in every installation."""
    seen = hashlib.blake2b("\x1f".join((account, check, ref, subject)).encode(), digest_size=9).digest()
    bits = int.from_bytes(seen, "big") << 8  # 72 bits in 15 letters of base32, two at a time
    return "".join([_PAIRS[bits >> shift & 1023] for shift in range(70, -1, -10)])[:15]


def apply(
    account: Account, estate: Estate, unseen: dict[int, tuple[Gap, ...]], at: datetime, seen_at: datetime | None
) -> Counter[str]:
    """Write the transitions of one scan.  Answers how many findings opened, resolved, … and stayed."""
    known = {row.key: row for row in _known(account)}
    stood = sum(not row.known.gone for row in known.values())
    counts: Counter[str] = Counter()

    def counted() -> Iterator[Change]:
        for change in _changes(account, estate, known, unseen):
            counts[str(change.transition)] += 1
            counts["moved"] += change.row is not None
            yield change

    write(account, counted(), at, seen_at)
    counts["unchanged"] = stood - counts["moved"]
    return Counter({transition: counts[transition] for transition in [*lifecycle.Transition, "unchanged"]})


def _changes(
    account: Account, estate: Estate, known: dict[str, Row], unseen: dict[int, tuple[Gap, ...]]
) -> Iterator[Change]:
    """What is to be written of all findings, one after the other: a large account has hundreds of thousands."""
    ids = {(kind, ref): pk for pk, kind, ref in _here(account)}
    blind: dict[tuple[int, str], Verdict] = {}  # (resource, check) → the unknown that covers all its subjects
    for resource, check, verdict in decide(estate, provider=Provider(account.provider)):
        pk = ids[resource.kind, resource.ref]
        if verdict.outcome is Outcome.UNKNOWN:
            blind[pk, check.id] = verdict
        key = public_key(account.ref, check.id, resource.ref, verdict.subject)
        yield from _weighed(known.get(key), key, pk, check, verdict, verdict.subject)
    here = set(ids.values())
    for row in known.values():
        if row.visited:
            continue
        if row.resource in unseen:
            gap = unseen[row.resource]
            why = f"Unknown, because {gap[0].call} gave no answer ({gap[0].code})"
            covered = Verdict(Outcome.UNKNOWN, why, missing=gap)
            yield from _weighed(row, row.key, row.resource, checks()[row.check], covered, row.subject)
        elif (unknown := blind.get((row.resource, row.check))) and row.subject:
            yield from _weighed(row, row.key, row.resource, checks()[row.check], unknown, row.subject)
        elif not row.known.gone:
            yield _gone(row, _SUBJECT_GONE if row.resource in here else _STAYED_GONE)


def _weighed(
    row: Row | None, key: str, resource: int, check: Check, verdict: Verdict, subject: str
) -> Iterator[Change]:
    """Nothing where all is as it was."""
    before = row.known if row else None
    seen = proof_digest(verdict)
    severity = verdict.severity or (before.severity if before and verdict.outcome == "unknown" else check.severity)
    moved = lifecycle.transition(before, verdict.outcome, severity, seen)
    if row:
        row.visited = True
    if moved:
        last = lifecycle.last_known(before, verdict.outcome)
        state = State[lifecycle.state(verdict.outcome).name]
        yield Change(row, key, resource, check.id, subject, verdict, last, severity, state, moved, seen)


def _gone(row: Row, why: Verdict) -> Change:
    last, gone, seen = row.known.last_known, lifecycle.Transition.GONE, proof_digest(why)
    known = row.known
    return Change(row, row.key, row.resource, row.check, row.subject, why, last, known.severity, State.GONE, gone, seen)


def proof_digest(verdict: Verdict) -> bytes:
    """Of all that people are shown; the wording of a refusal may differ from day to day and does not count."""
    missing = [(gap.call, gap.state, gap.code, gap.region) for gap in verdict.missing]
    return digest([verdict.sentence, [msgspec.to_builtins(p) for p in verdict.because], missing])


def _here(account: Account) -> Iterator[tuple[int, str, str]]:
    rows = Resource.objects.filter(account=account, gone_at=None).values_list("id", "kind", "ref")
    yield from rows.iterator(chunk_size=5000)


def _known(account: Account) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT f.id, f.key, f.resource_id, f.check_id, f.subject,
                      f.outcome, f.last_known, f.severity, f.state, p.digest
               FROM posture_finding f JOIN posture_proof p ON p.id = f.proof_id WHERE f.account_id = %s""",
            [account.pk],
        )
        while rows := cursor.fetchmany(5000):
            for pk, key, resource, check, subject, outcome, last, severity, state, proof in rows:
                last_known = LABEL[last] if last else None
                known = Known(LABEL[outcome], last_known, Severity(severity), bytes(proof), gone=state == State.GONE)
                yield Row(pk, key, resource, check, subject, known)


def write(account: Account, changes: Iterable[Change], at: datetime, seen_at: datetime | None) -> None:
    """They go to tables of their own as they come, so that few are held at once; then all are settled."""
    execute(
        """CREATE TEMP TABLE IF NOT EXISTS change (finding bigint, key text, resource_id bigint, check_id text,
             subject text, outcome smallint, last_known smallint, state smallint, severity smallint,
             transition smallint, proof bytea)
           ON COMMIT DELETE ROWS"""
    )
    execute(
        """CREATE TEMP TABLE IF NOT EXISTS change_proof (digest bytea, sentence text, because jsonb, missing jsonb)
           ON COMMIT DELETE ROWS"""
    )
    execute("TRUNCATE change")
    rest, some = iter(changes), False
    while batch := list(islice(rest, BATCH)):
        some = True
        _write_proofs({change.proof: change.verdict for change in batch})
        copy_into("change", _COLUMNS, (_line(change) for change in batch))
    where = {"account": account.pk, "at": at, "seen": seen_at}
    for statement in (_UPDATE, _INSERT, _CLOSE_STATES, _OPEN_STATES) if some else ():
        execute(statement, where)


def _line(c: Change) -> tuple[Any, ...]:
    last = OUTCOME[c.last_known] if c.last_known else None
    moved = Transition[c.transition.name].value
    return (
        c.row.id if c.row else None,
        c.key,
        c.resource,
        c.check,
        c.subject,
        OUTCOME[c.verdict.outcome],
        last,
        int(c.state),
        int(c.severity),
        moved,
        c.proof,
    )


def _write_proofs(proofs: dict[bytes, Verdict]) -> None:
    """Those that are not there yet.  By COPY: a first scan brings one for nearly every finding.

    No anti-join: planned over an empty table it would read the table that it fills once for each row.
    """
    execute("TRUNCATE change_proof")
    columns = ("digest", "sentence", "because", "missing")
    copy_into("change_proof", columns, (_proof_line(seen, verdict) for seen, verdict in sorted(proofs.items())))
    execute(
        """INSERT INTO posture_proof (digest, sentence, because, missing)
           SELECT digest, sentence, because, missing FROM change_proof
           ON CONFLICT (digest) DO NOTHING"""
    )


def _proof_line(seen: bytes, verdict: Verdict) -> tuple[Any, ...]:
    because, missing = (_json.encode(part).decode() for part in (verdict.because, verdict.missing))
    return seen, verdict.sentence, because, missing


# What stands on the finding is the open state once more, so that a page of current findings needs one table.
_UPDATE = """
    UPDATE posture_finding f SET
        outcome = c.outcome, last_known = c.last_known, state = c.state, severity = c.severity,
        transition = c.transition, proof_id = p.id, changed_at = %(at)s,
        opened_at = CASE WHEN c.outcome = 1 AND (f.opened_at IS NULL OR c.transition = 1) THEN %(at)s
                         WHEN c.outcome IN (1, 2) THEN f.opened_at END,
        seen_at = CASE WHEN c.outcome = 2 THEN coalesce(f.seen_at, %(seen)s) END
    FROM change c JOIN posture_proof p ON p.digest = c.proof WHERE f.id = c.finding
"""
_INSERT = """
    INSERT INTO posture_finding (key, account_id, resource_id, check_id, subject, outcome, last_known, state, severity,
                                 transition, proof_id, opened_at, changed_at)
    SELECT c.key, %(account)s, c.resource_id, c.check_id, c.subject, c.outcome, c.last_known, c.state, c.severity,
           c.transition, p.id, CASE WHEN c.outcome = 1 THEN %(at)s END, %(at)s
    FROM change c JOIN posture_proof p ON p.digest = c.proof WHERE c.finding IS NULL
"""
_CLOSE_STATES = """
    UPDATE posture_findingstate s SET until_at = %(at)s
    FROM change c WHERE s.finding_id = c.finding AND s.until_at IS NULL
"""
_OPEN_STATES = """
    INSERT INTO posture_findingstate (finding_id, since_at, account_id, proof_id, outcome, state, severity, transition)
    SELECT f.id, %(at)s, %(account)s, p.id, c.outcome, c.state, c.severity, c.transition
    FROM change c JOIN posture_finding f ON f.key = c.key JOIN posture_proof p ON p.digest = c.proof
"""


def tally(account: Account, at: datetime) -> None:
    """Count what stands now, for trends."""
    execute(
        """INSERT INTO posture_tally (account_id, at, outcome, severity, count)
           SELECT account_id, %s, outcome, severity, count(*) FROM posture_finding
           WHERE account_id = %s AND state <> 3 GROUP BY account_id, outcome, severity""",
        [at, account.pk],
    )


__all__ = ["Change", "Finding", "apply", "public_key", "tally", "write"]
