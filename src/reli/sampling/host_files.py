"""What ``/proc`` says of the host as a whole, as columns of ``resources.csv``.

Each function gets the text of one file and raises ``ValueError``, ``KeyError`` or ``IndexError``
for what is no such file; what the file does not say is absent. Counters are since the boot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling.proc.files import CLOCK_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def parse_stat(text: str) -> dict[str, float]:
    """CPU time of all cores, and context switches, from ``/proc/stat``.

    Busy is what is neither idle nor waiting for storage. What a hypervisor took away ("steal")
    counts, since nobody here could have it: the total is then more than user and system time.
    """
    lines = text.splitlines()
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, lines[0].split()[1:9])
    values = {
        "cpu_s": (user + nice + system + irq + softirq + steal) / CLOCK_TICKS,
        "cpu_user_s": (user + nice) / CLOCK_TICKS,
        "cpu_system_s": (system + irq + softirq) / CLOCK_TICKS,
        "cores": float(sum(line.startswith("cpu") for line in lines) - 1),
    }
    switches = [line.split()[1] for line in lines if line.startswith("ctxt ")]
    return {**values, "context_switches": float(switches[0])} if switches else values


def parse_meminfo(text: str) -> dict[str, float]:
    """Memory in use is what is not available (``MemAvailable``) to a process that asks for it."""
    found = {
        line.partition(":")[0]: int(line.split()[1]) * 1024
        for line in text.splitlines()
        if line.endswith(" kB")
    }
    total, available = found["MemTotal"], found["MemAvailable"]
    return {
        "memory_bytes": total - available,
        "memory_limit_bytes": total,
        "memory_available_bytes": available,
        "swap_bytes": found["SwapTotal"] - found["SwapFree"],
    }


def parse_vmstat(text: str) -> dict[str, float]:
    """Page faults and kills for lack of memory (told since Linux 4.13)."""
    found = dict(line.split() for line in text.splitlines())
    major = int(found["pgmajfault"])
    values: dict[str, float] = {
        "minor_faults": int(found["pgfault"]) - major,
        "major_faults": major,
    }
    if "oom_kill" in found:
        values["oom_kills"] = int(found["oom_kill"])
    return values


def parse_counters(text: str, wanted: Mapping[tuple[str, str], str]) -> dict[str, float]:
    """From ``/proc/net/snmp`` or ``netstat``: pairs of lines, of names and of values.

    ``wanted`` gives the column for a pair of a line's first word and a name in it.
    """
    lines = [line.split() for line in text.splitlines()]
    found = {
        (names[0].rstrip(":"), name): value
        for names, values in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], values[1:], strict=True)
    }
    return {column: int(found[key]) for key, column in wanted.items() if key in found}


def parse_net_dev(text: str, has_hardware: Callable[[str], bool]) -> dict[str, float]:
    """Bytes over the network interfaces, loopback left out.

    With hardware behind some, only those count: bridges and the ends of tunnels to containers
    would count the same bytes again. Without any (in a container), all do.
    """
    interfaces = {}
    for line in text.splitlines()[2:]:
        name, _, numbers = line.partition(":")
        interfaces[name.strip()] = [int(number) for number in numbers.split()]
    interfaces.pop("lo", None)
    counted = [name for name in interfaces if has_hardware(name)] or list(interfaces)
    return {
        "net_received_bytes": sum(interfaces[name][0] for name in counted),
        "net_sent_bytes": sum(interfaces[name][8] for name in counted),
    }
