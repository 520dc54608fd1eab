"""The API document, made from the views themselves: roles, parameters, first line of the docstring."""

import re
from typing import Any

from flask import current_app
from werkzeug.routing import Rule

# What a view says that it needs: its attribute, the header, what for, what it looks like.
HEADERS = {
    "needs_key": (
        "Idempotency-Key",
        "Name of this request: sent again, it is answered again",
        "^[A-Za-z0-9_-]{8,100}$",
    ),
    "needs_version": ("If-Match", "ETag of the version that the write starts from", '^"[0-9]{1,9}"$'),
}
PROBLEM = {"description": "Problem", "content": {"application/problem+json": {"schema": {"type": "object"}}}}


def api_document(title: str, prefixes: tuple[str, ...]) -> dict[str, Any]:
    """The OpenAPI document of the addresses that start so."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith(prefixes):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                paths.setdefault(path, {})[method.lower()] = _operation(rule)
    info = {"title": title, "version": "1.0.0", "license": {"name": "Apache-2.0"}}
    return {"openapi": "3.0.3", "info": info, "paths": dict(sorted(paths.items()))}


def _operation(rule: Rule) -> dict[str, Any]:
    view = current_app.view_functions[rule.endpoint]
    parameters = [_path_parameter(rule, name) for name in sorted(rule.arguments)]
    for param in getattr(view, "params", ()):
        parameters.append(
            {
                "name": param.name,
                "in": "query",
                "required": param.required,
                "description": param.about,
                "schema": dict(param.schema),
            }
        )
    parameters += [_header(*HEADERS[name]) for name in HEADERS if getattr(view, name, False)]
    operation = {
        "operationId": rule.endpoint,
        "summary": (view.__doc__ or "").strip().splitlines()[0],
        "parameters": parameters,
        "x-roles": sorted(getattr(view, "allowed_roles", ())),
        "responses": {
            "2XX": {"description": "OK"},
            "3XX": {"description": "Elsewhere, or not changed"},
            "4XX": PROBLEM,
            "503": PROBLEM,
        },
    }
    body = getattr(view, "body_schema", None)
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {getattr(view, "body_media", "application/json"): {"schema": body}},
        }
    return operation


def _header(name: str, about: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": True, "description": about, "schema": schema}


def _path_parameter(rule: Rule, name: str) -> dict[str, Any]:
    is_number = f"<int:{name}>" in rule.rule
    schema = {"type": "integer", "minimum": 0} if is_number else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}
