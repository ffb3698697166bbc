"""Bicep files as declarations, read by tree-sitter. It knows the grammar only; names and types are bicep_check's."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))


class BicepSyntaxError(ValueError):
    """A file that the grammar does not accept; the message lists the places."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A `param`, `var`, `output`, `resource` or `module`.

    `type` is what stands behind the name (a primitive type, a resource type with its API version, a module's path),
    `value` the expression behind `=`, None for a parameter without default.
    """

    kind: str
    name: str
    type: str
    value: Node | None
    decorators: dict[str, Node]
    existing: bool = False
    parent: "Declaration | None" = None

    @property
    def condition(self) -> Node | None:
        """The expression of `= if (...)`."""
        body = self.loop_body if self.loop else self.value
        return named(body)[0] if body and body.type == "if_statement" else None

    @property
    def loop(self) -> Node | None:
        """The `for` of a resource or module that is declared many times."""
        return self.value if self.value is not None and self.value.type == "for_statement" else None

    @property
    def loop_body(self) -> Node | None:
        """What the loop repeats."""
        return self.loop.child_by_field_name("body") if self.loop else None

    @property
    def body(self) -> Node:
        """The object with the properties, whatever loop and condition surround it."""
        found = self.loop_body or self.value
        assert found is not None
        return named(found)[-1] if found.type == "if_statement" else found


@dataclass(frozen=True, slots=True)
class BicepFile:
    """A file's symbols and outputs by name; a nested resource is named `outer::inner`."""

    path: Path
    scope: str
    symbols: dict[str, Declaration]
    outputs: dict[str, Declaration]

    def of_kind(self, *kinds: str) -> Iterator[Declaration]:
        """Return the symbols of these kinds, in the file's order."""
        return (found for found in self.symbols.values() if found.kind in kinds)


def named(node: Node) -> list[Node]:
    """Return the children that mean something."""
    return [child for child in node.named_children if child.type != "comment"]


def text(node: Node) -> str:
    """Return the source of a node."""
    assert node.text is not None
    return node.text.decode()


def properties(body: Node) -> Iterator[tuple[Node, Node]]:
    """Return an object's keys with their values; nested resources are not properties."""
    for entry in named(body):
        match named(entry):
            case [key, value]:
                yield key, value


def key_text(key: Node) -> str | None:
    """Return a property's name, None when it is computed."""
    return literal(key) if key.type == "string" else text(key)


def literal(node: Node) -> str | None:
    """Return a string's value, None when it is interpolated."""
    parts = named(node)
    if any(part.type == "interpolation" for part in parts):
        return None
    return "".join(text(part) for part in parts)


@cache
def parse(path: Path) -> BicepFile:
    """Read a file. Raises BicepSyntaxError."""
    return parse_text(path.read_text(encoding="utf-8"), path)


def parse_text(source: str, path: Path) -> BicepFile:
    """Read what stands for the file at `path`. Raises BicepSyntaxError."""
    root = _PARSER.parse(source.encode()).root_node
    if faults := list(_faults(root)):
        raise BicepSyntaxError("; ".join(f"{path.name}:{line}: {what!r} is not Bicep" for line, what in faults))
    scope = "resourceGroup"
    symbols: dict[str, Declaration] = {}
    outputs: dict[str, Declaration] = {}
    decorators: dict[str, Node] = {}
    for node in named(root):
        if node.type == "decorators":
            decorators = {text(named(named(one)[0])[0]): named(one)[0] for one in named(node)}
        elif node.type == "target_scope_assignment":
            scope = literal(named(node)[0]) or ""
        else:
            for found in _declarations(node, decorators, None):
                (outputs if found.kind == "output" else symbols)[found.name] = found
            decorators = {}
    return BicepFile(path, scope, symbols, outputs)


def _faults(node: Node) -> Iterator[tuple[int, str]]:
    if node.type == "ERROR" or node.is_missing:
        yield node.start_point[0] + 1, text(node)[:60]
    for child in node.children:
        yield from _faults(child)


def _declarations(node: Node, decorators: dict[str, Node], parent: Declaration | None) -> Iterator[Declaration]:
    kind = node.type.removesuffix("_declaration")
    name, *rest = named(node)
    match kind, rest:
        case "variable", [value]:
            yield Declaration(kind, text(name), "", value, decorators)
        case "parameter", [declared, *default]:
            yield Declaration(kind, text(name), text(declared), default[0] if default else None, decorators)
        case "output", [declared, value]:
            yield Declaration(kind, text(name), text(declared), value, decorators)
        case "module" | "resource", [declared, value]:
            existing = any(child.type == "existing" for child in node.children)
            full = f"{parent.name}::{text(name)}" if parent else text(name)
            found = Declaration(kind, full, literal(declared) or "", value, decorators, existing, parent)
            yield found
            for entry in named(found.body):
                if [child.type for child in named(entry)] == ["resource_declaration"]:
                    yield from _declarations(named(entry)[0], {}, found)
        case _:
            raise BicepSyntaxError(f"{node.start_point[0] + 1}: cannot read a {node.type}")
