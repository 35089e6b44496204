"""What the agent is told beside its targets: who may read it, and over what."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from reli.sampling.address import Address


@dataclass(frozen=True)
class TlsFiles:
    """The certificate (with its chain) and the key that the agent shows, both PEM files."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """What a server speaks TLS with; raises ``InputError`` when the files are no pair."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        for path in (self.certificate, self.key):
            try:
                with path.open("rb"):
                    pass
            except OSError as error:
                raise InputError(f"the TLS file {path} cannot be read: {error.strerror}") from None
        try:
            # A password would be asked for on the terminal, where nobody answers.
            context.load_cert_chain(self.certificate, self.key, password="")
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or "not PEM"
            raise InputError(
                f"{self.certificate} and {self.key} are no certificate with its key, both PEM and "
                f"without a password: {str(reason).lower().replace('_', ' ')}"
            ) from None
        return context


def warning(address: Address, token: str | None, tls: TlsFiles | None) -> str | None:
    """One sentence when others than this host could read what they should not."""
    if is_loopback(address.host):
        return None
    if token is None:
        return (
            f"{address} is open to the network and asks for no token: whoever reaches it can read "
            "names and numbers of this host's processes; --token-file closes it"
        )
    if tls is None:
        return f"the token for {address} travels without TLS; --tls-certificate protects it"
    return None


def is_loopback(host: str) -> bool:
    """Whether only this host reaches an address; a name other than localhost counts as outside."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
