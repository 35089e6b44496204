"""The subcommands of ``reli``: one file each."""
