"""Three servers of PostgreSQL under Patroni, three of etcd, and HAProxy, which leads to the primary
server."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.databases import installed_tools
from tests.failover.network import Machine
from tests.proxies import installed
from tests.servers import wait_until

LONG = 180  # seconds
PASSWORD = "on a network without others"
POSTGRESQL, PATRONI, HAPROXY = 5432, 8008, 5000  # ports
# Patroni's own defaults, except that it looks twice as often. In the worst case a primary server
# keeps its role for TTL seconds after it was seen last.
TIMES = {"ttl": 30, "loop_wait": 5, "retry_timeout": 10}

_HAPROXY = """
global
    maxconn 500
defaults
    mode tcp
    timeout connect 4s
    timeout client 30m
    timeout server 30m
    timeout check 2s
listen primary
    bind {address}:{port}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
"""


@dataclass
class Place:
    """Machines, and the directory of all their files."""

    etcd: list[Machine]
    postgresql: list[Machine]
    proxy: Machine
    directory: Path
    synchronous: bool

    @property
    def url(self) -> str:
        password = PASSWORD.replace(" ", "%20")
        return f"postgresql://postgres:{password}@{self.proxy.address}:{HAPROXY}/promint"

    def start(self) -> None:
        self._start_etcd()
        for machine in self.postgresql:
            self.start_postgresql(machine)
        self._start_proxy()
        wait_until(lambda: self.is_whole(), LONG, every=0.5)
        with psycopg.connect(self.url.replace("/promint", "/postgres"), autocommit=True) as made:
            made.execute("CREATE DATABASE promint ENCODING 'UTF8' TEMPLATE template0")

    def _start_etcd(self) -> None:
        cluster = ",".join(f"{m.namespace}=http://{m.address}:2380" for m in self.etcd)
        for machine in self.etcd:
            words = {
                "name": machine.namespace,
                "data-dir": str(self.directory / machine.namespace),
                "listen-client-urls": f"http://{machine.address}:2379",
                "advertise-client-urls": f"http://{machine.address}:2379",
                "listen-peer-urls": f"http://{machine.address}:2380",
                "initial-advertise-peer-urls": f"http://{machine.address}:2380",
                "initial-cluster": cluster,
            }
            command = [installed("etcd"), *(f"--{name}={word}" for name, word in words.items())]
            machine.start([*command], self.log(machine))

    def log(self, machine: Machine) -> Path:
        return self.directory / f"{machine.namespace}.log"

    def start_postgresql(self, machine: Machine) -> None:
        """Start Patroni, which does the rest, also on a machine whose power was cut."""
        place = self.directory / machine.namespace
        if not place.exists():
            place.mkdir()
            (place / "settings.yml").write_text(json.dumps(self._settings(machine, place)))
            for path in (place, place / "settings.yml"):
                shutil.chown(path, "postgres", "postgres")
        command = [installed("patroni"), place / "settings.yml"]
        machine.start(command, self.log(machine), user="postgres")

    def _settings(self, machine: Machine, place: Path) -> dict[str, Any]:
        accounts = {"superuser": "postgres", "replication": "replicator", "rewind": "rewinder"}
        return {
            "scope": "promint",
            "name": machine.namespace,
            "restapi": {"listen": f"{machine.address}:{PATRONI}"},
            "etcd3": {"hosts": [f"{other.address}:2379" for other in self.etcd]},
            "bootstrap": {
                "dcs": {
                    **TIMES,
                    "synchronous_mode": self.synchronous,
                    "synchronous_mode_strict": self.synchronous,
                    "maximum_lag_on_failover": 1 << 30,
                    "postgresql": {
                        "use_pg_rewind": True,
                        "parameters": {"wal_log_hints": "on", "wal_keep_size": "1GB"},
                    },
                },
                "initdb": ["data-checksums", {"encoding": "UTF8"}, {"locale": "C.UTF-8"}],
            },
            "postgresql": {
                "listen": f"{machine.address}:{POSTGRESQL}",
                "data_dir": str(place / "data"),
                "bin_dir": str(installed_tools()),
                "pgpass": str(place / "pgpass"),
                "authentication": {
                    of: {"username": name, "password": PASSWORD} for of, name in accounts.items()
                },
                "parameters": {"unix_socket_directories": str(place), "fsync": "off"},
                "pg_hba": [
                    "local all all trust",
                    "host all all 10.77.0.0/24 scram-sha-256",
                    "host replication all 10.77.0.0/24 scram-sha-256",
                ],
            },
        }

    def _start_proxy(self) -> None:
        lines = [_HAPROXY.format(address=self.proxy.address, port=HAPROXY)]
        for machine in self.postgresql:
            server = f"{machine.address}:{POSTGRESQL}"
            lines.append(f"    server {machine.namespace} {server} check port {PATRONI}\n")
        settings = self.directory / "haproxy.cfg"
        settings.write_text("".join(lines))
        command = [installed("haproxy"), "-db", "-f", str(settings)]
        self.proxy.start([*command], self.log(self.proxy))

    def members(self) -> dict[str, dict[str, Any]]:
        """What Patroni knows of each, by the machine's name, asked on any machine that answers."""
        for machine in self.postgresql:
            try:
                told = httpx.get(
                    f"http://{machine.address}:{PATRONI}/cluster", timeout=2, trust_env=False
                ).json()
            except (httpx.HTTPError, ValueError):
                continue
            return {member["name"]: member for member in told["members"]}
        return {}

    def is_whole(self) -> bool:
        """Whether there is a primary server that all others follow, one of them synchronously."""
        members = self.members().values()
        roles = sorted(member["role"] for member in members)
        follows = "sync_standby" if self.synchronous else "replica"
        running = [m["role"] == "leader" or m["state"] == "running" for m in members]
        return roles == sorted(["leader", follows, "replica"]) and all(running)

    def primary(self) -> Machine:
        return self.by_role("leader")[0]

    def by_role(self, *roles: str) -> list[Machine]:
        named = {member["name"] for member in self.members().values() if member["role"] in roles}
        return [machine for machine in self.postgresql if machine.namespace in named]

    def switch_over(self) -> None:
        machine = self.primary()
        settings = self.directory / machine.namespace / "settings.yml"
        words = ["switchover", "--force", "--master", machine.namespace, "promint"]
        done = subprocess.run(
            [*machine.prefix, installed("patronictl"), "-c", settings, *words],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
