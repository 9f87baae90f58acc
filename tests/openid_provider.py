"""A provider of OpenID Connect on a port of this machine, made with Authlib's server side: another
program than the one that Promint checks tokens with. It wants PKCE with S256 and the client's
secret, and takes a code once. Tests choose who sits at the browser, and may let it lie.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Flask, redirect, request
from joserfc import jwk
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "promint at work", "s3cret/with+signs%"


@cache
def _usual_key() -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, auto_kid=True)


class Client:
    """Promint, as the provider knows it. The names are those that Authlib calls."""

    def __init__(self, back: str) -> None:
        self.back = back

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, address: str) -> bool:
        return address == self.back

    def check_client_secret(self, secret: str) -> bool:
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


class Code:
    """What a code stands for."""

    def __init__(self, person: dict[str, Any], asked: dict[str, str]) -> None:
        self.person, self.asked = person, asked
        self.code_challenge = asked.get("code_challenge")
        self.code_challenge_method = asked.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.asked["redirect_uri"]

    def get_scope(self) -> str:
        return self.asked["scope"]

    def get_nonce(self) -> str | None:
        return self.asked.get("nonce")

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Provider:
    def __init__(self, back: str) -> None:
        self.client = Client(back)
        self.person: dict[str, Any] | None = None  # who sits at the browser; None turns back
        self.in_token: set[str] | None = None  # claims of the ID token; None: all of them
        self.in_userinfo: set[str] | None = None
        self.described: dict[str, Any] = {}  # more for its description
        self.signs_with: jwk.Key = _usual_key()
        self.publishes: jwk.Key = self.signs_with
        self.algorithm = "RS256"
        self.codes: dict[str, Code] = {}
        self.given: dict[str, dict[str, Any]] = {}  # access tokens, and to whom
        self.asked: list[str] = []  # the paths
        app = Flask("provider")
        self._routes(app, _server(self, app))
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.port}/company"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def settings(self, **more: str) -> dict[str, str]:
        """The environment of a Promint that knows this provider."""
        return {
            "PROMINT_OIDC_ISSUER": self.issuer,
            "PROMINT_OIDC_CLIENT_ID": CLIENT_ID,
            "PROMINT_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "PROMINT_OIDC_NAME": "Harbour ID",
            "PROMINT_OIDC_ROLES": "cn=promo,ou=it=admin; marketing=manager; service=agent",
            **more,
        }

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/sign-out",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.described,
        }

    def _routes(self, app: Flask, server: AuthorizationServer) -> None:
        @app.before_request
        def note() -> None:
            self.asked.append(request.path.removeprefix("/company"))

        @app.get("/company/.well-known/openid-configuration")
        def description() -> Any:
            return self.description()

        @app.get("/company/keys")
        def keys() -> Any:
            encryption = {"kty": "RSA", "use": "enc", "kid": "other", "n": "AQAB", "e": "AQAB"}
            strange = {"kty": "of tomorrow", "kid": "strange"}
            return {"keys": [encryption, strange, self.publishes.as_dict(private=False)]}

        @app.get("/company/authorize")
        def authorize() -> Any:
            grant = server.get_consent_grant(end_user=self.person)
            return server.create_authorization_response(grant_user=self.person, grant=grant)

        @app.post("/company/token")
        def token() -> Any:
            return server.create_token_response()

        @app.get("/company/userinfo")
        def userinfo() -> Any:
            person = self.given[request.headers["Authorization"].removeprefix("Bearer ")]
            return told(person, self.in_userinfo)

        @app.get("/company/sign-out")
        def sign_out() -> Any:
            return redirect(request.args["post_logout_redirect_uri"])


def told(person: dict[str, Any], claims: set[str] | None) -> dict[str, Any]:
    return {n: v for n, v in person.items() if claims is None or n in {"sub", *claims}}


def _code_grant(provider: Provider) -> type[grants.AuthorizationCodeGrant]:
    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code: str, asked: Any) -> None:
            provider.codes[code] = Code(asked.user, dict(asked.payload.data))

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: Code) -> None:
            provider.codes = {name: one for name, one in provider.codes.items() if one is not code}

        def authenticate_user(self, code: Code) -> dict[str, Any]:
            return code.person

    return CodeGrant


def _id_token(provider: Provider) -> OpenIDCode:
    class IdToken(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return any(code.get_nonce() == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, client: Client) -> Any:
            return provider.signs_with

        def get_client_algorithm(self, client: Client) -> str:
            return provider.algorithm

        def get_encode_header(self, client: Client) -> dict[str, str]:
            return {"alg": provider.algorithm, "kid": provider.signs_with.kid or "none"}

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": provider.issuer}

        def generate_user_info(self, person: dict[str, Any], scope: str) -> dict[str, Any]:
            return told(person, provider.in_token)

    return IdToken(require_nonce=True)


class S256(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]


def _server(provider: Provider, app: Flask) -> AuthorizationServer:
    def save_token(token: dict[str, Any], asked: Any) -> None:
        provider.given[token["access_token"]] = asked.user

    def query_client(name: str) -> Client | None:
        return provider.client if name == CLIENT_ID else None

    server = AuthorizationServer(app, query_client, save_token)
    server.register_grant(_code_grant(provider), [_id_token(provider), S256(required=True)])
    return server


@contextmanager
def running(back: str) -> Iterator[Provider]:
    """`back`: where Promint lets people be sent back to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        provider = Provider(back)
        provider.start()
        try:
            yield provider
        finally:
            provider.stop()
