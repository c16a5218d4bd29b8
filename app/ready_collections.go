package app

import (
	"context"
	"fmt"

	"grapevine/api"
	"grapevine/internal/mongox"
)

// problems are what is wrong with the collections and indexes in MongoDB.
func (a *App) problems() []mongox.Problem {
	problems := append(a.store.Problems(), a.ledger.Problems()...)
	if err := a.preparation.Load(); err != nil && *err != nil && !mongox.Unavailable(*err) {
		state := mongox.Failed
		if _, denied := mongox.DenialOf(*err); denied {
			state = mongox.Unauthorized
		}
		problems = append(problems, mongox.Problem{Name: "contacts", State: state, Message: "No change is applied: " + mongox.Text(*err)})
	}
	return problems
}

// collectionsPart names what is wrong, first what keeps an instance from being ready. Requests that need an index which
// is not there get 503; all else works.
func (a *App) collectionsPart(context.Context) api.PartHealth {
	problems := a.problems()
	err := a.preparation.Load()
	switch {
	case err == nil:
		return unready(stateStarting, "The collections are not prepared yet. The part mongodb says what the instance waits for.", nil)
	case *err != nil && mongox.Unavailable(*err):
		return unready(stateUnreachable, "The collections cannot be checked while MongoDB does not answer. The part mongodb says why.", nil)
	case len(problems) == 0:
		return api.PartHealth{Ready: true, State: stateUp}
	}
	first, message := problems[0], problems[0].Message
	if blocking, ok := a.store.ListProblem(); ok {
		first, message = blocking, "Lists of contacts get status 503. "+blocking.Message
	}
	if more := len(problems) - 1; more > 0 {
		message += fmt.Sprintf(" There are %d more problems in detail.", more)
	}
	return unready(first.State, message, map[string]any{"problems": problems})
}

// problemLog logs each problem once, and once more when it is mended. One goroutine uses it.
type problemLog map[string]string // the message of each problem by its name

func (l problemLog) update(a *App) {
	if err := a.preparation.Load(); err != nil && *err != nil && mongox.Unavailable(*err) {
		return // nothing is known about the collections now
	}
	now := map[string]bool{}
	for _, p := range a.problems() {
		now[p.Name] = true
		if p.State == mongox.Building || l[p.Name] == p.Message { // ensureIndexes warns of a long build
			continue
		}
		l[p.Name] = p.Message
		a.log.Warn("a collection in MongoDB is not as it should be", "name", p.Name, "state", p.State, "reason", p.Message)
	}
	for name := range l {
		if !now[name] {
			delete(l, name)
			a.log.Info("mended in MongoDB", "name", name)
		}
	}
}
