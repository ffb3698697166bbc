"""azure.yaml: what azd reads. Its published schema lets unknown keys pass at most places, so a slip would be silent;
here only the keys that azd knows and this project uses are let through."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
HOOK_NAMES = {f"{when}{what}" for when in ("pre", "post") for what in ("provision", "package", "deploy", "up", "down")}

# Place -> the keys that azd knows there, each with what its value must be.
KNOWN: dict[str, dict[str, str]] = {
    "": {"name": "[a-z0-9]([-a-z0-9]*[a-z0-9])?", "requiredVersions": "", "infra": "", "services": "", "hooks": ""},
    "requiredVersions": {"azd": r">= \d+\.\d+\.\d+"},
    "infra": {"provider": "bicep", "path": r"[\w/]+", "module": r"\w+"},
    "services.scim": {"project": r"\.", "language": "python|py", "host": "function", "remoteBuild": "True"},
    **{f"hooks.{name}": {"run": r"[\w/]+\.py", "kind": "python", "interactive": "True|False"} for name in HOOK_NAMES},
}


def problems(project: dict[str, Any]) -> list[str]:
    """Return what azd would not understand."""
    found = [f"{name} is no hook of azd" for name in project.get("hooks", {}).keys() - HOOK_NAMES]
    found += [f"the Bicep knows no service {name}" for name in project["services"].keys() - {"scim"}]
    for place, known in KNOWN.items():
        held: Any = project
        for step in filter(None, place.split(".")):
            held = held.get(step, {})
        found += [f"{place}: {key} is not known" for key in held.keys() - known.keys()]
        found += [
            f"{place}: {key} is {held[key]!r}"
            for key, pattern in known.items()
            if pattern and key in held and not re.fullmatch(pattern, str(held[key]))
        ]
    return found


def test_azd_understands_everything() -> None:
    assert problems(PROJECT) == []


@pytest.mark.parametrize(
    ("place", "key", "value", "expected"),
    [
        ("services.scim", "remotebuild", True, "remotebuild is not known"),
        ("services.scim", "host", "functions", "host is 'functions'"),
        ("hooks", "postdeployment", {}, "postdeployment is no hook of azd"),
        ("hooks.postdeploy", "script", "x.py", "script is not known"),
        ("hooks.postdeploy", "kind", "py", "kind is 'py'"),
        ("", "hook", {}, "hook is not known"),
        ("", "name", "IDEO SCIM", "name is 'IDEO SCIM'"),
    ],
)
def test_a_slip_is_seen(place: str, key: str, value: Any, expected: str) -> None:
    broken: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
    held = broken
    for step in filter(None, place.split(".")):
        held = held[step]
    held[key] = value
    assert any(expected in problem for problem in problems(broken))


def test_the_places_that_it_names_exist() -> None:
    infra = PROJECT["infra"]
    assert (ROOT / infra["path"] / f"{infra['module']}.bicep").is_file()
    assert (ROOT / infra["path"] / f"{infra['module']}.parameters.json").is_file()
    for hook in PROJECT["hooks"].values():
        assert (ROOT / hook["run"]).is_file()
    assert (ROOT / PROJECT["services"]["scim"]["project"] / "host.json").is_file()


def test_hooks_install_what_they_need_from_the_file_beside_them() -> None:
    """azd takes the nearest requirements.txt or pyproject.toml above the hook, and the project's is not installable."""
    lines = (ROOT / "infra" / "hooks" / "requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted[0] == "-r ../../requirements.in"
    assert all("==" in line for line in wanted[1:])
