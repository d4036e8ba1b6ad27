"""The right-sized policy of a principal of a stored account: its identity policies against IAM's report of its use, and
against what records of CloudTrail tell, where somebody brings them.
"""

from __future__ import annotations

from scanners.access.aws.recorded import Told, told
from scanners.access.aws.right_size import Confidence, right_size
from scanners.access.aws.trail import Trail
from scanners.access.aws.usage import SECTION, Usage, usage
from scanners.access.explorer import Sized
from scanners.graph.history import functions_of, history, running_as
from scanners.graph.recording import recording
from scanners.graph.standing import Standing, View
from scanners.model import Unread
from scanners.model.estate import Estate

_KINDS = {"role": "AWS::IAM::Role", "user": "AWS::IAM::User"}
_NOT_ASKED = "NotAsked"


def used(estate: Estate, standing: Standing) -> tuple[Usage | None, str]:
    """(what it used, or None, because).  Not asked, refused and unfinished are told apart, and none is "unused"."""
    try:
        found = estate.find(_KINDS[standing.kind], standing.arn) if standing.kind in _KINDS else None
        if found is None:
            return None, "IAM keeps no such report of it"
        said = found[SECTION]
        if not said.present:
            return None, "IAM has no report of it"
        if isinstance(said.value, dict) and said["JobStatus"].value not in (None, "COMPLETED"):
            return None, f"the report was not done ({said['JobStatus'].value})"
        return usage(said), ""
    except Unread as gaps:
        first = gaps.gaps[0]
        if first.code == _NOT_ASKED:
            return None, "no scan has asked IAM for it"
        return None, f"{first.call} was not read ({first.code})"


def proposed(view: View, standing: Standing, trail: Trail | None = None) -> Sized:
    if standing.kind == "root":
        return Sized(None, Confidence.NONE, refused="no policy narrows the root user; policies of an organisation do")
    unread = [doubt.because for doubt in standing.doubts if doubt.layer == "identity"]
    if unread:
        return Sized(None, Confidence.NONE, refused=f"not all of its policies were read: {unread[0]}")
    found, because = used(view.estate, standing)
    policies = [(written.name, written.document) for written in standing.identity]
    if trail:
        functions, _ = functions_of(view.estate)
        runs_in = [one.region for one in running_as(functions, standing.arn)]
        in_use = [one.region for one in functions]
        heard: Told | None = told(trail, standing.arn, found, recording(view.estate), runs_in, in_use)
    else:
        heard = history(view, standing, found)
    return right_size(standing.who, policies, found, because, heard)
