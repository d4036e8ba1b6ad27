"""Function Apps and Container Apps: what their pages tell of their settings."""

from __future__ import annotations

from posture.queries.clouds.running import Line, Runs

CONFIG = "web_apps.get_configuration/properties"
SIGN_IN = "web_apps.get_auth_settings_v2_without_secrets/properties"
KINDS = {"system": "its own", "user": "given to it"}
SITE = Runs(
    "Microsoft.Web/sites",
    "Function App",
    (
        "resource/properties/functionAppConfig/runtime/name",
        f"{CONFIG}/linuxFxVersion",
        f"{CONFIG}/windowsFxVersion",
        f"{CONFIG}/javaVersion",
        f"{CONFIG}/nodeVersion",
        f"{CONFIG}/powerShellVersion",
        f"{CONFIG}/netFrameworkVersion",
    ),
    settings=(
        Line(
            "Runtime",
            (
                "resource/properties/functionAppConfig/runtime/name",
                f"{CONFIG}/linuxFxVersion",
                f"{CONFIG}/windowsFxVersion",
                f"{CONFIG}/javaVersion",
                f"{CONFIG}/nodeVersion",
                f"{CONFIG}/powerShellVersion",
                f"{CONFIG}/netFrameworkVersion",
            ),
            check="azure.app.runtime_eol",
        ),
        Line("Functions", ("web_apps.list_functions",), "none", check="azure.function.anonymous_http", each="name"),
        Line(
            "Sign-in",
            (f"{SIGN_IN}/platform/enabled",),
            "left to the code",
            check="azure.app.auth_off",
            words={True: "by the platform", False: "left to the code"},
        ),
        Line(
            "Network",
            ("resource/properties/publicNetworkAccess", f"{CONFIG}/publicNetworkAccess"),
            "open unless a rule says otherwise",
            check="azure.app.public_network",
            words={"Enabled": "open unless a rule says otherwise", "Disabled": "private ways only"},
        ),
        Line(
            "Plain HTTP",
            ("resource/properties/httpsOnly",),
            "answered as well",
            check="azure.app.https_only",
            words={True: "sent on to HTTPS", False: "answered as well"},
        ),
        Line("Least TLS", (f"{CONFIG}/minTlsVersion",), check="azure.app.min_tls"),
        Line("Identity", ("resource/identity",), "none", check="azure.app.identity", words=KINDS, each="*"),
        Line("Settings", ("web_apps.list_application_settings",), "none", "azure.app.settings_secret", each="*"),
    ),
    only=("resource/kind", "functionapp"),
)
CONTAINER_APP = Runs(
    "Microsoft.App/containerApps",
    "Container App",
    (),
    "container image",
    settings=(
        Line(
            "Reached from",
            ("resource/properties/configuration/ingress/external",),
            "nowhere: it takes no requests",
            check="azure.containerapp.exposed",
            words={True: "outside its environment", False: "its environment only"},
        ),
        Line(
            "Plain HTTP",
            ("resource/properties/configuration/ingress/allowInsecure",),
            "sent on to HTTPS",
            words={True: "answered as well", False: "sent on to HTTPS"},
        ),
        Line(
            "Certificates of callers",
            ("resource/properties/configuration/ingress/clientCertificateMode",),
            "not asked for",
        ),
        Line(
            "Identity",
            ("resource/identity",),
            "none",
            check="azure.app.identity_privileged",
            words=KINDS,
            each="*",
        ),
    ),
)
RUNS = (SITE, CONTAINER_APP)
OPEN_TO = {
    "azure.function.anonymous_http": "anyone",
    "azure.app.auth_off": "anyone",
    "azure.containerapp.exposed": "anyone on the internet",
}
