"""App Service and Function Apps: who reaches them, over what, and who is asked who they are.

Limits: those of `scanners.access.azure.doors`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure import RESOURCE
from scanners.access.azure.calling import is_function_app
from scanners.access.azure.doors import (
    CONFIG,
    FUNCTIONS,
    PRIVATE,
    SIGN_IN,
    anonymous,
    asks_who,
    open_door,
    open_rule,
    word,
)
from scanners.checks.facets import claim
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

SITE = "Microsoft.Web/sites"
OLD = ("1.0", "1.1", "ssl3.0")


@check(
    "azure.function.anonymous_http",
    on=SITE,
    severity=Severity.HIGH,
    title="HTTP function open to anonymous callers",
    reads=(RESOURCE, FUNCTIONS, SIGN_IN, CONFIG, PRIVATE),
    fix=Fix(
        console="Function App > Settings > Authentication: require authentication; or set authLevel to function in the"
        " code and deploy.",
        cli="az webapp auth update --ids ID --enabled true --action Return401",
        terraform='resource "azurerm_linux_function_app" "this" { auth_settings_v2 { auth_enabled = true'
        "  require_authentication = true } }",
    ),
)
def anonymous_http(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can run the code behind it, as often as they like, with input of their choice."""
    if not is_function_app(site):
        yield not_applicable("It runs no functions", site[RESOURCE]["kind"])
        return
    found = list(anonymous(site))
    if not found:
        yield passed("Every HTTP trigger wants a key", site[FUNCTIONS])
        return
    required, sign_in = asks_who(site)
    if required:
        yield passed("The platform lets nobody in who has not signed in", sign_in)
        return
    why = open_door(site)
    if not why:
        yield passed("Strangers do not reach it over the network", site[CONFIG]["properties"]["ipSecurityRestrictions"])
    for name, level in found if why else ():
        yield failed("It answers whoever calls it, and nothing stands before it", level, sign_in, *why, subject=name)


@check(
    "azure.app.auth_off",
    on=SITE,
    severity=Severity.MEDIUM,
    title="Platform authentication off on a public app",
    reads=(RESOURCE, SIGN_IN, CONFIG, FUNCTIONS, PRIVATE),
    fix=Fix(
        console="App Service > the app > Settings > Authentication: add a provider, require authentication.",
        cli="az webapp auth update --ids ID --enabled true --action RedirectToLoginPage",
        terraform='resource "azurerm_linux_web_app" "this" { auth_settings_v2 { auth_enabled = true'
        "  require_authentication = true } }",
    ),
)
def auth_off(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whether a stranger gets in hangs on the code alone; one forgotten check is enough."""
    told = site[RESOURCE]["properties"]
    required, sign_in = asks_who(site)
    if required:
        yield passed("The platform lets nobody in who has not signed in", sign_in)
    elif told["clientCertEnabled"].value is True and word(told["clientCertMode"], "required") == "required":
        yield passed("Callers must show a certificate", told["clientCertEnabled"], told["clientCertMode"])
    elif not (why := open_door(site)):
        yield passed("Strangers do not reach it over the network", site[CONFIG]["properties"]["ipSecurityRestrictions"])
    elif is_function_app(site) and not list(anonymous(site)):
        yield passed("Every HTTP trigger wants a key", site[FUNCTIONS])
    else:
        yield failed("The platform asks nobody who they are, and the internet reaches it", sign_in, *why)


@check(
    "azure.app.https_only",
    on=SITE,
    severity=Severity.HIGH,
    title="App serves plain HTTP",
    reads=(RESOURCE,),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > General settings > HTTPS Only: on.",
        cli="az webapp update --ids ID --https-only true",
        terraform='resource "azurerm_linux_web_app" "this" { https_only = true }',
    ),
)
def https_only(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever is on the way reads along and changes what is said, session cookies included."""
    told = site[RESOURCE]["properties"]["httpsOnly"]
    yield claim(told.value is True, "Plain HTTP is sent on to HTTPS", "It answers over plain HTTP", told)


@check(
    "azure.app.min_tls",
    on=SITE,
    severity=Severity.MEDIUM,
    title="App accepts old TLS",
    reads=(CONFIG,),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > General settings > Minimum inbound TLS version:"
        " 1.2, for the SCM site, too.",
        cli="az webapp config set --ids ID --min-tls-version 1.2",
        terraform='resource "azurerm_linux_web_app" "this" { site_config { minimum_tls_version = "1.2"'
        '  scm_minimum_tls_version = "1.2" } }',
    ),
)
def min_tls(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Versions before 1.2 have known weaknesses, and a go-between can talk two parties down to them."""
    told = site[CONFIG].need("properties")
    own, scm = told.need("minTlsVersion"), told["scmMinTlsVersion"]
    yield claim(word(own) not in OLD, f"TLS {own.value} is the least", f"It accepts TLS {own.value}", own)
    if scm.value:
        good, bad = f"Deployment wants TLS {scm.value}", f"Deployment accepts TLS {scm.value}"
        yield claim(word(scm) not in OLD, good, bad, scm, subject="scm")


@check(
    "azure.app.public_network",
    on=SITE,
    severity=Severity.MEDIUM,
    title="App reachable from every network",
    reads=(RESOURCE, CONFIG, PRIVATE),
    fix=Fix(
        console="App Service > the app > Settings > Networking > Inbound traffic > Access restrictions: allow your own"
        " networks or your Front Door, deny the rest.",
        cli="az webapp config access-restriction add --ids ID --rule-name office --action Allow --ip-address"
        " 198.51.100.0/24 --priority 100",
        terraform='resource "azurerm_linux_web_app" "this" { site_config { ip_restriction_default_action = "Deny" } }',
    ),
)
def public_network(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Requests reach it past the gateway, and so past its firewall and whatever else filters there."""
    config = site[CONFIG].need("properties")
    why = open_door(site)
    if why:
        yield failed("The whole internet reaches it", *why)
        return
    yield passed("The network is closed, or rules name who may come", config["ipSecurityRestrictions"])
    if str(site[RESOURCE]["properties"]["publicNetworkAccess"].value or "").lower() == "enabled":
        own = config["scmIpSecurityRestrictionsUseMain"]
        rule = open_rule(config["scmIpSecurityRestrictions"], config["scmIpSecurityRestrictionsDefaultAction"])
        if own.value is not True and rule:
            yield failed("The whole internet reaches its deployment site", rule, own, subject="scm")


@check(
    "azure.app.cors_any",
    on=SITE,
    severity=Severity.MEDIUM,
    title="App accepts every origin",
    reads=(CONFIG,),
    fix=Fix(
        console="App Service > the app > API > CORS: remove *, name the origins.",
        cli="az webapp cors remove --ids ID --allowed-origins '*'",
        terraform='resource "azurerm_linux_web_app" "this" { site_config { cors { allowed_origins ='
        ' ["https://shop.example"] } } }',
    ),
)
def cors_any(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any page that a person visits may call it in that person's browser, and read what it answers."""
    cors = site[CONFIG].need("properties")["cors"]
    for origin in cors["allowedOrigins"]:
        if origin.text().strip() == "*":
            severity = Severity.HIGH if cors["supportCredentials"].value is True else None
            yield failed("Pages of every origin may call it", origin, cors["supportCredentials"], severity=severity)
    yield passed("It names the origins whose pages may call it", cors)
