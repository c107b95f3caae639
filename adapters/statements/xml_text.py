"""XML as text: what is made of these is well-formed, whatever the texts in it are."""

from xml.sax.saxutils import escape, quoteattr

from adapters.statements.plain_text import one_line


def leaf(name: str, text: str) -> str:
    """An element that holds a text; what XML 1.0 cannot hold is replaced."""
    return f"<{name}>{escape(one_line(text))}</{name}>"


def leaf_with(name: str, attribute: str, value: str, text: str) -> str:
    """The same with an attribute."""
    return f"<{name} {attribute}={quoteattr(one_line(value))}>{escape(one_line(text))}</{name}>"


def node(name: str, *children: str) -> str:
    """An element that holds elements; an empty text among them is no element."""
    return f"<{name}>{''.join(children)}</{name}>"
