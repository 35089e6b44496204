"""Drives a service over HTTP/1.1 at a small part of the usual cost."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from locust import User
from locust.exception import StopTest
from locust.user.task import DefaultTaskSet

from reli.http.client import HttpClient
from reli.http.settings import Settings
from reli.http.shared import Shared
from reli.users.kinds import KINDS
from reli.users.root_tasks import RootTasks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gevent.pool import Group
    from locust.env import Environment
    from locust.user.task import TaskSet


class LeanHttpUser(User):
    """A user whose ``client`` speaks HTTP/1.1.

    Its requests are counted as those of Locust's ``FastHttpUser`` are::

        class Shop(LeanHttpUser):
            @task
            def pay(self):
                with self.client.post("/pay", json={"sum": 3}, catch_response=True) as answer:
                    if answer.ok and answer.json()["state"] != "paid":
                        answer.failure("not paid")

    The class attributes set it up: times in seconds, sizes in bytes. They are read when the first
    user of the class begins.
    """

    abstract = True

    connect_timeout_s: ClassVar[float] = Settings.connect_timeout_s
    first_byte_timeout_s: ClassVar[float] = Settings.first_byte_timeout_s
    answer_timeout_s: ClassVar[float] = Settings.answer_timeout_s
    max_header_bytes: ClassVar[int] = Settings.max_header_bytes
    max_body_bytes: ClassVar[int] = Settings.max_body_bytes
    max_decoded_bytes: ClassVar[int] = Settings.max_decoded_bytes
    max_redirects: ClassVar[int] = Settings.max_redirects
    default_headers: ClassVar[Mapping[str, str]] = {}
    insecure: ClassVar[bool] = False
    ca_bundle: ClassVar[str | Path | None] = None
    keep_cookies: ClassVar[bool] = True

    _shared: ClassVar[Shared | None] = None

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if not self.host:
            raise StopTest("there is no host; give one with --host, or as the class's host")
        self.client = HttpClient(environment, self._share(self.host), self.context)

    @property
    def _taskset_instance(self) -> TaskSet | None:
        return self._tasks

    @_taskset_instance.setter
    def _taskset_instance(self, tasks: TaskSet | None) -> None:
        # Locust makes it at the beginning of ``run``, which no class may override.
        self._tasks = RootTasks(self) if type(tasks) is DefaultTaskSet else tasks

    def start(self, group: Group) -> Any:
        """Start the user; its connections close when it ends."""
        greenlet = super().start(group)
        greenlet.rawlink(lambda _ended: self.client.close())
        return greenlet

    @classmethod
    def _share(cls, host: str) -> Shared:
        """What the users of this very class share; another host begins anew."""
        shared: Shared | None = vars(cls).get("_shared")
        if shared is None or shared.host != host:
            limits = {field.name: getattr(cls, field.name) for field in fields(Settings)}
            try:
                shared = cls._shared = Shared(
                    host,
                    Settings(**limits),
                    default_headers=cls.default_headers,
                    insecure=cls.insecure,
                    ca_bundle=cls.ca_bundle,
                    keep_cookies=cls.keep_cookies,
                )
            except ValueError as error:
                raise StopTest(f"{cls.__name__}: {error}") from None
        return shared


KINDS.register("lean_http", LeanHttpUser)
