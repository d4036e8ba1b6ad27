"""Who of an account can show a token elsewhere: roles and users of AWS, service accounts, service principals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.azure import PRINCIPAL, SUBSCRIPTION
from scanners.access.explorer import Principal
from scanners.graph.federation.doors import told
from scanners.graph.federation.tokens import Token, of_aws, of_entra, of_google
from scanners.model import Provider, Resource, Unread
from scanners.model.estate import Estate

SERVICE_ACCOUNT, TENANT, RESOURCE = "iam.googleapis.com/ServiceAccount", "Microsoft.Graph/organization", "resource"
Shown = Iterator[tuple[Principal, Token]]


def bearers(provider: Provider, estate: Estate, principals: Iterable[Principal], unread: list[str]) -> Shown:
    """`principals` as the account's engine lists them.  What was not read goes into `unread`."""
    if provider is Provider.AWS:
        for who in principals:
            if token := of_aws(who.ref):
                yield who, token
    elif provider is Provider.GCP:
        yield from _service_accounts(estate, unread)
    elif provider is Provider.AZURE:
        yield from _service_principals(estate, unread)


def _service_accounts(estate: Estate, unread: list[str]) -> Shown:
    for row in _seen(estate, SERVICE_ACCOUNT, unread):
        try:
            said = row[RESOURCE]
            unique, email = said.need("uniqueId").text(), said.need("email").text()
            if said["disabled"].value is not True:
                yield Principal(f"serviceAccount:{email}", email, "service account"), of_google(unique, email)
        except Unread as gaps:
            unread.extend(told(gaps.gaps))


def _service_principals(estate: Estate, unread: list[str]) -> Shown:
    """Those that are switched off get no token."""
    tenant = _tenant(estate)
    for row in _seen(estate, PRINCIPAL, unread):
        try:
            said = row[RESOURCE]
            id, client = said.need("id").text().casefold(), str(said["appId"].value or "")
            off, managed = said["accountEnabled"].value is False, said["servicePrincipalType"].value
        except Unread as gaps:
            unread.extend(told(gaps.gaps))
            continue
        if off:
            continue
        if not tenant:
            unread.append("the tenant of the subscription was not read")
            return
        who = Principal(id, row.name, "managed identity" if managed == "ManagedIdentity" else "service principal")
        yield from ((who, token) for token in of_entra(tenant, id, client))


def _tenant(estate: Estate) -> str:
    for kind, name in ((SUBSCRIPTION, "tenantId"), (TENANT, "id")):
        for row in _seen(estate, kind, []):
            try:
                said = row[RESOURCE][name].value
            except Unread:
                continue
            if isinstance(said, str) and said:
                return said.casefold()
    return ""


def _seen(estate: Estate, kind: str, unread: list[str]) -> Iterator[Resource]:
    try:
        yield from estate.all(kind)
    except Unread as gaps:
        unread.extend(told(gaps.gaps))
