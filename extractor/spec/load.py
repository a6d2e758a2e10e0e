"""YAML files in, validated frozen models out; every fault of a file is told at once, with its line.

The only reader of YAML in the program. Where the patterns folder lies is decided here too: an argument,
the copy installed with the package, or the checkout.
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from extractor.errors import SpecError

Model = TypeVar("Model", bound=BaseModel)
PACKAGE = Path(__file__).resolve().parent.parent


def patterns_folder(folder: Path | None = None) -> Path:
    """The folder of concepts, cues, units and trials; raises `SpecError` when there is none."""
    for candidate in (folder, PACKAGE / "patterns", PACKAGE.parent / "patterns"):
        if candidate is not None and candidate.is_dir():
            return candidate
    raise SpecError(f"no patterns folder: looked at {folder or PACKAGE / 'patterns'} and {PACKAGE.parent / 'patterns'}")


def load_yaml(path: Path, model: type[Model]) -> Model:
    """The file as `model`; raises `SpecError` naming file, line, place and what is allowed there."""
    try:
        return model.model_validate(quick_yaml(path))
    except (yaml.YAMLError, UnicodeDecodeError, OSError, ValidationError):
        return _load_with_lines(path, model)


def _load_with_lines(path: Path, model: type[Model]) -> Model:
    """The same, slowly, by a reader that knows the line of every fault."""
    document = read_yaml(path)
    try:
        return model.model_validate(plain(document))
    except ValidationError as error:
        lines = [f"{path}:{line_of(document, fault['loc'])}: {place(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise SpecError("\n".join(lines)) from None


class _QuickLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # pure Python where there is no libyaml
    """The loader of libyaml, with the words of YAML 1.2: "no" and "on" are text, a key stands once."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if tag.rsplit(":", 1)[1] not in ("bool", "int", "float")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


for _tag, _form, _firsts in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9_]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9_]+|\.inf|\.nan)$", "-+.0123456789"),
):
    _QuickLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), list(_firsts))


def quick_yaml(path: Path) -> Any:
    """The YAML document of `path` as plain dicts, lists and scalars; raises what PyYAML raises."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_QuickLoader)  # a subclass of the safe loader


def read_yaml(path: Path) -> Any:
    """The YAML document of `path` with its line numbers kept (ruamel.yaml round-trip nodes)."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="rt").load(StringIO(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SpecError(f"{path}:{line}: not valid YAML: {getattr(error, 'problem', error)}") from None


def plain(node: Any) -> Any:
    """Round-trip YAML nodes as plain dicts, lists and scalars."""
    if isinstance(node, dict):
        return {plain(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return node


def line_of(document: Any, location: tuple[int | str, ...]) -> int:
    """The 1-based line of the deepest part of `location` that the document has."""
    line: int = 1
    node: Any = document
    for key in location:
        try:
            place_of = node.lc.key if isinstance(node, dict) else node.lc.item  # type: ignore[attr-defined]
            line = place_of(key)[0] + 1
            node = node[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def place(location: tuple[int | str, ...]) -> str:
    """A location as a person writes it: `criteria.2.rule`."""
    return ".".join(str(part) for part in location) or "the file"
