"""Where principals of a stored account stand: administrators, those who can become one, and all others.

The graph is built once for an estate.  An answer that rests on something unread raises Unread with the gaps themselves.
Conditions that are not known leave a path that may be there, as in `scanners.graph.paths`; an administrator has full
rights on no open condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.graph.graph import Graph, build
from scanners.graph.paths import Answer, Step, answer
from scanners.graph.proof import Reason
from scanners.graph.rights import ANY, GROUP, JOINS, ROLE, USER, Rights, account, rights_of
from scanners.graph.stored import DETAILS, THINGS
from scanners.graph.universe import members
from scanners.model import Gap, Node, Resource, Unread
from scanners.model import State as Read
from scanners.model.estate import Estate

# What an answer on escalation rests on; things that others run are looked at where somebody may change them.
PRINCIPALS = (*JOINS, (USER, DETAILS), (GROUP, DETAILS))


def graph_of(estate: Estate) -> Graph:
    return estate.derived("escalation", lambda: build(account(estate)))


def full_rights(estate: Estate, rights: Rights) -> Node | None:
    """The statement that makes an administrator of a principal; None of one who is none, or only on a condition."""
    graph = graph_of(estate)
    if not graph.node(graph.scene.place[rights.resource.ref]).row.admin:
        return None
    return next((rights.at(rule) for rule in rights.giving(ANY, whole=True)), None)


def escalation(estate: Estate, principal: Resource) -> Answer:
    """Whether a principal can become an administrator.  Raises Unread where nobody knows."""
    graph = graph_of(estate)
    if principal.ref not in graph.scene.place:
        raise Unread(*_gaps_of(estate, (principal.ref,)))
    found = estate.derived(("answer", principal.ref), lambda: answer(graph, principal.ref))
    if found.escalates is None:
        raise Unread(*_gaps_of(estate, found.unknown))
    return found


def acts_as(estate: Estate, principal: Resource) -> list[str]:
    """ARNs of the principals that one can act as in a single step, by things that were seen."""
    graph = graph_of(estate)
    if unread := [because for kind, because in account(estate).unread.items() if kind.startswith("iam:")]:
        raise Unread(*_gaps_of(estate, tuple(unread)))
    place = graph.scene.place[principal.ref]
    node = graph.node(place)
    bits = graph.scene.everyone & ~(1 << place) if node.row.admin else node.union
    return [graph.scene.principals[one].arn for one in members(bits)]


def proofs(estate: Estate, found: Answer) -> list[Node]:
    """The statements that the steps rest on."""
    nodes = [node for step in found.steps for reason in step.because for node in _proof(estate, step, reason)]
    return list({(node.ref, node.pointer): node for node in nodes}.values())


def _proof(estate: Estate, step: Step, reason: Reason) -> Iterator[Node]:
    if reason.policy.startswith("trust of "):
        if role := estate.find(ROLE, step.target):
            yield _statement(role[DETAILS].need("AssumeRolePolicyDocument"), reason.statement)
        return
    origin = estate.find(ROLE, step.origin) or estate.find(USER, step.origin)
    for held in rights_of(estate, origin).held if origin else ():
        if held.name == reason.policy:
            yield _statement(held.node, reason.statement) if held.own else held.node
            return


def _statement(document: Node, named: str) -> Node:
    """By its Sid or its place."""
    if not isinstance(document.value, dict):
        return document
    found = list(document["Statement"])
    by_sid = (one for one in found if isinstance(one.value, dict) and one["Sid"].value == named)
    return next(by_sid, found[int(named)] if named.isdigit() and int(named) < len(found) else document)


def _gaps_of(estate: Estate, reasons: tuple[str, ...]) -> list[Gap]:
    """The gaps behind the reasons of an answer; where no call failed, one for each kind that is not collected."""
    gaps: list[Gap] = []
    sections = [*PRINCIPALS, *((kind, section) for kind, (_, section, _) in THINGS.items())]
    for kind, section in sections:
        try:
            for row in estate.all(kind):
                row[section]
        except Unread as unread:
            gaps += unread.gaps
    kinds = [kind for kind, because in account(estate).unread.items() if because in reasons]
    missing = [Gap(kind, "", Read.UNSUPPORTED, account(estate).unread[kind], "global") for kind in kinds]
    plain = [Gap(f"iam.{DETAILS}", "", Read.UNSUPPORTED, because, "global") for because in reasons]
    return list(dict.fromkeys(gaps)) or missing or plain
