"""docker-compose.yml and the Dockerfile, as far as they can be checked without Docker."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.compose import COMPOSE, ROOT, read

VARIABLES = {"RELI_AGENT_TOKEN": "a-long-token"}
BUILT = {"master", "worker", "agent"}
SERVICES = {*BUILT, "target", "prometheus", "grafana"}


def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = read(**VARIABLES)["services"]
    return services


def test_the_services_are_those_of_a_watched_run() -> None:
    """J093: load, target, agent and monitoring; ours are of one image, others are pinned by tag."""
    services = _services()
    assert set(services) == SERVICES
    for name, service in services.items():
        if name in BUILT:
            assert (service["image"], service["build"]) == ("reli:local", ".")
        else:
            assert re.fullmatch(r"[\w/.-]+:v?\d+(\.\d+)+(-\w+)?", service["image"]), name


def test_nothing_is_published_beyond_this_host() -> None:
    """Every published port is bound to loopback, and no service has a privilege."""
    published = [port for service in _services().values() for port in service.get("ports", ())]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)
    for service in _services().values():
        assert service["cap_drop"] == ["ALL"]
        assert not service.keys() & {"privileged", "cap_add"}


def test_a_token_has_to_be_given() -> None:
    """Without it Compose stops and says where to read; nothing falls back to a known one."""
    with pytest.raises(KeyError, match=r"RELI_AGENT_TOKEN: see the first lines of docker-compose"):
        read()
    assert "${RELI_AGENT_TOKEN:-" not in COMPOSE.read_text()
    assert read(**VARIABLES)["secrets"]["agent_token"] == {"environment": "RELI_AGENT_TOKEN"}
    assert _services()["prometheus"]["secrets"] == ["agent_token"]


def test_workers_scale_with_one_number() -> None:
    """The master waits for as many workers as are started."""
    services = read(**VARIABLES, WORKERS="5")["services"]
    assert services["worker"]["deploy"]["replicas"] == 5
    assert "--expect-workers 5 " in services["master"]["command"]


def test_the_agent_lives_beside_the_target() -> None:
    """Its processes, its network and its user: what reading them takes without any privilege."""
    services = _services()
    agent, target = services["agent"], services["target"]
    assert agent["pid"] == agent["network_mode"] == "service:target"
    assert agent["user"] == target["user"] == "101:101"


def test_everything_mounted_is_there() -> None:
    """Each path of the repository exists, is mounted for reading, and each volume is declared."""
    document = read(**VARIABLES)
    for name, service in document["services"].items():
        for volume in service.get("volumes", ()):
            source, target, *mode = volume.split(":")
            assert target.startswith("/")
            if source.startswith("./"):
                assert (ROOT / source).exists(), name
                assert mode == ["ro"], name
            else:
                assert source in document["volumes"], name


def test_grafana_finds_what_is_mounted() -> None:
    """Its provider and its home page lead to the dashboard, its datasource to the service."""
    grafana = _services()["grafana"]
    mounted = {target: ROOT / source for source, target, _ in _split(grafana["volumes"])}
    provisioning = mounted["/etc/grafana/provisioning"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/reli.yaml").read_text())["providers"]
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(home.parent) == provider["options"]["path"]
    assert (mounted[provider["options"]["path"]] / home.name).exists()
    sources = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())
    assert [one["url"] for one in sources["datasources"]] == ["http://prometheus:9090"]


def _split(volumes: list[str]) -> list[list[str]]:
    return [volume.split(":") for volume in volumes]


def test_prometheus_asks_where_they_serve() -> None:
    """Each address that it scrapes is the one that a service is told to serve on."""
    services = _services()
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yaml").read_text())
    asked = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]
    }
    assert asked["reli"] == ["master:9645"]
    assert "--metrics-port 9645" in services["master"]["command"]
    # The agent is in the target's network, so it goes by the target's name.
    assert asked["reli-agent"] == ["target:9646"]
    assert "--serve 0.0.0.0:9646" in services["agent"]["command"]
    assert "--target agent:target:9646" in services["master"]["command"]


def test_the_image_runs_as_an_ordinary_user_and_is_checked() -> None:
    """It installs the lock by its hashes, ends as another user than root, and has a health check."""
    text = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    users = re.findall(r"^USER (.+)$", text, re.MULTILINE)
    assert [int(user) for user in users] == [10001]
    assert re.search(r'^HEALTHCHECK .*"python", "-m", "reli\.alive"', text, re.MULTILINE)
    assert re.search(r"^FROM [\w/]+:[\w.-]*\d[\w.-]*$", text, re.MULTILINE)


def test_the_build_context_makes_the_whole_package(tmp_path: Path) -> None:
    """What .dockerignore lets through is enough to build reli, with its profiles, and no more."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    for name in (line.removeprefix("!") for line in lines if line.startswith("!")):
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, tmp_path / "context" / name, ignore=ignored)
        else:
            (tmp_path / "context").mkdir(exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "context" / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [*command, "--quiet", "--no-index", "--wheel-dir", str(tmp_path / "out"), "."],
        cwd=tmp_path / "context",
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "out").glob("reli-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"reli/alive.py", "reli/cli.py", "reli_analysis/cli.py"} <= names
    assert "reli/builtin_profiles/load.yaml" in names
