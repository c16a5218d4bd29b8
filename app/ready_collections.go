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

// collectionsPart names what is wrong. Without its index a list or a search of words is slow, and a text search gets 503; all else
// works.
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
	if more := len(problems) - 1; more > 0 {
		message += fmt.Sprintf(" There are %d more problems in detail.", more)
	}
	return unready(first.State, message, map[string]any{"problems": problems})
}
