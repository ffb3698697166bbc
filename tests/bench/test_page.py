"""The page of the benchmarks: a part that is measured anew leaves the other parts as they are."""

from bench import page
from bench.cold_start import by_package, section


def test_a_section_replaces_its_own_alone_and_the_order_is_fixed(tmp_path) -> None:
    path = tmp_path / "benchmarks.md"
    page.replace(path, "growth", "## Growth\n\nold")
    page.replace(path, "cold start", "## Cold start\n")
    page.replace(path, "peers", "## Beside other servers")
    page.replace(path, "growth", "## Growth\n\nnew")
    text = path.read_text()

    assert page.sections(text) == {
        "peers": "## Beside other servers",
        "growth": "## Growth\n\nnew",
        "cold start": "## Cold start",
    }
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Benchmarks",
        "## Beside other servers",
        "## Growth",
        "## Cold start",
    ]


def test_a_table_has_text_on_the_left_and_figures_on_the_right() -> None:
    assert page.table(["", "a", "b"], [["x", "1", "2"]]) == ["|  | a | b |", "| --- | ---: | ---: |", "| x | 1 | 2 |"]


def test_import_times_are_summed_up_by_package() -> None:
    written = """\
import time: self [us] | cumulative | imported package
import time:      1000 |       1000 |   json.decoder
import time:       500 |       1500 | json
import time:      2000 |       2000 |     azure.data.tables._models
import time:       250 |       2250 |   azure.data.tables
import time:      4000 |       4000 | azure.core.rest
import time:      3000 |       3000 | scim.filter
a line of something else
"""
    assert by_package(written.splitlines()) == {
        "standard library": 1.5,
        "azure.data.tables": 2.25,
        "azure.core": 4.0,
        "scim": 3.0,
    }


def test_a_cold_start_beyond_the_aim_is_called_so() -> None:
    taken = {"outside": [100.0, 110.0, 120.0], "app": [150.0, 165.0, 400.0]}
    parts = {"scim": 60.0, "aiohttp": 39.5, "tiny": 0.5}
    said = section(taken, parts, {"the first": [9.0]})
    assert "The app takes 1.50 times what its packages from outside take (aim: below 1.6, met)." in said
    assert "| app | 165 | 150 | 400 |" in said
    assert "| **scim** | 60.0 | 60% |" in said
    assert "| others | 0.5 | 0% |" in said
    assert "**missed**" in section(taken | {"app": [200.0]}, parts, {})
