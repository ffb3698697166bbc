"""Verdicts for people, as a table, and for scripts, as JSON; secrets masked in both."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from entra.client import MEDIA_TYPE
from entra.exchange import Exchange
from entra.validation.attempt import Candidate
from entra.validation.verdict import Outcome, Verdict, accepted

_COLOURS: dict[Outcome, str] = {"pass": "green", "fail": "red", "skip": "cyan"}
_MASK = "***"
_SECRET_PARAMETERS = {"client_secret", "client_assertion"}
_TOKENS = re.compile(r'("(?:access|refresh|id)_token"\s*:\s*")[^"]+')
_LONGEST = 1000
_LONGEST_CELL = 160


class Mask:
    """Hides secrets wherever they may have come to stand."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _TOKENS.sub(rf"\1{_MASK}", text)

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """Return an exchange as JSON, with the headers that were sent."""
        headers, sent = {"Authorization": f"Bearer {_MASK}", "Accept": MEDIA_TYPE}, exchange.sent
        if isinstance(sent, dict) and "grant_type" in sent:
            headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
            sent = {name: _MASK if name in _SECRET_PARAMETERS else value for name, value in sent.items()}
        elif sent is not None:
            headers["Content-Type"] = f"{MEDIA_TYPE}; charset=utf-8"
        return {
            "request": {
                "method": exchange.method,
                "url": self.text(exchange.url),
                "headers": headers,
                "body": json.loads(self.text(json.dumps(sent))) if sent is not None else None,
            },
            "answer": {
                "status": exchange.status,
                "mediaType": exchange.media_type,
                "body": self.text(exchange.text),
                "seconds": round(exchange.seconds, 3),
            },
        }


def as_json(candidate: Candidate, verdicts: Sequence[Verdict], seed: int, mask: Mask) -> dict[str, Any]:
    """Return the whole result as JSON."""
    counted = Counter(verdict.outcome for verdict in verdicts)
    return {
        "tenantUrl": candidate.wire.base,
        "attributes": candidate.surface.origin,
        "dialect": candidate.wire.dialect.name,
        "seed": seed,
        "passed": counted["pass"],
        "failed": counted["fail"],
        "skipped": counted["skip"],
        "accepted": accepted(verdicts),
        "tests": [_verdict(verdict, mask) for verdict in verdicts],
    }


def row(verdict: Verdict) -> tuple[str, str, str, str]:
    """Return a verdict's line in the table: test, result, seconds, reason."""
    colour = _COLOURS[verdict.outcome]
    result = f"[{colour}]{verdict.outcome}[/]" + ("" if verdict.test.required else " (optional)")
    said = [_short(text, _LONGEST_CELL) for text in (verdict.reason, *verdict.notes) if text]
    return verdict.test.name, result, f"{verdict.seconds:.1f}", escape("\n".join(said))


def show(console: Console, candidate: Candidate, verdicts: Sequence[Verdict], mask: Mask) -> None:
    """Print a table per suite, every exchange that failed, and the sum."""
    for suite in dict.fromkeys(verdict.test.suite for verdict in verdicts):
        table = Table("test", "result", "s", "", title=suite, title_justify="left", expand=True)
        table.columns[2].justify = "right"
        table.columns[0].ratio, table.columns[3].ratio = 3, 2
        for verdict in verdicts:
            if verdict.test.suite == suite:
                table.add_row(*(mask.text(cell) for cell in row(verdict)))
        console.print(table)
    for verdict in verdicts:
        if verdict.outcome == "fail":
            _show_failure(console, verdict, mask)
    counted = Counter(verdict.outcome for verdict in verdicts)
    origin = "those of /Schemas" if candidate.surface.origin == "discovered" else "Entra's default ones"
    console.print(f"Attributes: {origin}. Dialect: {candidate.wire.dialect.name}.")
    console.print(f"[bold]{counted['pass']} passed, {counted['fail']} failed, {counted['skip']} skipped.[/]")
    console.print("[green]accepted[/]" if accepted(verdicts) else "[red]not accepted: required tests failed[/]")


def _show_failure(console: Console, verdict: Verdict, mask: Mask) -> None:
    console.rule(f"[red]{escape(verdict.test.name)}[/]", align="left")
    console.print(f"expected  {escape(mask.text(verdict.expected))}", highlight=False)
    console.print(f"got       {escape(_short(mask.text(verdict.got)))}", highlight=False)
    for note in verdict.notes:
        console.print(f"          [yellow]{escape(_short(mask.text(note)))}[/]", highlight=False)
    if verdict.exchange is None:
        return
    shown = mask.exchange(verdict.exchange)
    request, answer = shown["request"], shown["answer"]
    lines = [f"{request['method']} {request['url']}", *(f"{k}: {v}" for k, v in request["headers"].items())]
    if request["body"] is not None:
        lines += ["", _short(json.dumps(request["body"], ensure_ascii=False))]
    lines += ["", f"{answer['status']} {answer['mediaType']}", _short(answer["body"])]
    console.print(escape("\n".join(f"  {line}".rstrip() for line in lines)), highlight=False)


def _verdict(verdict: Verdict, mask: Mask) -> dict[str, Any]:
    return {
        "suite": verdict.test.suite,
        "name": verdict.test.name,
        "required": verdict.test.required,
        "outcome": verdict.outcome,
        "reason": mask.text(verdict.reason),
        "expected": mask.text(verdict.expected),
        "got": mask.text(verdict.got),
        "exchange": mask.exchange(verdict.exchange) if verdict.exchange else None,
        "notes": [mask.text(note) for note in verdict.notes],
        "seconds": round(verdict.seconds, 3),
    }


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"
