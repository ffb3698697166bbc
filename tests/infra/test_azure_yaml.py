"""azure.yaml names what there is. Its keys and values: test_configuration.py."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())


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
