"""Options that two programs give themselves otherwise, as on a command line."""

from __future__ import annotations

from collections.abc import Iterator

from . import changed
from .command_lines import CommandLine, Declared, command_lines
from .exchange import CHOSEN, Exchange, exchange
from .texts import Texts
from .words import NOT_GIVEN, Words


def of_options(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of lists of arguments, and of texts that are split into such, one
    option at a time."""
    theirs = [
        each for module in texts.others for each in command_lines(module, texts.names(module))
    ]
    declared = Declared([*texts.own, *texts.others])
    for module in texts.own:
        for own in command_lines(module, texts.names(module)):
            for other in theirs:
                yield from _exchanged(own, other, declared)


def _exchanged(own: CommandLine, other: CommandLine, declared: Declared) -> Iterator[Exchange]:
    mine, there = own.options, other.options
    if not mine.keys() & there.keys():
        return  # of other commands
    for name in dict.fromkeys([*mine, *there]):
        option, given = mine.get(name), there.get(name)
        values = [declared.value(name, each, NOT_GIVEN) for each in (option, given)]
        if values[0] == values[1]:
            continue
        begin, end = (option.begin, option.end) if option is not None else (0, 0)
        words = [word for word, _ in other.words[given.begin : given.end]] if given else []
        text = changed.rewritten(own.module, own.place, own.with_words(begin, end, words))
        place = own.written(begin, end) if option is not None else own.place
        said = Words("argument", name, *values)
        yield exchange(said, own.module, place, text, CHOSEN)
