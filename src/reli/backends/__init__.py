"""Loopback servers that play the other side of a service under load."""
