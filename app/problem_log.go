package app

import (
	"slices"
	"strings"

	"grapevine/internal/mongox"
)

// problemLog logs each problem of the collections once, and once more when it is mended. Problems that come or go
// together share a line: a right that the user lacks concerns every index. One goroutine uses it.
type problemLog map[string]string // the message of each problem by its name

func (l problemLog) update(a *App) {
	if err := a.preparation.Load(); err != nil && *err != nil && mongox.Unavailable(*err) {
		return // nothing is known about the collections now
	}
	fresh, mended := l.changes(a.problems())
	for _, problems := range fresh {
		var names []string
		for _, p := range problems {
			names = append(names, p.Name)
		}
		a.log.Warn("collections or indexes in MongoDB are not as they should be",
			"names", strings.Join(names, " "), "state", problems[0].State, "reason", problems[0].Message)
	}
	if len(mended) > 0 {
		a.log.Info("mended in MongoDB", "names", strings.Join(mended, " "))
	}
}

// changes returns the problems that were not logged yet, by their state, and the names of those that are gone.
func (l problemLog) changes(problems []mongox.Problem) (fresh map[string][]mongox.Problem, mended []string) {
	now := map[string]bool{}
	fresh = map[string][]mongox.Problem{}
	for _, p := range problems {
		now[p.Name] = true
		if p.State == mongox.Building || l[p.Name] == p.Message { // ensureIndexes warns of a long build
			continue
		}
		l[p.Name] = p.Message
		fresh[p.State] = append(fresh[p.State], p)
	}
	for name := range l {
		if !now[name] {
			delete(l, name)
			mended = append(mended, name)
		}
	}
	slices.Sort(mended)
	return fresh, mended
}
