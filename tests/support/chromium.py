"""A real headless Chromium from Debian, driven through its DevTools pipe."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from support.debian import find_program
from support.waiting import readable


class NavigatedError(AssertionError):
    """The page went elsewhere while it was asked."""


class Chromium:
    """One browser with one page, and what the page said to its console."""

    def __init__(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self._size = (width, height)
        self._dark = dark
        self._number = 0
        self._rest = b""
        self.complaints: list[str] = []
        """Errors of the page's scripts, and what a security policy refused."""

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        program = find_program("chromium", "chromium")
        width, height = self._size
        # The pipe's ends are 3 and 4 in the browser, whatever they are here.
        script = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            [
                *("bash", "-c", script, "chromium", program),
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
                *("--remote-debugging-pipe", f"--user-data-dir={self._home.name}"),
                *(f"--window-size={width},{height}", "about:blank"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_read, to_write),
            start_new_session=True,
        )
        os.close(to_read)
        os.close(to_write)
        targets = self._browser("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attach = {"targetId": page["targetId"], "flatten": True}
        self._session = self._browser("Target.attachToTarget", **attach)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = "dark" if self._dark else "light"
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        return self

    def __exit__(self, *_others: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._home.cleanup()

    def open(self, url: str) -> None:
        """Go to a page and wait until it has loaded."""
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; raises ``AssertionError`` as that does."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str, timeout_s: float = 30) -> Any:
        """Wait until an expression is true; returns its value."""
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(NavigatedError):
                if value := self.evaluate(condition):
                    return value
            assert time.monotonic() < deadline, f"{condition}\n{self.text()}"
            time.sleep(0.1)

    def text(self) -> str:
        """What the page shows."""
        return str(self.evaluate("document.body.innerText"))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a CSS selector finds."""
        quoted = json.dumps(selector)
        script = f"[...document.querySelectorAll({quoted})].map(e => e.textContent)"
        return list(self.evaluate(script))

    def press(self, key: str) -> None:
        """Press a key of the keyboard, as a person would."""
        codes = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, "End": 35}
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        down = {**event, "text": "\r"} if key == "Enter" else event
        self.call("Input.dispatchKeyEvent", type="keyDown", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Write what the page looks like to a PNG file."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def call(self, method: str, **parameters: Any) -> Any:
        """One command of the DevTools protocol to the page."""
        return self._call(method, parameters, self._session)

    def _browser(self, method: str, **parameters: Any) -> Any:
        return self._call(method, parameters, None)

    def _call(self, method: str, parameters: dict[str, Any], session: str | None) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while True:
            answer = self._receive(deadline)
            self._note(answer)
            if answer.get("id") == self._number:
                if "navigated" in str(answer.get("error")):
                    raise NavigatedError(method)
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            there = readable(self._from, deadline - time.monotonic())
            assert there, "the browser does not answer"
            chunk = os.read(self._from, 1 << 20)
            assert chunk, "the browser has ended"
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _note(self, answer: dict[str, Any]) -> None:
        parameters = answer.get("params", {})
        match answer.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.complaints.append(str(parameters["entry"]))
