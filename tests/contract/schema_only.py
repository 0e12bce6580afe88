#!/usr/bin/env python3
"""Cuts the OpenAPI description of Microsoft Graph down to what a contract test needs.

    python3 schema_only.py graph-openapi.yaml > graph-schema.json

Kept: paths, methods, parameters, names, types, formats, nullability, what is required, enumerations,
documented statuses. Dropped: prose, examples, and every mark of other tools. One line for each method and
each schema, so that a newer description shows as a difference that can be read. Needs PyYAML.
"""

import json
import sys

import yaml

DROPPED = {
    "description", "summary", "title", "example", "examples", "externalDocs", "tags", "operationId",
    "style", "explode", "default", "servers", "security",
}
KEPT_MARKS = {"x-documented-status", "x-required-on-create", "x-ms-pageable"}
METHODS = {"get", "post", "put", "patch", "delete"}


def without_prose(node):
    """A schema, parameter or operation with its prose left out."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key in ("properties", "responses"):
            # Their keys are names or statuses, and a property may well be called "description".
            kept[key] = {name: without_prose(inner) for name, inner in value.items()}
        elif key not in DROPPED and (not key.startswith("x-") or key in KEPT_MARKS):
            kept[key] = without_prose(value)
    return kept


def lines(entries):
    """A JSON object with one entry a line."""
    def line(name, value):
        return f"{json.dumps(name)}: {json.dumps(value, separators=(', ', ': '))}"
    return "{\n" + ",\n".join(line(name, value) for name, value in entries) + "\n}"


def main(source):
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    parts = [
        ("operations", operations),
        ("parameters", document["components"]["parameters"].items()),
        ("responses", document["components"]["responses"].items()),
        ("schemas", document["components"]["schemas"].items()),
    ]
    source_line = "Microsoft Graph v1.0, a slice; MIT licence, (c) Microsoft Corporation"
    print("{")
    print(f'"source": {json.dumps(source_line)},')
    print(",\n".join(
        f"{json.dumps(part)}: " + lines((name, without_prose(value)) for name, value in entries)
        for part, entries in parts
    ))
    print("}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
