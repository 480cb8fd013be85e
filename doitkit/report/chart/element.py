"""SVG elements. Text and attributes are escaped when they are serialised, never before."""

from xml.etree import ElementTree as ET

Element = ET.Element


def element(tag: str, *children: Element | str, **attributes: str | float) -> Element:
    """Return an element.

    Parameters
    ----------
    children
        Elements, or the text of an element without child elements.
    attributes
        `class_` stands for `class`; other underscores become hyphens.
    """
    made = ET.Element(tag, {_name(key): _value(value) for key, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + child
        else:
            made.append(child)
    return made


def drawing(width: float, height: float, label: str, *children: Element, css: str = "") -> Element:
    """Return a picture that keeps its shape when the page makes it wider or narrower."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        class_=f"chart {css}".strip(),
        role="img",
        aria_label=label,
    )


def band(height: float, label: str, *children: Element, css: str = "") -> Element:
    """Return a picture as wide as its place, whose contents are placed in percent of it."""
    return element(
        "svg",
        *children,
        width="100%",
        height=height,
        class_=f"band {css}".strip(),
        role="img",
        aria_label=label,
    )


def tooltip(text: str) -> Element:
    """Return what a browser shows while the pointer rests on the enclosing element."""
    return element("title", text)


def serialised(drawn: Element) -> str:
    """Return the markup of a drawing."""
    return ET.tostring(drawn, encoding="unicode")


def _name(key: str) -> str:
    return "viewBox" if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:.1f}"
    return text.removesuffix(".0")
