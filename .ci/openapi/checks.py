"""Checks of schemathesis beside its own.

`positive_data_acceptance` is replaced by a check that knows the refusals which no schema can express: they depend on what
is stored, or need the tables of Unicode.
"""

import json
import pathlib
import re

import schemathesis

document = json.loads((pathlib.Path(__file__).parents[2] / "api" / "openapi.json").read_text())
HEADERS = {
    parameter["name"]: re.compile(parameter["schema"]["pattern"])
    for parameter in document["components"]["parameters"].values()
    if parameter["in"] == "header"
}

# Status codes that depend on the state of the server, or on the protocol that the client speaks.
STATE = {404, 409, 412, 426, 429, 503}
# Fields that are compared with another document or with the stored contact.
STORED_FIELDS = ("/organizationId", "/kind", "/firstName", "/name")
# Rules that need the tables of Unicode.
UNICODE = re.compile("that a person can see|that are not characters")


def is_beyond_schemas(case, response):
    """Whether a refusal of a request that the schema accepts follows a rule that no schema can express."""
    if response.status_code in STATE:
        return True
    problem = response.json()
    if response.status_code == 400:  # a cursor is valid only for the list that it came from
        return case.query is not None and "after" in case.query and "cursor" in problem["detail"]
    if response.status_code == 422:
        if case.path == "/contacts/import":  # a schema cannot describe CSV or vCard
            return True
        if "Idempotency-Key" in problem["detail"]:
            return True
        problem["errors"] = [error for error in problem["errors"] if not UNICODE.search(error["detail"])]
        fields = STORED_FIELDS if case.method in ("PATCH", "PUT") else STORED_FIELDS[:1]
        return all(error["pointer"] in fields for error in problem["errors"])
    return False


def is_valid(case):
    """Whether a request that schemathesis calls valid is valid.

    Version 4.32.5 fills an optional header whose pattern needs more than letters and digits with "0".
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return False
    headers = case.headers or {}
    return all(pattern.search(headers[name]) for name, pattern in HEADERS.items() if name in headers)


@schemathesis.check
def valid_request_is_accepted(ctx, response, case):
    if response.status_code < 400 or not is_valid(case):
        return
    assert is_beyond_schemas(case, response), f"The schema accepts a request that is answered {response.status_code}: {response.text}"
