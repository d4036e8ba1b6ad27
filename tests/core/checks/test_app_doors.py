"""App Service and Function Apps: who reaches them, and who is asked."""

import pytest

from tests.core.azure import at, case
from tests.core.cases import Cases

SITE = "Microsoft.Web/sites"
ANY = {"ipAddress": "Any", "action": "Allow", "priority": 2147483647}
NONE = {"ipAddress": "Any", "action": "Deny", "priority": 2147483647}
OFFICE = {"ipAddress": "198.51.100.0/24", "action": "Allow", "priority": 100}
DOOR = {"ipAddress": "AzureFrontDoor.Backend", "tag": "ServiceTag", "action": "Allow", "priority": 100}
MINE = {"ipAddress": "Any", "action": "Allow", "priority": 5, "headers": {"x-azure-fdid": ["1"]}}
HALF = {"ipAddress": "0.0.0.0/1", "action": "Allow", "priority": 100}
SIGN_IN = {"platform": {"enabled": True}, "globalValidation": {"requireAuthentication": True}}
WELCOME = {"platform": {"enabled": True}, "globalValidation": {
    "requireAuthentication": True, "unauthenticatedClientAction": "AllowAnonymous"}}  # fmt: skip
EXCEPT_ALL = {
    "platform": {"enabled": True},
    "globalValidation": {"requireAuthentication": True, "excludedPaths": ["/*"]},
}
OFF = {"platform": {"enabled": False}, "globalValidation": {"requireAuthentication": True}}
APPROVED = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
PENDING = {"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}


def trigger(name="hello", level="anonymous", **more):
    return {"name": name, "isDisabled": False, "bindings": [{"type": "httpTrigger", "authLevel": level}], **more}


def site(*, rules=(ANY,), network="Enabled", sign_in=OFF, functions=None, private=None, kind="functionapp", subject="",
         config=None, **told):  # fmt: skip
    sections = {
        "web_apps.get_configuration": {"properties": {"ipSecurityRestrictions": list(rules), **(config or {})}},
        "web_apps.get_auth_settings_v2_without_secrets": {"properties": sign_in},
    }
    if functions is not None:
        sections["web_apps.list_functions"] = list(functions)
    if private is not None:
        sections["web_apps.get_private_endpoint_connection_list"] = list(private)
    properties = {**told, **({"publicNetworkAccess": network} if network else {})}
    return case(at(SITE, body={"kind": kind}, properties=properties, **sections), subject=subject)


def func(**more):
    return site(functions=[trigger()], subject="hello", **more)


def app(**more):
    return site(kind="app,linux", **more)


def config(**more):
    return app(config=more, subject=more.pop("subject", ""))


OPEN_RULES = [  # rules, default → whether the internet comes in
    ((ANY,), None, True),
    ((), None, True),
    ((), "Deny", False),
    ((OFFICE,), None, False),
    ((OFFICE,), "Allow", True),
    ((OFFICE, NONE), None, False),
    ((OFFICE, ANY), None, True),
    ((DOOR, NONE), None, False),
    ((MINE, NONE), None, False),
    ((HALF, NONE), None, True),
    (({**NONE, "priority": 1}, ANY), None, False),
    ((ANY, {**OFFICE, "action": "Deny"}), None, True),
]


@pytest.mark.parametrize(("rules", "default", "is_open"), OPEN_RULES)
def test_the_first_rule_that_fits_decides_who_comes_in(rules, default, is_open):
    it = app(rules=rules, config={"ipSecurityRestrictionsDefaultAction": default} if default else {})

    assert (it.verdict("azure.app.public_network").outcome == "fail") is is_open


CASES = {
    "azure.function.anonymous_http": Cases(
        fails=(
            func(),
            func(sign_in=WELCOME),
            func(sign_in=EXCEPT_ALL),
            func(network=None, private=[]),
            func(network=None, private=[PENDING]),
            site(functions=[trigger("a", "function"), trigger("b", "Anonymous")], subject="b"),
        ),
        passes=(
            site(functions=[trigger(level="function")]),
            site(functions=[trigger(isDisabled=True)]),
            site(functions=[{"name": "n", "isDisabled": False, "bindings": [{"type": "timerTrigger"}]}]),
            site(functions=[]),
            func(sign_in=SIGN_IN),
            func(rules=(OFFICE, NONE)),
            func(network="Disabled"),
            func(network=None, private=[APPROVED]),
        ),
        neutral=(app(),),
    ),
    "azure.app.auth_off": Cases(
        fails=(app(), app(sign_in=WELCOME), site(functions=[trigger()]), app(rules=()),
               app(clientCertEnabled=True, clientCertMode="Optional")),
        passes=(
            app(sign_in=SIGN_IN),
            app(network="Disabled"),
            app(rules=(OFFICE, NONE)),
            app(network=None, private=[APPROVED]),
            app(clientCertEnabled=True, clientCertMode="Required"),
            site(functions=[trigger(level="function")]),
        ),
    ),
    "azure.app.https_only": Cases(fails=(app(httpsOnly=False), app()), passes=(app(httpsOnly=True),)),
    "azure.app.min_tls": Cases(
        fails=(
            config(minTlsVersion="1.0"),
            config(minTlsVersion="1.1"),
            config(minTlsVersion="1.2", scmMinTlsVersion="1.0", subject="scm"),
        ),
        passes=(config(minTlsVersion="1.2"), config(minTlsVersion="1.3", scmMinTlsVersion="1.2")),
        unknown=(config(),),
    ),
    "azure.app.public_network": Cases(
        fails=(
            app(),
            app(network=None, private=[]),
            app(rules=(OFFICE, NONE), config={"scmIpSecurityRestrictions": [ANY]}, subject="scm"),
        ),
        passes=(
            app(network="Disabled"),
            app(network=None, private=[APPROVED]),
            app(rules=(OFFICE, NONE), config={"scmIpSecurityRestrictionsUseMain": True}),
            app(network=None, private=[], config={"publicNetworkAccess": "Disabled"}),
        ),
    ),
    "azure.app.cors_any": Cases(
        fails=(config(cors={"allowedOrigins": ["https://a.example", "*"]}),),
        passes=(config(cors={"allowedOrigins": ["https://a.example"]}), config(), config(cors={"allowedOrigins": []})),
    ),
}  # fmt: skip
