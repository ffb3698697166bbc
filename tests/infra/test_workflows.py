"""The GitHub workflows: they can be read, call what exists, hold no secret and no right that they do not need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def _read(path: Path) -> dict[str, Any]:
    held = yaml.safe_load(path.read_text())
    held["on"] = held.pop(True)  # YAML 1.1 takes the word for a boolean
    return held


def _commands(path: Path) -> list[str]:
    steps = [step for job in _read(path)["jobs"].values() for step in job["steps"]]
    return [step["run"] for step in steps if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_the_least_rights_an_end_and_no_secret(path: Path) -> None:
    workflow = _read(path)
    assert workflow["permissions"]["contents"] == "read"
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    assert "secrets." not in path.read_text()
    assert "pull_request_target" not in path.read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_anybody_can_type_is_not_run(path: Path) -> None:
    assert not [command for command in _commands(path) if "${{" in command]


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {
        name for path in WORKFLOWS for command in _commands(path) for name in re.findall(r"\bmake (\w+)", command)
    }
    assert called
    assert called <= targets


def test_the_deployment_sets_nothing_that_provisioning_does_not_read() -> None:
    env = _read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]["deploy"]["env"]
    read = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "infra" / "main.parameters.json").read_text()))
    of_azd = {"AZURE_SUBSCRIPTION_ID", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"}
    assert env.keys() <= read | of_azd


def test_every_python_that_is_supported_is_tested() -> None:
    matrix = _read(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    supported = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    assert supported
    assert matrix == [f"3.{minor}" for minor in range(int(supported[1]), int(supported[2]))]


def test_dependencies_of_every_kind_are_kept_fresh() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "npm", "github-actions"}
