"""The files of deploy/, as far as they can be checked without the machine that they are for."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from promint import cli
from tests.installed import ROOT
from tests.proxies import DEPLOY, installed

pytestmark = pytest.mark.same_on_both
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
MOST_EXPOSED = "15"  # tenths of what systemd-analyze security says; a unit without hardening has 92
_TARGETS = ("basic", "multi-user", "network-online", "shutdown", "sysinit")


def installed_units(root: Path, units: list[Path]) -> Path:
    """A file system with these units, and what they start."""
    services = root / "etc/systemd/system"
    services.mkdir(parents=True)
    for unit in units:
        shutil.copy(unit, services)
    for target in _TARGETS:
        (services / f"{target}.target").write_text(f"[Unit]\nDescription={target}\n")
    for program in ("opt/promint/bin/promint", "bin/kill"):
        (root / program).parent.mkdir(parents=True)
        (root / program).write_text("#!/bin/sh\n")
        (root / program).chmod(0o755)
    return root


def complaints(root: Path, unit: Path) -> str:
    done = subprocess.run(
        [installed("systemd-analyze"), "verify", f"--root={root}", unit.name],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


def exposed(root: Path, unit: Path) -> subprocess.CompletedProcess[str]:
    """Fails if the unit is more exposed than it may be."""
    command = [installed("systemd-analyze"), "security", "--offline=true", f"--root={root}"]
    return subprocess.run(
        [*command, f"--threshold={MOST_EXPOSED}", unit.name],
        capture_output=True,
        text=True,
        timeout=60,
    )


def command_of(text: str) -> list[str]:
    """The command of a promint that a file starts. It must be one that exists."""
    words = shlex.split(text)
    cli._parser().parse_args(words)
    return words


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_systemd_unit_is_right_and_closed_off(unit: Path, tmp_path: Path) -> None:
    root = installed_units(tmp_path, UNITS)
    assert complaints(root, unit) == ""
    looked_at = exposed(root, unit)
    assert looked_at.returncode == 0, looked_at.stdout
    (started,) = re.findall(r"^ExecStart=/opt/promint/bin/promint (.+)$", unit.read_text(), re.M)
    assert command_of(started)


def test_a_mistake_in_a_unit_and_a_unit_that_is_open_are_noticed(tmp_path: Path) -> None:
    whole = UNITS[0].read_text()
    wrong, open_one = tmp_path / "wrong.service", tmp_path / "open.service"
    wrong.write_text(whole.replace("ProtectHome", "ProtectHouse"))
    open_one.write_text(
        re.sub(r"^(Protect|Restrict|SystemCall|Private).*\n", "", whole, flags=re.M)
    )
    root = installed_units(tmp_path / "root", [wrong, open_one])
    assert "ProtectHouse" in complaints(root, wrong)
    assert exposed(root, open_one).returncode != 0


def test_the_caddyfile_is_valid() -> None:
    command = [installed("caddy"), "validate", "--adapter", "caddyfile", "--config"]
    done = subprocess.run(
        [*command, DEPLOY / "caddy" / "Caddyfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert '"level":"warn"' not in done.stderr.replace(" ", "")


# --- the container


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "container" / "Containerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def test_the_container_has_what_it_needs_and_is_run_by_nobody_special() -> None:
    stages: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            stages.append([])
        if stages:
            stages[-1].append((word, rest))
    build, last = stages
    taken = (DEPLOY / "container" / "Containerfile.containerignore").read_text().splitlines()
    for word, rest in build:
        for source in rest.split()[:-1] if word == "COPY" else []:
            assert (ROOT / source).exists(), source
            assert f"!{source.removeprefix('./').rstrip('/')}" in taken
    assert not [rest for word, rest in last if word == "RUN" and "pip" in rest]
    said = dict(last)
    assert said["USER"] == "10001:10001"
    assert said["ENTRYPOINT"] == '["promint"]'
    assert command_of(" ".join(yaml.safe_load(said["CMD"])))[0] == "up"
    assert "/healthz" in said["HEALTHCHECK"]


def test_the_compose_file_has_two_web_machines_a_worker_a_database_and_one_door() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
    services = compose["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "promint:latest"}
    commands = {name: command_of(" ".join(one["command"]))[0] for name, one in ours.items()}
    assert sorted(commands.values()) == ["migrate", "web", "web", "worker"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    web = {f"{name}:8000" for name, command in commands.items() if command == "web"}
    assert set(services["proxy"]["environment"]["PROMINT_WEB"].split()) == web
    for one in ours.values():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
    for one in services.values():
        assert set(one["networks"]) <= compose["networks"].keys()
        for source, _, _ in (volume.partition(":") for volume in one.get("volumes", [])):
            named = source in compose["volumes"]
            assert named or (DEPLOY / "container" / source).exists(), source
