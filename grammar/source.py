"""Source texts: bytes to characters, and files to bytes."""

from __future__ import annotations

from pathlib import Path

from actdsl.grammar import limits
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.source_error import SourceError
from actdsl.grammar.span import NOWHERE, Span


def read_source(path: str | Path) -> str:
    """The text of a file.

    Raises:
        SourceError: it cannot be read, is too large, is not UTF-8, or holds NUL characters.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(limits.SOURCE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        help = "check the path and its permissions"
        raise _fault("E0106", f"cannot read the file: {reason}", str(path), help) from None
    return decode(data, str(path))


def decode(data: bytes, filename: str = "<text>") -> str:
    """The text that some bytes stand for.

    Raises:
        SourceError: they are too many, are not UTF-8, or hold NUL characters.
    """
    if len(data) > limits.SOURCE_BYTES:
        raise too_large(filename)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} makes no character here"
        help = "save it as UTF-8; ASCII is enough for all of the language but comments"
        raise _fault("E0104", message, filename, help, _end(before)) from None
    if "\0" in text:
        message = "the file holds a NUL character, as binary files do"
        at = _end(text[: text.index("\0")])
        raise _fault("E0105", message, filename, "is this the right file?", at)
    return text


def normalised(text: str, filename: str = "<text>") -> str:
    """The text with ``\\n`` line ends and no byte order mark.

    Raises:
        SourceError: it is too large.
    """
    if len(text.encode("utf-8", "surrogatepass")) > limits.SOURCE_BYTES:
        raise too_large(filename)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def too_large(filename: str) -> SourceError:
    """What to raise for a source above the bound."""
    message = f"the source is larger than {limits.SOURCE_BYTES // 1024} KiB"
    help = "an activation is a few lines; is this the right file?"
    return _fault("E0501", message, filename, help)


def _fault(code: str, message: str, filename: str, help: str, span: Span = NOWHERE) -> SourceError:
    return SourceError((Diagnostic(code, message, span, help=help),), "", filename)


def _end(text: str) -> Span:
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    return Span(line, column, line, column + 1)
