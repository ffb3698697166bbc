"""A checker for Bicep: names, property names and types, enum values, and what modules pass to each other.

It stands in for the compiler where there is none, and is stricter in one point (bicep_types: open lists). It does
not compute: a conditional value is checked on both sides, a loop's body once.
"""

from pathlib import Path

from tree_sitter import Node

from tests.infra.bicep_syntax import BicepFile, Declaration, key_text, named, parse, properties, text
from tests.infra.bicep_types import ANY, BOOL, STRING, body_type, schema
from tests.infra.bicep_values import Values, declared_type, member_parts

_META = frozenset({"scope", "parent", "dependsOn", "name"})


def check(file: BicepFile) -> list[str]:
    """Return every problem of a file as `file:line: what`, none when it is sound."""
    checker = _Declarations(file)
    for found in (*file.symbols.values(), *file.outputs.values()):
        checker.declaration(found)
    unused = {found.name for found in file.of_kind("parameter", "variable")} - checker.used
    return checker.problems + [f"{file.path.name}: {name} is never used" for name in sorted(unused)]


def check_tree(folder: Path) -> list[str]:
    """Check every Bicep file under a folder."""
    return [problem for path in sorted(folder.rglob("*.bicep")) for problem in check(parse(path))]


class _Declarations(Values):
    """Checks what a file declares."""

    __slots__ = ()

    def declaration(self, found: Declaration) -> None:
        for decorator in found.decorators.values():
            for argument in named(named(decorator)[1]):
                self.type_of(argument)
        match found.kind:
            case "parameter" | "output" if found.value is not None:
                self.expect(found.value, declared_type(found))
            case "variable" if found.value is not None:
                self.type_of(found.value)
            case "resource" | "module":
                self.loop = self.loop_variables(found.loop) if found.loop else {}
                if found.condition is not None:
                    self.expect(named(found.condition)[0], BOOL)
                    self.known_at_start(found.condition)
                (self.resource if found.kind == "resource" else self.module)(found)
                self.loop = {}

    def resource(self, found: Declaration) -> None:
        resource_type = self.resource_type(found)
        held = schema(resource_type)
        if held is None:
            self.problem(found.body, f"{resource_type} is not in the snapshot of resource types")
            return
        known, _, version = str(held["name"]).partition("@")
        outer = found
        while outer.parent is not None:
            outer = outer.parent
        if outer is found and version != found.type.partition("@")[2]:
            self.problem(found.body, f"{known} is known in version {version}, not {found.type.partition('@')[2]}")
        scope = self.file.scope[0].upper() + self.file.scope[1:]
        if scope not in held["scopes"] and not str(held["scopes"]).startswith("All"):
            self.problem(found.body, f"{known} cannot be deployed to a {scope}")
        entries = {key_text(key): value for key, value in properties(found.body)}
        if "name" not in entries:
            self.problem(found.body, f"{found.name} has no name")
        child = resource_type.count("/") > 1
        if child and found.parent is None and "parent" not in entries:
            self.problem(found.body, f"{found.name} has no parent")
        for key in ("name", "parent", "scope"):
            if key in entries:
                self.expect(entries[key], STRING if key == "name" else ANY)
                self.known_at_start(entries[key])
        if not found.existing:
            self.record(found.body, self.variant(body_type(resource_type), found.body), _META)

    def module(self, found: Declaration) -> None:
        path = self.file.path.parent / found.type
        if not path.exists():
            self.problem(found.body, f"there is no module {found.type}")
            return
        wanted = {one.name: one for one in parse(path).of_kind("parameter")}
        entries = {key_text(key): value for key, value in properties(found.body)}
        for key in entries.keys() - {"name", "scope", "params"}:
            self.problem(found.body, f"a module has no {key}")
        for key in {"name", "scope"} & entries.keys():
            self.expect(entries[key], STRING if key == "name" else ANY)
        given = dict(self.keys(entries["params"])) if "params" in entries else {}
        for name, value in given.items():
            if name not in wanted:
                self.problem(value, f"{found.type} has no parameter {name}")
            else:
                self.expect(value, declared_type(wanted[name]))
        for name, parameter in wanted.items():
            if parameter.value is None and name not in given:
                self.problem(found.body, f"{found.type} needs the parameter {name}")

    def known_at_start(self, node: Node) -> None:
        """Names, scopes and conditions must not wait for what a resource or module reports when it is deployed."""
        if node.type == "member_expression":
            base, name = member_parts(node)
            if name in {"properties", "outputs"} and base.type in {"identifier", "resource_expression"}:
                self.problem(node, f"{text(node)} is not known before the deployment")
        for child in node.children:
            self.known_at_start(child)
