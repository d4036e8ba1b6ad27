"""Rows and constraints."""

from posture.models.access import AccessGrant, AccessVersion, ActionCatalogue
from posture.models.accounts import Account, AccountGroup
from posture.models.findings import Finding, FindingState, Proof, Tally
from posture.models.inventory import Resource, ResourceVersion
from posture.models.organisations import Organisation, OrganisationSchedule
from posture.models.pace import Pace
from posture.models.people import Person
from posture.models.preflights import Preflight
from posture.models.scans import CoverageCell, Scan, Schedule, Scope, StagedResource, Unit

__all__ = [
    "AccessGrant",
    "AccessVersion",
    "Account",
    "AccountGroup",
    "ActionCatalogue",
    "CoverageCell",
    "Finding",
    "FindingState",
    "Organisation",
    "OrganisationSchedule",
    "Pace",
    "Person",
    "Preflight",
    "Proof",
    "Resource",
    "ResourceVersion",
    "Scan",
    "Schedule",
    "Scope",
    "StagedResource",
    "Tally",
    "Unit",
]
