"""The access engine of Google Cloud over one project as a scan left it.

Limits: principal access boundaries are known of this organisation and this project alone; access scopes of machines'
tokens and VPC service controls are not part of a decision.  Organisation policies forbid settings, not requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from scanners.access.explorer import (
    Answer,
    Decided,
    Explained,
    Held,
    NotFound,
    Principal,
    Row,
    Sized,
    Target,
    WhoCan,
)
from scanners.access.gcp import targets
from scanners.access.gcp.deciding import OF_A_SCAN, Deciding, Request
from scanners.access.gcp.explaining import explained
from scanners.access.gcp.holding import held
from scanners.access.gcp.kinds import ACCOUNT, FUNCTION, SECOND, SERVICE
from scanners.access.gcp.members import ALL, AUTHENTICATED, KINDS, key_of, kind_of, member_of
from scanners.access.gcp.roles import SPELLED
from scanners.access.gcp.sizing import sized
from scanners.access.gcp.statements import Statement, shortened
from scanners.access.gcp.tree import email_of, number_of, told
from scanners.model import Gap, Resource, State, Unread
from scanners.model.estate import Estate

OFTEN = (
    "resourcemanager.projects.setIamPolicy",
    "iam.serviceAccounts.actAs",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccountKeys.create",
    "secretmanager.versions.access",
    "storage.objects.get",
    "run.routes.invoke",
    "cloudfunctions.functions.invoke",
    "cloudkms.cryptoKeyVersions.useToDecrypt",
)
_SURE = {answer: place for place, answer in enumerate((Answer.ALLOWED, Answer.IF, Answer.UNKNOWN, Answer.DENIED))}
_SEEN = 10  # of several principals that a name may mean


class GoogleEngine:
    """An `Engine` (scanners.access.explorer)."""

    def __init__(self, estate: Estate, request: Request = OF_A_SCAN) -> None:
        self.estate, self.deciding = estate, Deciding(estate, request)

    @property
    def gaps(self) -> tuple[str, ...]:
        tree = self.deciding.tree
        above = (why for level in tree.chain for why in (*level.unread, *level.unread_denies, *level.unread_bounds))
        return tuple(dict.fromkeys((*tree.unread, *above, *self.deciding.roles.gaps, *self._unread_groups())))

    def _unread_groups(self) -> Iterator[str]:
        known = self.deciding.society.groups
        missing = sum(1 for key in self._keys if key.startswith("group:") and key not in known)
        if missing:
            yield f"who is a member of {missing} group{'s' if missing > 1 else ''} was not read"

    @cached_property
    def _keys(self) -> dict[str, Principal]:
        """Service accounts of the project, and whoever any policy names."""
        tree = self.deciding.tree
        accounts = [f"serviceAccount:{email}" for email in tree.emails()]
        levels = (*tree.chain, *tree.policed())
        named = [member for level in levels for one in level.allows for member in one.members]
        spared = [key for level in tree.chain for one in level.denies for key in (*one.members, *one.spared)]
        keys = dict.fromkeys(key_of(one) for one in accounts) | dict.fromkeys((*named, *spared))
        people = {member for members in self.deciding.society.groups.values() for member in members}
        keys |= dict.fromkeys(sorted(people))
        return {key: self._principal(key) for key in keys if key and not key.startswith(("project",))}

    def _principal(self, key: str) -> Principal:
        kind = kind_of(key)
        ref = member_of(key)
        name = key.partition(":")[2] if kind in ("user", "serviceAccount", "group", "domain") else KINDS.get(key, ref)
        return Principal(ref, name, KINDS.get(kind, kind), self.deciding.society.outside(key))

    def principals(self) -> Sequence[Principal]:
        return tuple(self._keys.values())

    def principal(self, text: str) -> Principal:
        text = text.strip()
        key = key_of(text)
        if key in self._keys:
            return self._keys[key]
        if text.startswith("//") and (account := self.deciding.tree.resources.get(text)) and account.kind == ACCOUNT:
            return self._principal(key_of(f"serviceAccount:{email_of(account)}"))
        wanted = text.lower()
        found = [one for one in self._keys.values() if wanted in (one.name.lower(), one.name.lower().partition("@")[0])]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(f"{text!r} may be {', '.join(one.ref for one in found[:_SEEN])}")
        if kind_of(key) in KINDS and (":" in key or key in (ALL, AUTHENTICATED)):
            return self._principal(key)  # named by nobody, and yet everybody's rights are its own
        raise NotFound(f"Nobody in the project is called {text!r}")

    def target(self, text: str) -> Target:
        return targets.target(text, self.deciding.tree, self.estate.account)

    def action(self, text: str) -> str:
        short = shortened(text.strip())
        found = self.deciding.roles.spelled.get(short.lower())
        if found is None and not SPELLED.fullmatch(short):
            raise NotFound(f"{text[:120]!r} is no permission; they are spelled service.resource.verb")
        return found or short

    def known(self, action: str) -> bool:
        return action in self.deciding.roles.universe

    def often(self) -> tuple[str, ...]:
        return tuple(one for one in OFTEN if self.known(one)) or OFTEN

    def suggested(self, beginning: str) -> Iterable[str]:
        wanted = beginning.strip().lower()
        return sorted(one for one in self.deciding.roles.universe if one.lower().startswith(wanted))

    def decide(self, who: Principal, action: str, target: Target) -> Decided:
        return self.deciding.decide(key_of(who.ref), action, target)

    def spots(self, who: Principal, permission: str) -> frozenset[str]:
        """Refs of the levels and resources where a binding gives it to somebody, or might, something being unread.

        Elsewhere in the project the answer is that of the project.
        """
        key, deciding = key_of(who.ref), self.deciding
        return frozenset(
            level.ref
            for level in deciding.every_level
            if level.unread
            or any(one.speaks_of(permission) for one, _ in deciding.entries(key, level, deciding.private(level)))
        )

    def who_can(self, action: str, target: Target) -> WhoCan:
        action = self.action(action)
        rows = [Row(who, self.decide(who, action, target)) for who in self.principals()]
        kept = [row for row in rows if row.decided.answer is not Answer.DENIED]
        kept.sort(key=lambda row: (_SURE[row.decided.answer], not row.decided.possible, row.who.outside, row.who.ref))
        return WhoCan(action, target, tuple(kept), len(rows) - len(kept), len(rows))

    def explain(self, who: Principal, action: str, target: Target) -> Explained:
        return explained(self.deciding, who, self.action(action), target)

    def held(self, who: Principal) -> Held:
        return held(self.deciding, key_of(who.ref))

    def right_size(self, who: Principal) -> Sized:
        return sized(self.deciding, key_of(who.ref))

    def invocation(self, function: Resource) -> tuple[str, ...]:
        """Raises Unread.  What an event of the first generation calls is called by the platform alone."""
        if function.kind == SERVICE:
            return ("run.routes.invoke",)
        if function.kind not in (FUNCTION, SECOND):
            return ()
        about = told(function)
        if about["environment"].value == "GEN_2":
            return ("run.routes.invoke",)
        return () if about["eventTrigger"].present else ("cloudfunctions.functions.invoke",)

    def runs_as(self, function: Resource) -> tuple[Principal, ...]:
        """The account it names, else the default one: App Engine's for the first generation, Compute Engine's else.

        Sources: "Function identity" and "Service identity" (Cloud Run functions, Cloud Run), read 2026-11.
        """
        if function.kind == SERVICE:
            email = told(function, "template", "serviceAccount").value
        elif function.kind in (FUNCTION, SECOND):
            email = told(function, "serviceConfig", "serviceAccountEmail").value
        else:
            return ()
        if not email:
            email = self._default(function)
        if not isinstance(email, str):
            raise Unread(Gap(function.calls.get("resource", ""), "", State.PARSE_ERROR, "NoAccount", function.region))
        return (self._principal(key_of(f"serviceAccount:{email.rpartition('/')[2]}")),)

    def _default(self, function: Resource) -> str:
        if function.kind != SERVICE and told(function, "environment").value != "GEN_2":
            return f"{self.estate.account}@appspot.gserviceaccount.com"
        number = number_of(self.deciding.tree.project)
        if not number:
            call = "cloudresourcemanager.projects.get"
            raise Unread(Gap(call, "resourcemanager.projects.get", State.SKIPPED, "NumberNotRead", "global"))
        return f"{number}-compute@developer.gserviceaccount.com"


def statements_of(engine: GoogleEngine) -> Iterator[Statement]:
    """Every binding and deny rule that was read, for whoever looks for conditions and members."""
    tree = engine.deciding.tree
    for level in (*tree.chain, *tree.policed()):
        yield from (*level.allows, *level.denies)
