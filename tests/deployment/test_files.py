"""The files for containers and services name what there is: processes, variables, folders."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config.run.__main__ import procfile
from tests.test_settings import variables_read

ROOT = Path(__file__).parents[2]
PROCESSES = procfile(ROOT / "Procfile")
# What compose.yaml, the proxy and the database read themselves.
OF_OTHERS = {"SITE", "UPSTREAM", "MAX_BODY", "POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_each_process_has_a_container(compose):
    started = {
        service["command"][-1]: name
        for name, service in compose["services"].items()
        if "--only" in service.get("command", [])
    }
    assert started == {name: name for name in PROCESSES}


def test_the_containers_variables_are_read(compose):
    named = {name for service in compose["services"].values() for name in environment(service)}
    named |= set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert named <= variables_read() | OF_OTHERS


def environment(service):
    return service.get("environment", {})


def test_containers_have_no_rights_but_over_their_data(compose):
    for name in PROCESSES:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["data:/data"]
        assert service["restart"] == "unless-stopped"
    declared = set(compose["volumes"])
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in declared or (ROOT / source).exists()


def test_what_is_depended_on_can_be_healthy(compose):
    services = compose["services"]
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other] or "build" in services[other]


def test_only_the_proxy_is_reached_from_outside(compose):
    assert [name for name, each in compose["services"].items() if "ports" in each] == ["caddy"]


def test_each_process_has_a_service():
    target = (ROOT / "deploy/systemd/lectern.target").read_text()
    wanted = re.search(r"^Wants=(.*)$", target, re.MULTILINE)[1].split()
    assert wanted == [f"lectern@{name}.service" for name in PROCESSES]
    unit = (ROOT / "deploy/systemd/lectern@.service").read_text()
    assert "-m config.run --only %i\n" in unit


def test_the_image_has_all_that_runs():
    """What is copied is there, and is all that the processes need beside the environment."""
    instructions = (ROOT / "Dockerfile").read_text()
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", instructions, re.MULTILINE)
        for source in line.split()
    }
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert {"config", "tts", "reader", "templates", "static", "manage.py", "Procfile"} <= copied
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert sent == copied
    assert re.findall(r"^USER (\w+)$", instructions, re.MULTILINE) == ["lectern"]


def test_a_process_that_the_procfile_does_not_name_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "config.run", "--only", "web", "wrkr"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "The Procfile has no wrkr. It has: web, worker" in done.stdout
