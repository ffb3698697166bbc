"""Resource types that azmcp lacks, read from the models of Microsoft's management libraries (see azure_types)."""

import importlib
import importlib.metadata
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SIMPLE = {"str": "string", "int": "int", "float": "number", "bool": "bool", "object": "any", "duration": "string"}
_DICTIONARY = re.compile(r"\{(.+)\}")
_ARRAY = re.compile(r"\[(.+)\]")


@dataclass(frozen=True, slots=True)
class SdkType:
    """A resource type, and the release, package and model of a management library that describe it."""

    name: str
    distribution: str
    release: str
    package: str
    model: str
    scopes: str = "ResourceGroup"

    @property
    def installed(self) -> bool:
        """Whether this very release can be imported."""
        try:
            return importlib.metadata.version(self.distribution) == self.release
        except importlib.metadata.PackageNotFoundError:
            return False


_LOCKS = ("azure-mgmt-resource-locks", "1.0.0", "azure.mgmt.resource.locks")
_DNS = ("azure-mgmt-privatedns", "1.2.0", "azure.mgmt.privatedns")
_MONITOR = ("azure-mgmt-monitor", "7.0.0", "azure.mgmt.monitor")
# The last release that describes diagnostic settings.
_OLD_MONITOR = ("azure-mgmt-monitor", "6.0.2", "azure.mgmt.monitor.v2021_05_01_preview")
SDK_TYPES = (
    SdkType("Microsoft.Authorization/locks@2020-05-01", *_LOCKS, "ManagementLockObject", "AllExceptExtension"),
    SdkType("Microsoft.Insights/actionGroups@2023-01-01", *_MONITOR, "ActionGroupResource"),
    SdkType(
        "Microsoft.Insights/diagnosticSettings@2021-05-01-preview", *_OLD_MONITOR, "DiagnosticSettingsResource", "All"
    ),
    SdkType("Microsoft.Insights/metricAlerts@2018-03-01", *_MONITOR, "MetricAlertResource"),
    SdkType("Microsoft.Insights/scheduledQueryRules@2023-12-01", *_MONITOR, "ScheduledQueryRuleResource"),
    SdkType("Microsoft.Network/privateDnsZones@2024-06-01", *_DNS, "PrivateZone"),
    SdkType("Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01", *_DNS, "VirtualNetworkLink"),
)


def sdk_schema(row: SdkType) -> dict[str, Any]:
    """Return a model and those it refers to in the form of `azure_types.azmcp_schema`. Raises LookupError."""
    package = importlib.import_module(row.package)
    models = importlib.import_module(f"{row.package}.models")
    version = row.name.partition("@")[2]
    sources = (path.read_text(encoding="utf-8") for path in Path(str(package.__file__)).parent.rglob("*.py"))
    if not any(f'"{version}"' in source for source in sources):
        raise LookupError(f"{row.distribution} {row.release} does not speak {row.name}")
    objects = {
        name: _object(model, models)
        for name, model in vars(models).items()
        if isinstance(model, type) and hasattr(model, "_attribute_map")
    }
    body = objects[row.model]
    # The libraries take the name as a path segment and mark it read only; in Bicep it is the resource's name.
    body["properties"] |= {"name": {"type": "string", "required": True}, "type": {"type": "string", "readOnly": True}}
    source = f"{row.distribution} {row.release}"
    return {"name": row.name, "source": source, "scopes": row.scopes, "body": body, "objects": objects}


def _object(model: Any, models: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"properties": {}}
    for attribute, described in model._attribute_map.items():  # noqa: SLF001 - the libraries' own description
        if described["key"] == "":
            found["additional"] = "any"
            continue
        *outer, name = re.split(r"(?<!\\)\.", described["key"])
        place = found
        for step in outer:
            entry = place["properties"].setdefault(step, {"type": {"properties": {}}})
            place = entry["type"]
        rules = getattr(model, "_validation", {}).get(attribute, {})
        place["properties"][name.replace("\\", "")] = {
            "type": _type(described["type"], _documented_enum(model, attribute, models)),
            **({"required": True} if rules.get("required") else {}),
            **({"readOnly": True} if rules.get("readonly") else {}),
        }
    for attribute, variants in vars(model).get("_subtype_map", {}).items():
        key = model._attribute_map[attribute]["key"].replace("\\", "")  # noqa: SLF001
        found["discriminator"] = key
        found["variants"] = [
            _variant(_object(getattr(models, name), models), key, value) for value, name in variants.items()
        ]
    return found


def _variant(found: dict[str, Any], discriminator: str, value: str) -> dict[str, Any]:
    found["properties"][discriminator] = {"type": value, "required": True}
    return found


def _type(written: str, literals: list[str]) -> str:
    if found := _DICTIONARY.fullmatch(written):
        return f"{{{_type(found[1], literals)}}}"
    if found := _ARRAY.fullmatch(written):
        return f"{_type(found[1], literals)}[]"
    if literals and written == "str":
        return " | ".join([*literals, "string"])
    return _SIMPLE.get(written, written)


def _documented_enum(model: Any, attribute: str, models: Any) -> list[str]:
    documented = re.search(rf":vartype {attribute}: .*~[\w.]+\.(\w+)", inspect.getdoc(model) or "")
    members = getattr(getattr(models, documented[1], None), "__members__", {}) if documented else {}
    return [str(member.value) for member in members.values()]
