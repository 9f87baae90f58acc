"""`promint check`, as an operator runs it before going live."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg

from tests import databases
from tests.mail_server import Inbox, knows, own_certificate, serving
from tests.openid_provider import CLIENT_SECRET, running
from tests.servers import Server

NAMES = ["settings", "database", "clock", "disk", "files", "mail server", "proxy headers"]
NAMES += ["sign-in"]
PASSWORD = "gEh3im!"


def lines_of(server: Server, status: int) -> dict[str, str]:
    """What follows each name."""
    done = server.run("check")
    assert done.returncode == status, done.stdout + done.stderr
    assert not done.stderr
    assert PASSWORD not in done.stdout
    lines = done.stdout.splitlines()
    assert [line[:14].rstrip() for line in lines] == NAMES
    return {line[:14].rstrip(): line[15:] for line in lines}


@contextmanager
def something_else() -> Iterator[str]:
    """The address of a server that is not Promint."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()
        thread.join()


def test_what_is_right_is_fine_and_no_mail_is_sent(web: Server, tmp_path: Path) -> None:
    inbox, tls = Inbox(), own_certificate(tmp_path)
    options = {"tls_context": tls, "authenticator": knows(b"me", PASSWORD.encode())}
    with serving(inbox, **options, auth_required=True) as url:
        web.environment |= {
            "PROMINT_BASE_URL": web.url,
            "PROMINT_EMAIL_URL": url.replace("//", f"//me:{PASSWORD}@"),
            "PROMINT_EMAIL_FROM": "promint@example.com",
            "SSL_CERT_FILE": str(tmp_path / "certificate.pem"),
        }
        lines = lines_of(web, 0)
        assert lines["mail server"].startswith("fine      127.0.0.1 answers: over TLS, signed in.")
        web.environment["PROMINT_EMAIL_URL"] = url.replace("//", "//me:wrong@")
        with something_else() as web.environment["PROMINT_BASE_URL"]:
            wrong = lines_of(web, 1)
    assert not inbox.tries
    kind = "PostgreSQL" if databases.cluster else "SQLite"
    assert lines["database"].startswith(f"fine      {kind}")
    assert lines["clock"].startswith("fine")
    assert " GiB are free in the data directory" in lines["disk"]
    assert lines["files"].startswith("fine      Exports and uploads are in the data directory")
    assert lines["proxy headers"].startswith("fine")
    assert lines["sign-in"].startswith("fine      None is set")
    assert lines["settings"].startswith("warning   PROMINT_BASE_URL is on 127.0.0.1")
    assert wrong["mail server"].startswith("not fine  535")
    assert wrong["proxy headers"].startswith("not fine  PROMINT_BASE_URL (127.0.0.1) answers 404")


def test_before_the_first_migration_it_leaves_nothing_in_the_database(tmp_path: Path) -> None:
    server = Server.of_its_own(tmp_path)
    server.environment["PROMINT_BASE_URL"] = f"http://127.0.0.1:{databases.free_port()}"
    lines = lines_of(server, 1)
    assert lines["database"].startswith("not fine")
    assert lines["database"].endswith("run promint migrate.")
    assert lines["mail server"].startswith("warning   Mails are written as files")
    assert lines["proxy headers"].startswith("warning   PROMINT_BASE_URL (127.0.0.1) cannot be")
    if databases.cluster is None:
        assert not (tmp_path / "data/promint.sqlite3").exists()
    else:
        with psycopg.connect(server.environment["PROMINT_DATABASE_URL"]) as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert connection.execute(tables).fetchone() == (0,)


def test_all_wrong_settings_are_named_without_their_secrets(tmp_path: Path) -> None:
    server = Server.of_its_own(tmp_path)
    server.environment |= {
        "PROMINT_DATABASE_URL": f"postgresql://promint:{PASSWORD}@db:port/promint",
        "PROMINT_EMAIL_URL": f"smtp://me:{PASSWORD}",
        "PROMINT_METRICS": f"tokn:{PASSWORD}",
        "PROMINT_TIME_ZONE": "Mars/Phobos",
    }
    lines = lines_of(server, 1)
    for name in ("DATABASE_URL", "EMAIL_URL", "METRICS", "TIME_ZONE"):
        assert f"PROMINT_{name}" in lines["settings"]
    assert "correct the settings first" in lines["database"]


def test_a_database_that_does_not_answer_is_a_line(tmp_path: Path) -> None:
    server = Server.of_its_own(tmp_path)
    nobody = f"postgresql://promint:{PASSWORD}@127.0.0.1:{databases.free_port()}/promint"
    server.environment["PROMINT_DATABASE_URL"] = nobody
    lines = lines_of(server, 1)
    assert "refused" in lines["database"]
    assert lines["clock"].startswith("not fine  The database does not answer")


def test_missing_privileges_and_a_clock_that_is_wrong(
    tmp_path: Path, on_postgresql: databases.Cluster
) -> None:
    server, guest = Server.migrated(tmp_path), f"guest_{secrets.token_hex(4)}"
    url = server.environment["PROMINT_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (
            f"CREATE ROLE {guest} LOGIN PASSWORD '{PASSWORD}'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {guest}",
            f"REVOKE DELETE, UPDATE ON core_claim FROM {guest}",
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
            " AS $$ SELECT pg_catalog.clock_timestamp() - interval '90 s' $$",
            f"ALTER ROLE {guest} SET search_path = public, pg_catalog",
        ):
            connection.execute(statement)  # type: ignore[call-overload]
    server.environment["PROMINT_DATABASE_URL"] = (
        f"postgresql://{guest}:{PASSWORD}@{url.rpartition('@')[2]}"
    )
    lines = lines_of(server, 1)
    assert f"GRANT CREATE ON SCHEMA public TO {guest}" in lines["database"]
    assert f"{guest} lacks DELETE, UPDATE on core_claim: " in lines["database"]
    assert lines["clock"].startswith("not fine  This machine is 90 s ahead of the database")


def test_the_sign_in_provider_has_to_answer(web: Server) -> None:
    with running(f"{web.url}/login/openid/callback") as provider:
        web.environment |= {"PROMINT_BASE_URL": web.url, **provider.settings()}
        answers = lines_of(web, 0)["sign-in"]
        web.environment["PROMINT_OIDC_ISSUER"] += "/elsewhere"
        silent = lines_of(web, 1)["sign-in"]
    assert answers.startswith("fine      Harbour ID answers as http://127.0.0.1:")
    assert silent.startswith("not fine  Harbour ID cannot be used: http://127.0.0.1:")
    assert CLIENT_SECRET not in answers + silent
