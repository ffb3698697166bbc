"""The values in a Bicep file: whether each one is of the type that its place asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from tests.infra.bicep_syntax import BicepFile, Declaration, key_text, literal, named, parse, properties, text
from tests.infra.bicep_types import (
    ANY,
    BOOL,
    INT,
    NULL,
    STRING,
    Many,
    Plain,
    Property,
    Record,
    Type,
    body_type,
    fits,
    member,
    one_of,
    resolve,
    schema,
    show,
)

_DECLARED: dict[str, Type] = {"string": STRING, "int": INT, "bool": BOOL, "object": ANY, "array": Many(ANY)}


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
    "string": STRING,
    "subscription": _strings("id", "subscriptionId", "tenantId"),
    "subscriptionResourceId": STRING,
    "tenant": _strings("tenantId"),
    "toLower": STRING,
    "union": ANY,
    "uniqueString": STRING,
}


def declared_type(found: Declaration) -> Type:
    """Return the type of a parameter or output, with the values that @allowed names."""
    base = _DECLARED.get(found.type, ANY)
    allowed = found.decorators.get("allowed")
    if base == STRING and allowed is not None:
        values = named(named(allowed)[1])[0]
        return Plain("string", frozenset(literal(value) or "" for value in named(values)))
    return base


@dataclass(slots=True)
class Values:
    """Checks the expressions of one file and collects what is wrong with them."""

    file: BicepFile
    problems: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    loop: dict[str, Type] = field(default_factory=dict)

    def problem(self, node: Node, what: str) -> None:
        self.problems.append(f"{self.file.path.name}:{node.start_point[0] + 1}: {what}")

    def resource_type(self, found: Declaration) -> str:
        own = found.type.partition("@")[0]
        return f"{self.resource_type(found.parent)}/{own}" if found.parent else own

    def loop_variables(self, loop: Node) -> dict[str, Type]:
        items, names = self.loop_parts(loop)
        item = self.type_of(items)
        kinds = [item.item if isinstance(item, Many) else ANY, INT]
        return dict(zip((text(name) for name in names), kinds, strict=False))

    @staticmethod
    def loop_parts(loop: Node) -> tuple[Node, list[Node]]:
        variables, items, *_ = named(loop)
        return items, named(variables) if variables.type == "for_loop_parameters" else [variables]

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
        if value is None or value not in wanted.variants:
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
        if node.type in _CONSTANTS:
            return _CONSTANTS[node.type]
        if node.type not in _EXPRESSIONS:
            self.problem(node, f"the checker does not know a {node.type}")
            return ANY
        return _EXPRESSIONS[node.type](self, node)

    def string(self, node: Node) -> Type:
        for part in named(node):
            if part.type == "interpolation":
                self.type_of(named(part)[0])
        value = literal(node)
        return STRING if value is None else Plain("string", frozenset({value}))

    def subscript(self, node: Node) -> Type:
        found, _ = (self.type_of(part) for part in named(node))
        return found.item if isinstance(found, Many) else ANY

    def operation(self, node: Node) -> Type:
        for side in named(node):
            self.type_of(side)
        return BOOL

    def object(self, node: Node) -> Type:
        return Record({name: Property(self.type_of(value)) for name, value in self.keys(node)})

    def array(self, node: Node) -> Type:
        return Many(one_of([self.type_of(item) for item in named(node)]))

    def choice(self, node: Node) -> Type:
        condition, *sides = named(node)
        self.expect(condition, BOOL)
        return one_of([self.type_of(side) for side in sides])

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
                resource_type = self.resource_type(found)
                return body_type(resource_type) if schema(resource_type) else ANY
            case _:
                path = self.file.path.parent / found.type
                if not path.exists():
                    return ANY
                outputs = parse(path).outputs.values()
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
        base, name = member_parts(node)
        found = member(self.type_of(base), name)
        if found is None:
            self.problem(node, f"{text(base)} has no {name}")
        return ANY if found is None else found


_CONSTANTS: dict[str, Type] = {"number": INT, "boolean": BOOL, "null": NULL}
_EXPRESSIONS: dict[str, Callable[[Values, Node], Type]] = {
    "array": Values.array,
    "binary_expression": Values.operation,
    "call_expression": Values.call,
    "identifier": Values.symbol,
    "member_expression": Values.member,
    "object": Values.object,
    "parenthesized_expression": lambda values, node: values.type_of(named(node)[0]),
    "resource_expression": Values.symbol,
    "string": Values.string,
    "subscript_expression": Values.subscript,
    "ternary_expression": Values.choice,
    "unary_expression": Values.operation,
}


def member_parts(node: Node) -> tuple[Node, str]:
    """Return the two sides of a dot."""
    base, name = named(node)
    return base, text(name)
