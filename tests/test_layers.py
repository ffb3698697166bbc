"""Imports point one way, and each outside package has one door (docs/decisions tells why)."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Which packages of ours, and which from outside beside the standard library, each part may import.
MAY_IMPORT = {
    "scim": {"scim", "pydantic"},
    "storage": {"storage", "scim", "pydantic", "azure.core", "azure.data", "aiohttp", "azure.identity"},
    "identity": {"identity", "storage", "scim", "pydantic", "jwt", "cryptography", "aiohttp"},
    "entra": {"entra", "httpx", "rich", "pydantic", "jwt", "cryptography"},
    "function_app.py": {"edge", "scim", "azure.functions"},
    "edge.py": {"service", "scim", "storage", "identity", "telemetry", "azure.functions"},
    "telemetry": {"telemetry", "storage", "opentelemetry", "azure.monitor"},
    "maintenance": {"maintenance", "identity", "storage", "scim"},
    "service.py": {"scim", "storage", "identity", "maintenance"},
}


def modules(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the packages that a module imports, two names deep for `azure`, which is many."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names.add(node.module or "")
    return {".".join(name.split(".")[: 2 if name.startswith("azure") else 1]) for name in names}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_lies_below_it(part):
    paths = modules(part)
    assert paths
    for path in paths:
        foreign = {name for name in imported(path) if name not in sys.stdlib_module_names}
        assert foreign <= MAY_IMPORT[part], f"{path.relative_to(ROOT)} imports {foreign - MAY_IMPORT[part]}"


@pytest.mark.parametrize("module", ["os", "time", "datetime", "random", "secrets", "socket", "logging", "uuid"])
def test_the_protocol_has_no_clock_environment_randomness_network_or_log_of_its_own(module):
    allowed = {"datetime": {"instant.py"}}  # a value type there: nothing asks for the time of day
    users = {path.name for path in modules("scim") if module in imported(path)}
    assert users <= allowed.get(module, set())
