package events

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"grapevine"
	"grapevine/internal/redisx"
)

const countPage = 1000 // entries of one read

// counts is the number of events of one workspace.
type counts struct{ created, updated, deleted int64 }

// window is a stretch of MongoDB's time, in seconds: from inclusive, to exclusive.
type window struct{ from, to int64 }

// Count counts the events of a workspace in the seconds [from, to) of MongoDB's time. A contact that moves
// counts as deleted in the workspace it left and as created in the other. The error is
// [grapevine.ErrPartial] if the log does not reach back to from; then the counts are lower bounds.
func (l *Log) Count(ctx context.Context, workspace string, from, to time.Time) (created, updated, deleted int64, err error) {
	byWorkspace, complete, err := l.countWindow(ctx, window{from.Unix(), to.Unix()})
	if err != nil {
		return 0, 0, 0, err
	}
	if !complete {
		err = grapevine.ErrPartial
	}
	c := byWorkspace[workspace]
	return c.created, c.updated, c.deleted, err
}

// countCache holds the newest window that can no longer grow. The digests of one minute, one for each
// workspace, run together and need the same entries.
type countCache struct {
	sync.Mutex
	window      window
	byWorkspace map[string]counts
}

// countWindow counts every workspace at once. Concurrent callers wait for the first one, which reads for all.
func (l *Log) countWindow(ctx context.Context, w window) (byWorkspace map[string]counts, complete bool, err error) {
	l.counts.Lock()
	defer l.counts.Unlock()
	if l.counts.window == w && l.counts.byWorkspace != nil {
		return l.counts.byWorkspace, true, nil
	}
	byWorkspace = map[string]counts{}
	start, end := firstID(w.from), "("+firstID(w.to)
	for {
		found, err := l.rdb.XRangeN(ctx, l.key, start, end, countPage).Result()
		if err != nil {
			return nil, false, redisx.NameKeys(err, l.key)
		}
		for _, m := range found {
			rooms, _ := m.Values["to"].(string)
			addCounts(byWorkspace, rooms)
		}
		if len(found) < countPage {
			break
		}
		start = "(" + found[len(found)-1].ID
	}
	oldest, err := oldestID(ctx, l.rdb, l.key)
	if err != nil {
		return nil, false, err
	}
	if oldest.IsZero() || oldest.Time > uint64(w.from)<<32 {
		return byWorkspace, false, nil
	}
	later, err := l.rdb.XRevRangeN(ctx, l.key, "+", firstID(w.to), 1).Result()
	if err != nil {
		return nil, false, redisx.NameKeys(err, l.key)
	}
	if len(later) > 0 { // the log is past the window, so its counts are final
		l.counts.window, l.counts.byWorkspace = w, byWorkspace
	}
	return byWorkspace, true, nil
}

// addCounts counts one entry for the workspaces among its rooms.
func addCounts(byWorkspace map[string]counts, rooms string) {
	for line := range strings.Lines(rooms) {
		room := strings.TrimSuffix(line, "\n")
		workspace, ok := strings.CutPrefix(room[min(1, len(room)):], workspaceRoom)
		if !ok {
			continue
		}
		c := byWorkspace[workspace]
		switch roomChange(room[0]) {
		case roomJoined:
			c.created++
		case roomUpdated:
			c.updated++
		case roomDeleted, roomLeft:
			c.deleted++
		}
		byWorkspace[workspace] = c
	}
}

// firstID is the first possible id in a second of MongoDB's time.
func firstID(second int64) string { return strconv.FormatUint(uint64(second)<<32, 10) + "-0" }
