package events

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

//go:embed append.lua
var appendSource string

var appendScript = redis.NewScript(grapevine.PositionLua + appendSource)

// Limits of one append. A script blocks Redis while it runs.
const (
	maxAppendEntries = 500
	maxAppendBytes   = 1 << 20
)

// Statuses with which append.lua answers.
const (
	appendDone     = "done"
	appendFenced   = "fenced"
	appendTailLost = "tail-lost"
)

// appendArgs is the input of one run of append.lua. entries is not empty, and only its first entry may
// start the log again.
type appendArgs struct {
	fence   grapevine.Fence
	reached grapevine.Position // the log must not end before this position
	entries []pendingEntry
}

// argv lists the arguments in the order that append.lua documents.
func (a appendArgs) argv() []any {
	first := &a.entries[0]
	var reached, startID, startBody, restart string
	if !a.reached.IsZero() {
		reached = a.reached.String()
	}
	if first.op != grapevine.Resync {
		start := first.position.Previous()
		startID, startBody = start.String(), resyncSuffix(start, "the event log begins here")
	}
	if first.restart {
		restart = "1"
	}
	argv := []any{a.fence.Nonce, reached, startID, startBody, restart}
	for i := range a.entries {
		e := &a.entries[i]
		argv = append(argv, e.position.String(), string(e.op), e.rooms, e.body, e.leftBody)
	}
	return argv
}

// append runs the script once.
func (l *Log) append(ctx context.Context, args appendArgs) error {
	keys := []string{l.key, args.fence.LeaseKey}
	reply, err := appendScript.Run(ctx, l.rdb, keys, args.argv()...).Slice()
	if err != nil {
		return fmt.Errorf("append to the event log: %w", redisx.NameKeys(err, keys...))
	}
	if len(reply) != 4 {
		return fmt.Errorf("append to the event log: the script returned %d values instead of 4", len(reply))
	}
	status, _ := reply[0].(string)
	appended, _ := reply[1].(int64)
	repeated, _ := reply[2].(int64)
	failure, _ := reply[3].(string)
	l.metrics.appended.Add(appended)
	l.metrics.repeated.Add(repeated)
	l.trimmer.add(args.entries)
	switch status {
	case appendDone:
		return nil
	case appendFenced:
		return grapevine.ErrFenced
	case appendTailLost:
		return grapevine.ErrTailLost
	}
	return fmt.Errorf("append to the event log: %w", redisx.NameKeys(errors.New(failure), keys...))
}

// chunks splits entries into parts that one script may append. An entry that starts the log again is the
// first of its chunk.
func chunks(entries []pendingEntry) [][]pendingEntry {
	var list [][]pendingEntry
	start, bytes := 0, 0
	for i := range entries {
		size := entries[i].size()
		if i > start && (i-start == maxAppendEntries || bytes+size > maxAppendBytes || entries[i].restart) {
			list = append(list, entries[start:i])
			start, bytes = i, 0
		}
		bytes += size
	}
	if start < len(entries) {
		list = append(list, entries[start:])
	}
	return list
}
