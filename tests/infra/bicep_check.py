"""A checker for Bicep: names, property names and types, enum values, and what modules pass to each other.

It stands in for the compiler where there is none, and is stricter in one point (bicep_types: open lists). It does
not compute: a conditional value is checked on both sides, a loop's body once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tree_sitter import Node

from tests.infra.bicep_syntax import BicepFile, Declaration, key_text, literal, named, parse, properties, text
from tests.infra.bicep_types import (
    ANY,
    BOOL,
    INT,
    NULL,
    STRING,
    Anything,
    Many,
    Plain,
    Property,
    Record,
    Type,
    body_type,
    fits,
    member,
    resolve,
    schema,
    show,
)

_DECLARED = {"string": STRING, "int": INT, "bool": BOOL, "object": ANY, "array": Many(ANY)}
_META = {"scope", "parent", "dependsOn", "name"}


def _strings(*names: str) -> Record:
    return Record({name: Property(STRING) for name in names})


FUNCTIONS: dict[str, Type] = {
    "empty": BOOL,
    "environment": Record({"suffixes": Property(_strings("storage", "keyvaultDns"))}),
    "guid": STRING,
    "loadTextContent": STRING,
    "replace": STRING,
    "resourceGroup": _strings("id", "name", "location"),
    "split": Many(STRING),
    "subscription": _strings("id", "subscriptionId", "tenantId"),
    "subscriptionResourceId": STRING,
    "tenant": _strings("tenantId"),
    "toLower": STRING,
    "union": ANY,
    "uniqueString": STRING,
}


def check(file: BicepFile) -> list[str]:
    """Return every problem of a file as `file:line: what`, none when it is sound."""
    checker = _Checker(file)
    for found in (*file.symbols.values(), *file.outputs.values()):
        checker.declaration(found)
    unused = {found.name for found in file.of_kind("parameter", "variable")} - checker.used
    return checker.problems + [f"{file.path.name}: {name} is never used" for name in sorted(unused)]


def declared_type(found: Declaration) -> Type:
    """Return the type of a parameter or output, with the values that @allowed names."""
    base = _DECLARED.get(found.type, ANY)
    allowed = found.decorators.get("allowed")
    if base == STRING and allowed is not None:
        values = named(named(allowed)[1])[0]
        return Plain("string", frozenset(literal(value) or "" for value in named(values)))
    return base


@dataclass(slots=True)
class _Checker:
    file: BicepFile
    problems: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    loop: dict[str, Type] = field(default_factory=dict)

    def problem(self, node: Node, what: str) -> None:
        self.problems.append(f"{self.file.path.name}:{node.start_point[0] + 1}: {what}")

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

    def loop_variables(self, loop: Node) -> dict[str, Type]:
        items, names = self.loop_parts(loop)
        item = self.type_of(items)
        kinds = [item.item if isinstance(item, Many) else ANY, INT]
        return dict(zip((text(name) for name in names), kinds, strict=False))

    @staticmethod
    def loop_parts(loop: Node) -> tuple[Node, list[Node]]:
        variables, items, *_ = named(loop)
        return items, named(variables) if variables.type == "for_loop_parameters" else [variables]

    # Declarations

    def resource(self, found: Declaration) -> None:
        resource_type = self.resource_type(found)
        held = schema(resource_type)
        if held is None:
            return self.problem(found.body, f"{resource_type} is not in the snapshot of resource types")
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
            self.record(found.body, self.variant(body_type(resource_type), found.body), frozenset(_META))

    def resource_type(self, found: Declaration) -> str:
        own = found.type.partition("@")[0]
        return f"{self.resource_type(found.parent)}/{own}" if found.parent else own

    def module(self, found: Declaration) -> None:
        path = self.file.path.parent / found.type
        if not path.exists():
            return self.problem(found.body, f"there is no module {found.type}")
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
            base, name = _member_parts(node)
            if name in {"properties", "outputs"} and base.type in {"identifier", "resource_expression"}:
                self.problem(node, f"{text(node)} is not known before the deployment")
        for child in node.children:
            self.known_at_start(child)

    # Values

    def expect(self, node: Node, wanted: Type) -> None:
        """Check a value against the type that its place asks for."""
        wanted = resolve(wanted)
        match node.type:
            case "object" if isinstance(wanted, Record):
                self.record(node, self.variant(wanted, node))
            case "array" if isinstance(wanted, Many):
                for item in named(node):
                    self.expect(item, wanted.item)
            case "ternary_expression":
                condition, *sides = named(node)
                self.expect(condition, BOOL)
                for side in sides:
                    self.expect(side, wanted)
            case "parenthesized_expression":
                self.expect(named(node)[0], wanted)
            case "for_statement" if isinstance(wanted, Many):
                body = node.child_by_field_name("body")
                assert body is not None
                outer, self.loop = self.loop, self.loop | self.loop_variables(node)
                self.expect(body, wanted.item)
                self.loop = outer
            case _:
                self.expect_type(node, wanted)

    def expect_type(self, node: Node, wanted: Type) -> None:
        found = self.type_of(node)
        if not fits(found, wanted):
            self.problem(node, f"{text(node)[:60]} is {show(found)} where {show(wanted)} is wanted")
        if node.type == "number" and isinstance(wanted, Plain):
            value = int(text(node))
            if (wanted.least is not None and value < wanted.least) or (wanted.most is not None and value > wanted.most):
                self.problem(node, f"{value} is outside {wanted.least} to {wanted.most}")

    def variant(self, wanted: Type, node: Node) -> Type:
        """Return the variant that the object's discriminating property chooses, else the record itself."""
        wanted = resolve(wanted)
        if not isinstance(wanted, Record) or not wanted.variants:
            return wanted
        chosen = next((value for key, value in properties(node) if key_text(key) == wanted.discriminator), None)
        value = literal(chosen) if chosen is not None and chosen.type == "string" else None
        if value not in wanted.variants:
            self.problem(node, f"{wanted.discriminator} must be one of {', '.join(sorted(wanted.variants))}")
            return ANY
        return wanted.variants[value]

    def keys(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Return an object's properties by name, after checking that no name stands twice."""
        seen: set[str] = set()
        for key, value in properties(node):
            name = key_text(key)
            if name is None:
                self.type_of(key)
                self.type_of(value)
            elif name in seen:
                self.problem(key, f"{name} stands twice")
            else:
                seen.add(name)
                yield name, value

    def record(self, node: Node, wanted: Type, meta: frozenset[str] = frozenset()) -> None:
        if not isinstance(wanted, Record):
            self.type_of(node)
            return
        given = dict(self.keys(node))
        for name, value in given.items():
            known = wanted.properties.get(name)
            if name in meta:
                continue
            if known is None and wanted.additional is None:
                self.problem(value, f"there is no property {name}")
            elif known is not None and known.read_only:
                self.problem(value, f"{name} is read only")
            else:
                self.expect(value, known.type if known else wanted.additional or ANY)
        for name, known in wanted.properties.items():
            if known.required and not known.read_only and name not in given and name not in meta:
                self.problem(node, f"the property {name} is missing")

    def type_of(self, node: Node) -> Type:
        """Return the type of an expression, checking whatever stands in it."""
        match node.type:
            case "string":
                for part in named(node):
                    if part.type == "interpolation":
                        self.type_of(named(part)[0])
                value = literal(node)
                return STRING if value is None else Plain("string", frozenset({value}))
            case "number" | "boolean" | "null":
                return {"number": INT, "boolean": BOOL, "null": NULL}[node.type]
            case "identifier":
                return self.symbol(node)
            case "resource_expression":
                return self.symbol(node)
            case "call_expression":
                return self.call(node)
            case "member_expression":
                return self.member(node)
            case "subscript_expression":
                found, _ = (self.type_of(part) for part in named(node))
                return found.item if isinstance(found, Many) else found
            case "parenthesized_expression":
                return self.type_of(named(node)[0])
            case "unary_expression":
                self.expect(named(node)[0], BOOL)
                return BOOL
            case "binary_expression":
                for side in named(node):
                    self.type_of(side)
                return BOOL
            case _:
                return self.compound(node)

    def compound(self, node: Node) -> Type:
        match node.type:
            case "object":
                return Record({name: Property(self.type_of(value)) for name, value in self.keys(node)})
            case "array":
                items = [self.type_of(item) for item in named(node)]
                return Many(_common(items))
            case "ternary_expression":
                condition, *sides = named(node)
                self.expect(condition, BOOL)
                return _common([self.type_of(side) for side in sides])
            case _:
                self.problem(node, f"the checker does not know a {node.type}")
                return ANY

    def symbol(self, node: Node) -> Type:
        name = text(node)
        if name in self.loop:
            return self.loop[name]
        found = self.file.symbols.get(name)
        if found is None:
            self.problem(node, f"{name} is not declared")
            return ANY
        self.used.add(name)
        match found.kind:
            case "parameter":
                return declared_type(found)
            case "variable":
                assert found.value is not None
                return self.type_of(found.value)
            case "resource":
                return Record({"id": Property(STRING)}, body_type(self.resource_type(found)))
            case _:
                outputs = parse(self.file.path.parent / found.type).outputs.values()
                results = Record({one.name: Property(declared_type(one)) for one in outputs})
                return Record({"outputs": Property(results), "name": Property(STRING)})

    def call(self, node: Node) -> Type:
        called, arguments = named(node)
        for argument in named(arguments):
            self.type_of(argument)
        if text(called) not in FUNCTIONS:
            self.problem(node, f"the checker does not know the function {text(called)}")
        if text(called) == "loadTextContent":
            path = self.file.path.parent / (literal(named(arguments)[0]) or "")
            if not path.is_file():
                self.problem(node, f"there is no file {path.name}")
        return FUNCTIONS.get(text(called), ANY)

    def member(self, node: Node) -> Type:
        base, name = _member_parts(node)
        held = self.type_of(base)
        is_resource = isinstance(held, Record) and "id" in held.properties and isinstance(held.additional, Record)
        found = member(held.additional if is_resource and name != "id" else held, name)
        if found is None:
            self.problem(node, f"{text(base)} has no {name}")
        return ANY if found is None else found


def _member_parts(node: Node) -> tuple[Node, str]:
    base, name = named(node)
    return base, text(name)


def _common(found: list[Type]) -> Type:
    """Return what holds of all: strings keep their values, records the properties that all have."""
    kinds = {type(one) for one in found}
    if kinds == {Plain} and len({one.name for one in found if isinstance(one, Plain)}) == 1:
        literals = [one.literals for one in found if isinstance(one, Plain)]
        first = found[0]
        assert isinstance(first, Plain)
        return Plain(first.name, frozenset().union(*literals) if all(literals) else frozenset())
    if kinds == {Record}:
        records = [one for one in found if isinstance(one, Record)]
        shared = set.intersection(*(set(one.properties) for one in records))
        return Record({name: Property(_common([one.properties[name].type for one in records])) for name in shared})
    return found[0] if kinds == {Many} and len(found) == 1 else ANY


def check_tree(folder: Path) -> list[str]:
    """Check every Bicep file under a folder."""
    return [problem for path in sorted(folder.rglob("*.bicep")) for problem in check(parse(path))]
