"""What a person sees of it: progress while it runs, and tables afterwards."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from entra.client import Traffic
from entra.cycle import Outcome
from entra.on_demand import Shown
from entra.verify import Deviation, Verification

_COLOURS = {"success": "green", "failure": "red", "warning": "yellow", "skipped": "cyan"}
_MOST_SHOWN = 20
_LONGEST = 400  # characters of an exchange


class Bars:
    """A progress bar for every stage of a cycle; use it in a `with` statement."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=not console.is_terminal)
        self._stage: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end_stage()
        self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of so many steps."""
        self._end_stage()
        self._stage = self._progress.add_task(name, total=total) if total else None

    def advance(self) -> None:
        """Note one step."""
        if self._stage is not None:
            self._progress.advance(self._stage)

    def _end_stage(self) -> None:
        if self._stage is not None:
            self._progress.update(self._stage, completed=self._progress.tasks[self._stage].total)
            self._stage = None


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Print what a cycle did, what it broke on, and how its job stands."""
    title = f"{'Initial' if outcome.initial else 'Incremental'} cycle, {outcome.seconds:.1f} s"
    table = Table("kind", "action", "status", "objects", title=title, title_justify="left")
    table.columns[3].justify = "right"
    for (kind, action, status), count in sorted(outcome.tally.objects.items()):
        table.add_row(kind, action, _coloured(status), str(count))
    console.print(table if outcome.tally.objects else f"{title}: nothing to do")
    for (status, code), count in sorted(outcome.tally.errors.items()):
        console.print(f"{_coloured(status)} {count} x {code}")
        if status == "Failure":
            console.print(f"    {escape(outcome.tally.reasons[code][:_LONGEST])}")
    for rule, count in outcome.tally.broken.most_common():
        console.print(f"[red]{count} x[/] {escape(str(outcome.tally.examples[rule]))}")
        console.print(f"    {escape(str(outcome.tally.examples[rule].exchange or '')[:_LONGEST])}")
    if outcome.staged:
        console.print(f"[yellow]{outcome.staged} removals were staged.[/] Look at them, then use --allow-deletes.")
    if outcome.escrowed:
        console.print(f"[yellow]{outcome.escrowed} objects are in escrow[/] and will be tried again.")
    if outcome.quarantine:
        held = outcome.quarantine
        console.print(f"[red]Quarantine: {held.reason}[/] ({escape(held.code)}): {escape(held.message)}")
        console.print(f"The service would try again at {held.next_attempt:%Y-%m-%d %H:%M} UTC.")


def show_traffic(console: Console, traffic: Traffic, seconds: float) -> None:
    """Print how many requests were sent and how long they took."""
    counted = ", ".join(f"{count} {method}" for method, count in sorted(traffic.requests.items()))
    total = sum(traffic.requests.values())
    shares = " / ".join(f"{traffic.percentile(share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))
    rate = total / seconds if seconds else 0.0
    console.print(f"{total} requests ({counted}), {rate:.0f}/s; latency p50/p95/p99 {shares} ms")


def show_verification(console: Console, result: Verification) -> None:
    """Print how the target differs from what it should be."""
    compared = f"{result.users} users, {result.groups} groups and {result.memberships} memberships"
    colour = "red" if result.deviations else "green"
    console.print(f"Compared {compared}: [bold {colour}]{_differences(len(result.deviations))}[/]")
    _list(console, result.deviations)
    if result.unmanaged and not set(result.unmanaged) & set(result.deviations):
        console.print(f"{len(result.unmanaged)} objects of the target are not provisioned from this directory.")


def show_steps(console: Console, steps: Iterable[Shown], *, details: bool = True) -> None:
    """Print the steps of provisioning on demand, as the portal shows them, with their details or without."""
    for number, step in enumerate(steps, 1):
        console.print(f"[bold]{number}. {step.name}[/] {_coloured(step.status)} {escape(step.text)}")
        for name, value in step.details.items() if details else ():
            console.print(f"     {escape(name)}: {escape(_brief(value))}")


def show_log(console: Console, entries: Iterable[Mapping[str, Any]]) -> None:
    """Print log entries as a table."""
    table = Table("time", "action", "kind", "name", "status", "error", "changes")
    for entry in entries:
        source, status = entry["sourceIdentity"], entry["provisioningStatusInfo"]
        error = status["errorInformation"] or {}
        changes = [
            f"{each['displayName']}: {each['oldValue']} → {each['newValue']}" for each in entry["modifiedProperties"]
        ]
        table.add_row(
            entry["activityDateTime"][11:19],
            entry["provisioningAction"],
            source["identityType"],
            escape(source["displayName"]),
            _coloured(status["status"]),
            escape(f"{error.get('errorCode') or ''} {error.get('reason') or ''}".strip()),
            escape("\n".join(changes)),
        )
    console.print(table)


def _list(console: Console, deviations: list[Deviation]) -> None:
    for each in deviations[:_MOST_SHOWN]:
        console.print(f"  {escape(str(each))}")
    if len(deviations) > _MOST_SHOWN:
        console.print(f"  … and {len(deviations) - _MOST_SHOWN} more")


def _differences(count: int) -> str:
    return f"{count} difference" if count == 1 else f"{count} differences"


def _coloured(status: str) -> str:
    return f"[{_COLOURS.get(status.lower(), 'white')}]{status}[/]"


def _brief(value: Any) -> str:
    match value:
        case {"old": old, "new": new}:
            return f"{old!r} → {new!r}"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
