"""The systemd unit of the agent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.debian import find_program

UNIT = Path(__file__).parents[2] / "deploy/systemd/reli-agent.service"


def test_the_unit_is_valid_and_stays_on_loopback(tmp_path: Path) -> None:
    """Nothing is wrong with it for systemd, and out of the box only this host reaches the agent."""
    text = UNIT.read_text()
    assert "--serve 127.0.0.1:9646\n" in text
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/opt/reli/bin/reli", str(Path(sys.executable).with_name("reli"))))
    result = subprocess.run(
        [find_program("systemd-analyze", "systemd"), "verify", str(copy)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
