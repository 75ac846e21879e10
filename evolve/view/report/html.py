"""HTML made of elements, in which every string is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files


class Html(str):
    """Text that is HTML already. Only this module makes any."""

    __slots__ = ()


_VOID = frozenset({"img", "meta"})


def tag(name: str, *children: object, **attributes: str) -> Html:
    """An element; children that are not :class:`Html` are text. ``class_`` is the class."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{words}>")
    return Html(f"<{name}{words}>{joined(children)}</{name}>")


def joined(children: Iterable[object]) -> Html:
    """One after the other."""
    return Html("".join(c if isinstance(c, Html) else escape(str(c)) for c in children))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A table; cells that hold numbers stand to the right."""
    body = [tag("tr", *(tag("td", cell, class_=_side(cell)) for cell in row)) for row in rows]
    return tag("table", tag("tr", *(tag("th", title) for title in head)), *body)


def section(title: str, *children: object) -> Html:
    """A chapter of the page."""
    return tag("section", tag("h2", title), *children)


def _side(cell: object) -> str:
    return "number" if not isinstance(cell, Html) and str(cell)[:1].isdigit() else "text"


def style() -> Html:
    """The page's style sheet."""
    return Html(files(__package__).joinpath("style.css").read_text(encoding="utf-8"))
