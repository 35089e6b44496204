"""HTTP/1.1 for load: a client that costs little, waits no longer than it may, and says what failed.

``reli.users.LeanHttpUser`` is the user that it is made for; ``errors`` draws its failures.
"""
