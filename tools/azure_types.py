"""Write tests/infra/schemas: the property types of the Azure resources that infra/ declares.

The tests check every Bicep file against this snapshot, so that they need no network and no 137 MB tool. To renew it,
or after a resource type was added to a table here, in an empty folder:

    npm install @azure/mcp-linux-x64@2.0.5
    pip install --target new azure-mgmt-monitor==7.0.0 azure-mgmt-privatedns==1.2.0 azure-mgmt-resource-locks==1.0.0
    pip install --target old azure-mgmt-monitor==6.0.2
    PYTHONPATH=new:PROJECT python -m tools.azure_types node_modules/@azure/mcp-linux-x64/dist/azmcp
    PYTHONPATH=old:PROJECT python -m tools.azure_types

azmcp answers from the types that Bicep itself uses, without a network. It lacks a few namespaces; for those the
models of Microsoft's management libraries say the same.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.azure_sdk_types import SDK_TYPES, sdk_schema

SCHEMAS = Path(__file__).parent.parent / "tests" / "infra" / "schemas"
TYPES = (
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Insights/components",
    "Microsoft.Insights/workbooks",
    "Microsoft.KeyVault/vaults",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/subnets",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Resources/resourceGroups",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/tableServices",
    "Microsoft.Storage/storageAccounts/tableServices/tables",
    "Microsoft.Web/serverfarms",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
    "Microsoft.Web/sites/config",
    "Microsoft.Web/sites/hostNameBindings",
)


def azmcp_schema(program: Path, resource_type: str) -> dict[str, Any]:
    """Ask azmcp for a resource type and return its body and the objects that it refers to."""
    answer = subprocess.run(
        [str(program), "bicepschema", "get", "--resource-type", resource_type], capture_output=True, check=True
    )
    entries = json.loads(answer.stdout)["results"]["BicepSchemaResult"]
    resource = next(entry for entry in entries if entry["$type"] == "Resource")
    objects = {
        entry["name"]: _azmcp_object(entry) for entry in entries if entry["$type"] in {"Object", "DiscriminatedObject"}
    }
    return {
        "name": resource["name"],
        "source": "@azure/mcp-linux-x64 2.0.5",
        "scopes": resource["writableScopes"],
        "body": _azmcp_object(resource["bodyType"]),
        "objects": objects,
    }


def _azmcp_object(entry: dict[str, Any]) -> dict[str, Any]:
    if entry["$type"] == "DiscriminatedObject":
        variants = [_azmcp_object(element) for element in entry["elements"]]
        base = _azmcp_properties(entry["baseProperties"])
        return {"discriminator": entry["discriminator"], "properties": base, "variants": variants}
    found: dict[str, Any] = {"properties": _azmcp_properties(entry["properties"])}
    if entry.get("additionalPropertiesType"):
        found["additional"] = entry["additionalPropertiesType"]
    return found


def _azmcp_properties(entries: list[dict[str, str]]) -> dict[str, Any]:
    properties = {}
    for entry in entries:
        flags = entry.get("flags", "")
        properties[entry["name"]] = {
            "type": entry["type"],
            **({"required": True} if "Required" in flags else {}),
            **({"readOnly": True} if "ReadOnly" in flags else {}),
            **({"modifiers": entry["modifiers"]} if entry.get("modifiers") else {}),
        }
    return properties


def reachable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with only those objects that its body leads to."""
    kept: dict[str, Any] = {}
    pending = [schema["body"]]
    while pending:
        for name in _references(pending.pop()):
            if name in schema["objects"] and name not in kept:
                kept[name] = schema["objects"][name]
                pending.append(kept[name])
    return schema | {"objects": dict(sorted(kept.items()))}


def _references(found: dict[str, Any]) -> list[str]:
    names = [found["additional"]] if "additional" in found else []
    for inner in found.get("variants", []):
        names += _references(inner)
    for entry in found["properties"].values():
        names += [entry["type"]] if isinstance(entry["type"], str) else _references(entry["type"])
    return [name.strip("{}").removesuffix("[]") for name in names]


def main(programs: list[str]) -> None:
    """Write one JSON file for each resource type that azmcp (if given) and the installed libraries describe."""
    schemas = [azmcp_schema(Path(program), resource_type) for program in programs for resource_type in TYPES]
    schemas += [sdk_schema(row) for row in SDK_TYPES if row.installed]
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for schema in schemas:
        resource_type = schema["name"].partition("@")[0]
        path = SCHEMAS / f"{resource_type.replace('/', '_')}.json"
        path.write_text(json.dumps(reachable(schema), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
