"""Whether text can be read: the contrast of every text on a page with what is behind it (WCAG 2.2, 1.4.3)."""

import re

from playwright.sync_api import Page

LEAST = 4.5

_COLOURS = """() => [...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => {
    let behind = e;
    while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
    const ground = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)';
    return [e.textContent.trim(), getComputedStyle(e).color, ground];
  })"""


def too_faint(page: Page) -> dict[str, float]:
    """Return the texts whose contrast is too low, with their contrast."""
    ratios = {text: contrast(colour, behind) for text, colour, behind in page.evaluate(_COLOURS)}
    assert ratios
    return {text: ratio for text, ratio in ratios.items() if ratio < LEAST}


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour as browsers write it, such as rgb(0, 90, 158)."""
    red, green, blue = (_linear(int(number) / 255) for number in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
