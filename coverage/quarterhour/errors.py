"""Everything that Quarterhour raises on purpose.

Each class has two parents, ours and the builtin that people already catch. A message says what was
found, what was needed and what to do, and names the file, sheet and row where there is one.
"""

from __future__ import annotations

LONGEST = 1_500
"""Characters of the longest sentence; a table may have ten thousand headings to be listed."""


class QuarterhourError(Exception):
    """Base of all errors that are about the input or the machine, not about our mistakes.

    `zh`: the same sentence in Chinese, empty where it is told by its pattern or not at all.
    """

    def __init__(self, *args: object, zh: str = "") -> None:
        super().__init__(*args)
        self.zh = zh

    def __str__(self) -> str:
        text = super().__str__()
        if len(text) <= LONGEST:
            return text
        # what was found stands at the beginning, what to do at the end
        return f"{text[: LONGEST - 500]} … {text[-497:]}"


class InputError(QuarterhourError, ValueError):
    """A file, table, study or argument cannot be used as it is."""


class LinkError(QuarterhourError, ValueError):
    """No place of a layer can be linked to the roads."""


class MissingDependencyError(QuarterhourError, ImportError):
    """A library that this input needs is not installed."""


class OfflineError(QuarterhourError, ConnectionError):
    """Something had to be downloaded and could not be."""


class QuarterhourWarning(UserWarning):
    """The result stands, but something about it should be known."""
