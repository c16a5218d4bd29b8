"""Checks of schemathesis beside its own.

`positive_data_acceptance` is replaced by a check that knows the refusals which no schema can express, because they
depend on what is stored.
"""

import schemathesis

# Status codes that depend on the state of the server, or on the protocol that the client speaks.
STATE = {404, 409, 412, 426, 429, 503}
# Fields that are compared with another document or with the stored contact.
STORED_FIELDS = ("/organizationId", "/kind", "/firstName", "/name")


def depends_on_state(case, response):
    """Whether a refusal of a request that the schema accepts is right, because of what is stored."""
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
        fields = STORED_FIELDS if case.method in ("PATCH", "PUT") else STORED_FIELDS[:1]
        return all(error["pointer"] in fields for error in problem["errors"])
    return False


@schemathesis.check
def valid_request_is_accepted(ctx, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    assert depends_on_state(case, response), f"The schema accepts a request that is answered {response.status_code}: {response.text}"
