package jobs

import (
	"net/http"

	"github.com/redis/go-redis/v9"

	"grapevine/jobs/asynqx"
)

// Dashboard is asynqmon under root ("/jobs"); requests keep that prefix. readOnly refuses everything that
// changes a queue. It shows the queues of every database that shares this Redis, and has no sign-in: the
// caller decides who may reach it. See [asynqx.Dashboard] for what it adds to asynqmon.
func Dashboard(rdb *redis.Client, root string, readOnly bool) http.Handler {
	return asynqx.Dashboard(rdb, asynqx.DashboardConfig{
		Root: root, ReadOnly: readOnly, FormatPayload: formatPayload, FormatResult: formatResult,
	})
}

const notShown = "(not shown)"

// formatPayload shows the ids in our payloads. Other payloads could hold anything, so they are hidden.
func formatPayload(kind string, payload []byte) string {
	switch kind {
	case TypeWelcome:
		if contact, err := decodeWelcome(payload); err == nil {
			return string(mustJSON(welcomePayload{Contact: contact}))
		}
	case TypeImport:
		if id, err := decodeImport(payload); err == nil {
			return string(mustJSON(importPayload{Import: id}))
		}
	case TypeDigest:
		if d, err := decodeDigest(payload); err == nil {
			return string(mustJSON(d))
		}
	}
	return notShown
}

// formatResult shows the results of our handlers, which are counts and fixed words.
func formatResult(kind string, result []byte) string {
	if len(result) > 0 && label(kind) == labelOther {
		return notShown
	}
	return string(result)
}
