"""The plot: one group of bars for each operation, CPU time on a logarithmic axis, as SVG."""

import math
from collections.abc import Sequence
from html import escape

from bench.load import Measured
from bench.report import Results

_COLOURS = ("#1b6ac9", "#d9730d", "#2f9e44", "#8aa9d6")
_LEFT, _WIDTH, _TOP, _BAR, _GAP = 270, 560, 50, 9, 12
_TEXT = 'font-family="sans-serif" font-size="11" fill="#333"'


def svg(results: Results, contenders: Sequence[str]) -> str:
    """Return the drawing of CPU milliseconds per request at one client."""
    cpu = {key[:2]: each.cpu_ms for key, each in results.items() if key[2] == 1 and isinstance(each, Measured)}
    operations = list(dict.fromkeys(operation for _, operation in cpu))
    low = math.floor(math.log10(min(cpu.values())))
    high = max(math.ceil(math.log10(max(cpu.values()))), low + 1)

    def x(value: float) -> float:
        return _LEFT + (math.log10(value) - low) / (high - low) * _WIDTH

    step = _BAR * len(contenders) + _GAP
    bottom = _TOP + step * len(operations)
    shapes = [_line(x(10.0**power), bottom, 10.0**power) for power in range(low, high + 1)]
    for index, name in enumerate(contenders):
        shapes.append(_label(20 + 200 * index, 18, f"■ {name}", _COLOURS[index]))
    for row, operation in enumerate(operations):
        y = _TOP + row * step
        shapes.append(_label(_LEFT - 8, y + step / 2, operation, anchor="end"))
        for index, name in enumerate(contenders):
            if (value := cpu.get((name, operation))) is not None:
                shapes.append(_bar(x(value), y + index * _BAR, value, _COLOURS[index]))
    size = f'viewBox="0 0 {_LEFT + _WIDTH + 60} {bottom + 20}"'
    body = "\n".join(shapes)
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{paper}\n{body}\n</svg>\n'


def _line(x: float, bottom: float, value: float) -> str:
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 12}" y2="{bottom}" stroke="#ddd"/>'
    return line + _label(x, _TOP - 16, f"{value:g} ms", anchor="middle")


def _bar(end: float, y: float, value: float, colour: str) -> str:
    bar = f'<rect x="{_LEFT}" y="{y}" width="{max(end - _LEFT, 1):.1f}" height="{_BAR - 1}" fill="{colour}"/>'
    return bar + f'<text x="{end + 4:.1f}" y="{y + _BAR - 1}" font-family="sans-serif" font-size="8">{value:.2f}</text>'


def _label(x: float, y: float, text: str, colour: str = "", *, anchor: str = "start") -> str:
    style = _TEXT.replace("#333", colour) if colour else _TEXT
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(text)}</text>'
