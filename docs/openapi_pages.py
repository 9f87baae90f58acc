"""The reference of the HTTP API in Markdown, from the program's own OpenAPI description."""

from typing import Any

import django

Json = dict[str, Any]


def reference() -> str:
    """All operations by their tag, then the shapes of what they take and answer."""
    django.setup()
    from promint.api.management.operations import management

    described = management.get_openapi_schema()
    parts = [_of_tag(tag, described["paths"]) for tag in described["tags"]]
    shapes = sorted(described["components"]["schemas"].items())
    return "\n\n".join(["", *parts, "## Shapes", *(_shape(name, of) for name, of in shapes)])


def _of_tag(tag: Json, paths: Json) -> str:
    operations = [
        _operation(f"{method.upper()} {path}", operation)
        for path, of_path in paths.items()
        for method, operation in of_path.items()
        if tag["name"] in operation["tags"]
    ]
    return "\n\n".join([f"## {tag['name']}", tag["description"], *operations])


def _operation(address: str, operation: Json) -> str:
    parts = [f"### `{address}`", operation.get("description") or f"{operation['summary']}."]
    if sent := operation.get("parameters"):
        rows = [(f"`{one['name']}`", one["in"], _type(one["schema"]), _words(one)) for one in sent]
        parts.append(_table(("parameter", "in", "type", "meaning"), rows))
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"Body: `{kind}`, {_type(body['schema'])}")
        if "properties" in body["schema"]:
            parts.append(_fields(body["schema"]))
    answers = [
        (f"{status}", answer["description"], ", ".join(_answered(answer)))
        for status, answer in operation["responses"].items()
    ]
    parts.append(_table(("status", "when", "answer"), answers))
    return "\n\n".join(parts)


def _answered(answer: Json) -> list[str]:
    """The shape of each kind of content; of a refusal, the values of `error`."""
    found = []
    for kind, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        if kind == "application/problem+json":
            found += [f"`{name}`" for name in schema["allOf"][1]["properties"]["error"]["enum"]]
        else:
            is_json = kind == "application/json"
            found.append(_type(schema) if is_json else f"`{kind}`")
    return found


def _shape(name: str, schema: Json) -> str:
    parts = [f"(shape-{name.lower()})=\n### {name}", schema.get("description", "")]
    parts.append(_fields(schema) if schema.get("properties") else _type(schema))
    return "\n\n".join(part for part in parts if part)


def _fields(schema: Json) -> str:
    required = schema.get("required", [])
    rows = [
        (f"`{name}`", _type(field), "yes" if name in required else "no", _words(field))
        for name, field in schema["properties"].items()
    ]
    return _table(("field", "type", "always there", "meaning"), rows)


def _type(schema: Json) -> str:
    """A schema in a few words, with links to the shapes in it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#shape-{name.lower()})"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(one) for one in schema[several])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    form = f" ({schema['format']})" if "format" in schema else ""
    return f"{schema.get('type', 'anything')}{form}"


def _words(of: Json) -> str:
    """What is said of a parameter or field: meaning, limits, default."""
    schema = of.get("schema", of)
    said = [of.get("description") or schema.get("description", "")]
    named = {"minimum": "from", "maximum": "to", "minLength": "from", "maxLength": "to"}
    limits = [f"{word} {schema[key]}" for key, word in named.items() if key in schema]
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    said.append(f"{' '.join(limits)}{unit}" if limits else "")
    said.append(f"`{schema['default']}` unless sent" if schema.get("default") is not None else "")
    return "; ".join(one.rstrip(".") for one in said if one)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |"
        for line in lines
    )
