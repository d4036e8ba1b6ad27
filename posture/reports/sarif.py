"""SARIF 2.1.0 (OASIS Standard, 2020): checks as rules, findings as results, what was not read as notifications.

An unknown is a result of kind "open": the tool had too little evidence to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from posture.models import CoverageCell
from posture.queries.finding_coverage import in_words
from posture.queries.finding_records import Record, Report, iso
from posture.reports.json import text
from scanners.checks.registry import checks

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.0"}  # CVSS bands, as GitHub reads
SAID_ELSEWHERE = {"check", "sentence", "ref", "name"}
KINDS = {"fail": "fail", "pass": "pass", "unknown": "open", "not_applicable": "notApplicable"}


def pieces(report: Report) -> Iterator[str]:
    rules = {check: n for n, check in enumerate(report.checks)}
    driver = {"name": "posture", "rules": [rule(check) for check in rules]}
    run: Record = {"tool": {"driver": driver}, "invocations": [invocation(report)], "columnKind": "unicodeCodePoints"}
    run["properties"] = {"as_of": iso(report.as_of), "filters": report.filters, "coverage": report.coverage}
    yield f'{{"$schema":{text(SCHEMA)},"version":"2.1.0","runs":[{text(run)[:-1]},"results":['
    comma = "\n"
    for finding in report.findings:
        yield comma + text(result(finding, rules[finding["check"]]))
        comma = ",\n"
    yield "\n]}]}\n"


def rule(id: str) -> Record:
    """Of a check that the catalogue no longer has, only its id is known."""
    check = checks().get(id)
    if check is None:
        return {"id": id}
    fix = check.fix
    steps = [fix.console, f"CLI: {fix.cli}" if fix.cli else "", f"Terraform: {fix.terraform}" if fix.terraform else ""]
    return {
        "id": id,
        "name": check.title,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": "\n\n".join(step for step in steps if step)},
        "defaultConfiguration": {"level": LEVELS[check.severity.label]},
        "properties": {"tags": ["security", check.service], "security-severity": SCORES[check.severity.label]},
    }


def invocation(report: Report) -> Record:
    """Whether the tool ran is one thing, what it was not allowed to see another: that is told call by call."""
    told = [("note", "coverage", f"Coverage: {in_words(report.coverage)}.")]
    told += [("warning", "unread", gap(cell)) for cell in report.gaps]
    notes = [{"level": level, "descriptor": {"id": id}, "message": {"text": said}} for level, id, said in told]
    return {
        "executionSuccessful": True,
        "endTimeUtc": iso(report.generated_at),
        "toolExecutionNotifications": notes,
    }


def gap(cell: CoverageCell) -> str:
    needs = f"; it needs {cell.permission}" if cell.permission and cell.state == "denied" else ""
    code = f", {cell.code}" if cell.code else ""
    return f"Not read in account {cell.account.ref}: {cell.call} in {cell.region} ({cell.state}{code}){needs}."


def result(finding: Record, rule_index: int) -> Record:
    failed = finding["outcome"] == "fail"
    place = {"fullyQualifiedName": finding["ref"], "name": finding["name"], "kind": "resource"}
    location = {
        "physicalLocation": {"artifactLocation": {"uri": quote(finding["ref"], safe="/:@!$&'()*+,;=-._~")}},
        "logicalLocations": [place],
    }
    said: Record = {
        "ruleId": finding["check"],
        "ruleIndex": rule_index,
        "kind": KINDS[finding["outcome"]],
        "level": LEVELS[finding["severity"]] if failed else "none",
        "message": {"text": finding["sentence"]},
        "locations": [location],
        "partialFingerprints": {"posture/v1": finding["id"]},
        "properties": {name: value for name, value in finding.items() if name not in SAID_ELSEWHERE},
    }
    if finding["state"] == "waived":
        said["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return said
