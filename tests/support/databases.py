"""A real Redis and a real PostgreSQL on loopback, each in a directory of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.debian import find_program
from support.servers import Server

_POSTGRES = "/usr/lib/postgresql/17/bin:/usr/lib/postgresql/15/bin:/usr/bin"


class Redis(Server):
    """Keeps everything in memory."""

    def command(self) -> list[str]:
        program = find_program("redis-server", "redis-server")
        return [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(Server):
    """A cluster of its own, trusting loopback."""

    def __init__(self) -> None:
        # Not below pytest's directory: that is closed to the other user who has to run it.
        super().__init__(Path(tempfile.mkdtemp(prefix="reli-postgres-")))

    def __exit__(self, *others: object) -> None:
        super().__exit__(*others)
        shutil.rmtree(self.home, ignore_errors=True)

    def user(self) -> str | None:
        # It refuses to run as root.
        return "postgres" if os.geteuid() == 0 else None

    def command(self) -> list[str]:
        data, port = self.home / "data", str(self.port)
        program = find_program("postgres", "postgresql", _POSTGRES)
        where = ["-D", str(data), "-p", port, "-h", "127.0.0.1", "-k", str(self.home)]
        return [program, *where, "-c", "fsync=off"]

    def prepare(self) -> None:
        initdb = find_program("initdb", "postgresql", _POSTGRES)
        if owner := self.user():
            shutil.chown(self.home, owner)
        subprocess.run(
            [initdb, "-D", str(self.home / "data"), "-A", "trust", "-U", "postgres", "--no-sync"],
            user=self.user(),
            cwd=self.home,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def answers(self) -> bool:
        """After a kill it listens before it is ready: it recovers first."""
        asking = find_program("pg_isready", "postgresql", _POSTGRES)
        where = ["-h", "127.0.0.1", "-p", str(self.port)]
        return not subprocess.run([asking, *where], capture_output=True, check=False).returncode

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
