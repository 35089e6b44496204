"""What recording takes from a ``LeanHttpUser`` that asks nginx as often as it can."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import locust  # noqa: F401 -- patches the process, so it comes first
from locust import constant, task
from locust.env import Environment
from recorded_pairs import recording_figure

from reli.users import LeanHttpUser

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.nginx import Nginx

if TYPE_CHECKING:
    from figures import Figure

USERS = 50
SERVER = 'access_log off; location = / { return 200 "hello world\\n"; }'


class Asking(LeanHttpUser):
    """Asks, and asks again."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        self.client.get("/")


def figures() -> list[Figure]:
    """Fifty users of one process, each with a connection of its own."""
    with tempfile.TemporaryDirectory() as home, Nginx(Path(home), server=SERVER) as nginx:
        environment = Environment(user_classes=[Asking], host=nginx.url)
        name = f"Requests lost in a run of {USERS} users of LeanHttpUser"
        return [recording_figure(name, environment, USERS)]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
