"""The way into an account, tried before anything rests on it."""

from __future__ import annotations

from posture.actions.ways import way
from posture.models import Account
from posture.runtime.mistakes import Mistake
from scanners.collectors.cloud import Caller, Refusal, Transport
from scanners.model import Provider
from scanners.scan import way_in


def connect(account: Account) -> Transport:
    """Nothing is asked yet.  Raises Refusal where there are no credentials at all."""
    return way_in(Provider(account.provider)).connect(way(account.provider).connection(account))


def tried(account: Account) -> Caller:
    """Who we are to an account, stored or about to be; asks the cloud, for at most ten seconds.  Raises Mistake."""
    cloud = way(account.provider)
    try:
        return cloud.probe(account)
    except Refusal as refusal:
        raise Mistake(cloud.refused(refusal, account)[:400]) from None
