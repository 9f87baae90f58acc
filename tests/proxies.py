"""nginx and Caddy as deploy/ sets them up, with other ports and a certificate of the test's own."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.databases import HOST, free_port
from tests.servers import Server, end, wait_until

DEPLOY = Path(__file__).parents[1] / "deploy"

# Around the site, in files that this user may write.
_NGINX = """
daemon off; master_process off; pid {0}/pid; error_log {0}/log;
events {{}}
http {{
    client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;
    uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
    include {0}/promint.conf;
}}
"""
_CADDY = "{{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}}\n"


def installed(program: str) -> str:
    """Its path. The test is skipped on a machine without it, except with CI=true."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip(f"{program} is not installed")
    assert found, f"{program} is not installed, and CI=true allows no skipping"
    return found


class Behind(Server):
    """Its callers, `claims` and `manage` too, come through the proxy, over TLS."""

    trusted: ssl.SSLContext

    def client(self, key: str, **more: Any) -> httpx.Client:
        return super().client(key, verify=self.trusted, **more)

    def browser(self, address: str = HOST, **headers: str) -> httpx.Client:
        """A caller from this address of this machine."""
        transport = httpx.HTTPTransport(verify=self.trusted, local_address=address)
        return httpx.Client(
            base_url=self.url, transport=transport, headers=headers, timeout=60, trust_env=False
        )


@contextmanager
def behind(proxy: str, directory: Path, *options: str) -> Iterator[Behind]:
    """`promint web` with these options, a worker, and the proxy in front of them."""
    program = installed(proxy)
    https, http = free_port(), free_port()
    certificate, key = _certificate(directory)
    url = f"https://{HOST}:{https}"
    with Behind.on_this_database(directory) as server:
        server.trusted = ssl.create_default_context(cafile=str(certificate))
        server.web(*options, PROMINT_BASE_URL=url)
        server.worker(PROMINT_BASE_URL=url)
        web = server.url.removeprefix("http://")
        command: list[str | Path]
        if proxy == "nginx":
            config = _nginx(directory, web, https, http, certificate, key)
            command = [program, "-c", config]
        else:
            config = _caddy(directory, web, url, certificate, key)
            command = [program, "run", "--adapter", "caddyfile", "--config", config]
        log = open(directory / "proxy.log", "wb")  # noqa: SIM115 (until the proxy ends)
        process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env=_home(directory)
        )
        try:
            server.urls.insert(0, url)
            wait_until(lambda: process.poll() is not None or _listens(https), 30)
            assert process.poll() is None, (directory / "proxy.log").read_text()
            yield server
        finally:
            end(process)
            log.close()


def _listens(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection((HOST, port)).close()
        return True
    return False


def _home(directory: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(directory), "XDG_DATA_HOME": str(directory)}


def _nginx(directory: Path, web: str, https: int, http: int, certificate: Path, key: Path) -> Path:
    site = (DEPLOY / "nginx" / "promint.conf").read_text()
    for documented, here in {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen {HOST}:{http};",
        "listen 443 ssl": f"listen {HOST}:{https} ssl",
        "promo.example.com": "_",
        "/etc/ssl/promint/fullchain.pem": str(certificate),
        "/etc/ssl/promint/privkey.pem": str(key),
        "/var/log/nginx/promint.log": str(directory / "site.log"),
        "server 127.0.0.1:8000;": f"server {web};",
    }.items():
        assert documented in site, documented
        site = site.replace(documented, here)
    (directory / "promint.conf").write_text(site)
    (directory / "nginx.conf").write_text(_NGINX.format(directory))
    return directory / "nginx.conf"


def _caddy(directory: Path, web: str, url: str, certificate: Path, key: Path) -> Path:
    site = (DEPLOY / "caddy" / "Caddyfile").read_text()
    for documented, here in {
        "{$PROMINT_HOST:promo.example.com} {": f"{url} {{\n\ttls {certificate} {key}",
        "{$PROMINT_WEB:127.0.0.1:8000}": web,
    }.items():
        assert documented in site, documented
        site = site.replace(documented, here)
    (directory / "Caddyfile").write_text(_CADDY.format() + site)
    return directory / "Caddyfile"


def _certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Promint's tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate, secret = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret
