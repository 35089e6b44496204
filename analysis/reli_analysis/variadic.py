"""Options that take several values in a row, as a shell's ``*`` leaves them."""

from __future__ import annotations

import click


class VariadicCommand(click.Command):
    """A command whose repeatable options of metavar ``PATH...`` take all words up to the next one.

    ``--base a b --candidate c`` is read as ``--base a --base b --candidate c``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = {
            name
            for param in self.params
            if isinstance(param, click.Option) and param.metavar == "PATH..."
            for name in param.opts
        }
        return super().parse_args(ctx, _repeated(args, names))


def _repeated(words: list[str], names: set[str]) -> list[str]:
    """The words with the option's name before each of its values."""
    out: list[str] = []
    option, fresh = None, False
    for at, word in enumerate(words):
        if word == "--":
            return out + words[at:]
        if word in names:
            option, fresh = word, True
        elif word.startswith("-") and word != "-":
            option = None
        elif option is not None and not fresh:
            out.append(option)
        else:
            fresh = False
        out.append(word)
    return out
