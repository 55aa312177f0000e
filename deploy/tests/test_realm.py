"""The Keycloak realm: every field is one that Keycloak has, and it sets up what the server relies on."""

import json
import re
from typing import Any

import yaml
from conftest import ROOT
from models import read_pydantic

REALM = ROOT / "deploy/keycloak/mecapy-realm.json"
USERS = ROOT / "deploy/compose/mecapy-users-0.json"


def realm() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(REALM.read_text())
    return loaded


def client() -> dict[str, Any]:
    (only,) = realm()["clients"]
    return dict(only)


def test_every_field_is_keycloaks() -> None:
    models = read_pydantic("keycloak-admin-client", "keycloak_admin_client/models.py")
    assert models.problems(realm(), "RealmRepresentation") == []
    assert models.problems(json.loads(USERS.read_text()), "RealmRepresentation") == []


def test_the_client_takes_the_code_flow_with_pkce_and_nothing_else() -> None:
    mecapy = client()
    assert mecapy["clientId"] == "mecapy"
    assert mecapy["publicClient"] is False
    flows = ["standardFlowEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled"]
    assert [mecapy[flow] for flow in flows] == [True, False, False, False]
    assert mecapy["attributes"]["pkce.code.challenge.method"] == "S256"


def test_a_login_and_a_logout_lead_back_to_mecapy_only() -> None:
    mecapy = client()
    assert mecapy["redirectUris"] == ["${MECAPY_PUBLIC_URL}/auth/callback"]
    assert mecapy["attributes"]["post.logout.redirect.uris"] == "${MECAPY_PUBLIC_URL}/"
    assert mecapy["attributes"]["backchannel.logout.url"].startswith("${MECAPY_INTERNAL_URL}/")
    assert not any("*" in uri for uri in mecapy["redirectUris"])


def test_tokens_name_their_audience_and_the_roles() -> None:
    mappers = {mapper["protocolMapper"]: mapper["config"] for mapper in client()["protocolMappers"]}
    assert mappers["oidc-audience-mapper"]["included.client.audience"] == "mecapy"
    assert mappers["oidc-audience-mapper"]["access.token.claim"] == "true"
    roles = mappers["oidc-usermodel-realm-role-mapper"]
    assert (roles["claim.name"], roles["multivalued"]) == ("realm_access.roles", "true")
    assert roles["access.token.claim"] == roles["id.token.claim"] == "true"
    assert {role["name"] for role in realm()["roles"]["realm"]} == {"user", "admin"}


def test_no_secret_is_in_the_file_and_compose_gives_every_name_its_value() -> None:
    assert client()["secret"] == "${OIDC_CLIENT_SECRET}"
    assert "users" not in realm()
    names = set(re.findall(r"\$\{(\w+)\}", REALM.read_text()))
    keycloak = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["keycloak"]
    assert names == {"MECAPY_PUBLIC_URL", "MECAPY_INTERNAL_URL", "OIDC_CLIENT_SECRET"}
    assert names <= set(keycloak["environment"])
    guide = (ROOT / "docs/deploy/keycloak.md").read_text()
    assert all(f"`${{{name}}}`" in guide for name in names)


def test_users_of_compose_have_roles_of_the_realm() -> None:
    users = json.loads(USERS.read_text())
    assert users["realm"] == realm()["realm"]
    roles = {role["name"] for role in realm()["roles"]["realm"]}
    assert all(set(user["realmRoles"]) <= roles for user in users["users"])
