package redisx

import (
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Refusal says why Redis does not do its work.
type Refusal struct {
	State   string // one word
	Message string // one sentence or two that say what to do; no part of a secret
}

// NeededRights are the rights of an access list (ACL) with which an instance can work.
const NeededRights = "~grapevine:* ~asynq:* &asynq:* +@all -@dangerous +info"

// refusals are the refusals of Redis by the start of their text, or by a part of it.
var refusals = []struct{ text, state, message string }{
	{"NOAUTH", "unauthorized", "Redis asks for a password, and REDIS_URL has none. Write redis://:password@host:6379 or redis://user:password@host:6379."},
	{"WRONGPASS", "unauthorized", "Redis refused the user name or the password in REDIS_URL."},
	{"invalid password", "unauthorized", "Redis refused the password in REDIS_URL."},
	{"without any password configured", "unauthorized", "REDIS_URL has a password, and this Redis has none. Remove it, or set requirepass."},
	{"NOPERM", "unauthorized", "The user of REDIS_URL lacks a right in Redis. It needs " + NeededRights + "."},
	{"READONLY", "read-only", "REDIS_URL leads to a replica, which takes no writes. Name the primary."},
	{"MISCONF", "read-only", "Redis refuses writes because it cannot save its data. Look at its disk and its log."},
	{"OOM", "full", "Redis has reached maxmemory and refuses writes. Give it more memory."},
	{"LOADING", "loading", "Redis loads its data. It answers when that is done."},
	{"MASTERDOWN", "read-only", "REDIS_URL leads to a replica that has lost its primary. Name the primary."},
	{"MOVED", "cluster", "REDIS_URL leads to a Redis Cluster. Use a single primary, with replicas if you need them."},
	{"CLUSTERDOWN", "cluster", "REDIS_URL leads to a Redis Cluster. Use a single primary, with replicas if you need them."},
}

// RefusalOf says why a call failed. err is not nil.
func RefusalOf(err error) Refusal {
	text := err.Error()
	for _, r := range refusals {
		if strings.Contains(text, r.text) {
			return Refusal{r.state, r.message}
		}
	}
	if IsWrongType(err) {
		return Refusal{"overwritten", "A key of ours in Redis was overwritten with another type. The log of the instance names it; delete it."}
	}
	var answer redis.Error
	if errors.As(err, &answer) && !isNetwork(err) {
		return Refusal{"failing", "Redis answers with an error. The log of the instance has its text."}
	}
	return Refusal{"unreachable", "Redis does not answer. Check that it runs and that REDIS_URL leads to it."}
}

func isNetwork(err error) bool {
	var network net.Error
	return errors.As(err, &network)
}
