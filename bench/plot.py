"""The plot: one group of bars for each operation, CPU time on a logarithmic axis, as SVG."""

import math
from collections.abc import Sequence

from bench.drawing import COLOURS, drawing, label, line
from bench.load import Measured
from bench.report import Results

_LEFT, _WIDTH, _TOP, _BAR, _GAP = 270, 560, 50, 9, 12


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
    shapes = [_grid(x(10.0**power), bottom, 10.0**power) for power in range(low, high + 1)]
    for index, name in enumerate(contenders):
        shapes.append(label(20 + 200 * index, 18, f"■ {name}", COLOURS[index]))
    for row, operation in enumerate(operations):
        y = _TOP + row * step
        shapes.append(label(_LEFT - 8, y + step / 2, operation, anchor="end"))
        for index, name in enumerate(contenders):
            if (value := cpu.get((name, operation))) is not None:
                shapes.append(_bar(x(value), y + index * _BAR, value, COLOURS[index]))
    return drawing(_LEFT + _WIDTH + 60, bottom + 20, shapes)


def _grid(x: float, bottom: float, value: float) -> str:
    return line(x, _TOP - 12, x, bottom) + label(x, _TOP - 16, f"{value:g} ms", anchor="middle")


def _bar(end: float, y: float, value: float, colour: str) -> str:
    bar = f'<rect x="{_LEFT}" y="{y}" width="{max(end - _LEFT, 1):.1f}" height="{_BAR - 1}" fill="{colour}"/>'
    return bar + f'<text x="{end + 4:.1f}" y="{y + _BAR - 1}" font-family="sans-serif" font-size="8">{value:.2f}</text>'
