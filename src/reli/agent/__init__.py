"""The agent: measures targets on their own host, and serves what it measured to who may read it."""

from reli.agent.server import serve
from reli.agent.settings import TlsFiles
from reli.sampling.agent_access import read_token

__all__ = ["TlsFiles", "read_token", "serve"]
