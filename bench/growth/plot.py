"""The plot of growth: CPU time of each operation over the number of users, both axes logarithmic, as SVG."""

import math
from collections.abc import Iterable, Mapping

from bench.drawing import COLOURS, drawing, label, line

_LEFT, _TOP, _WIDTH, _HEIGHT, _NAMES = 60, 20, 520, 420, 260
_LEAST = 13  # between two names

Series = Mapping[str, Mapping[int, float]]  # operation -> number of users -> milliseconds


def svg(series: Series) -> str:
    """Return the drawing; each series has a figure for one number of users at least."""
    sizes = sorted({size for each in series.values() for size in each})
    figures = [figure for each in series.values() for figure in each.values()]
    low, high = math.floor(math.log10(min(figures))), math.ceil(math.log10(max(figures)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: int) -> float:
        return _LEFT + (math.log10(size) - first) / (last - first or 1) * _WIDTH

    def y(figure: float) -> float:
        return _TOP + (high - math.log10(figure)) / (high - low) * _HEIGHT

    right, bottom = _LEFT + _WIDTH, _TOP + _HEIGHT
    shapes = [line(x(size), _TOP, x(size), bottom) for size in sizes]
    shapes += [label(x(size), bottom + 16, f"{size:,} users", anchor="middle") for size in sizes]
    for power in range(low, high + 1):
        shapes.append(line(_LEFT, y(10.0**power), right, y(10.0**power)))
        shapes.append(label(_LEFT - 6, y(10.0**power) + 4, f"{10.0**power:g} ms", anchor="end"))
    places = _apart({name: y(each[max(each)]) for name, each in series.items()})
    for number, (name, each) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(x(size), y(each[size])) for size in sorted(each)]
        shapes += [*_curve(points, colour), label(right + 10, places[name] + 4, name, colour)]
    return drawing(right + _NAMES, bottom + 30, shapes)


def _curve(points: Iterable[tuple[float, float]], colour: str) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots]


def _apart(places: Mapping[str, float]) -> dict[str, float]:
    """Return the heights with at least a line between two of them, their order kept and none above the paper."""
    apart: dict[str, float] = {}
    lowest = float("inf")
    for name, place in sorted(places.items(), key=lambda item: item[1], reverse=True):
        lowest = min(place, lowest - _LEAST)
        apart[name] = lowest
    lift = max(0.0, _TOP - min(apart.values(), default=_TOP))
    return {name: place + lift for name, place in apart.items()}
