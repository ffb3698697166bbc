"""What the plots are drawn with: SVG, in one style."""

from collections.abc import Iterable
from html import escape

COLOURS = ("#1b6ac9", "#d9730d", "#2f9e44", "#8aa9d6", "#c2255c", "#7048e8", "#868e96", "#0c8599")
_TEXT = 'font-family="sans-serif" font-size="11"'


def drawing(width: float, height: float, shapes: Iterable[str]) -> str:
    """Return the whole document, on white paper."""
    body = "\n".join(shapes)
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">\n{paper}\n{body}\n</svg>\n'


def label(x: float, y: float, text: str, colour: str = "#333", *, anchor: str = "start") -> str:
    """Return a text that begins, ends or has its middle at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_TEXT} fill="{colour}">{escape(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = "#ddd") -> str:
    """Return a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'
