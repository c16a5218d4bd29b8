package api_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/api"
	"grapevine/internal/realtest/accounts"
)

// waitingWrites does something before the store reads the contact that is edited, as if the write waited so long.
type waitingWrites struct {
	api.Contacts
	wait func()
}

type editOf = func(grapevine.Contact) (grapevine.Contact, error)

func (w *waitingWrites) Update(ctx context.Context, workspace, id string, ifMatch []string, edit editOf) (grapevine.Contact, grapevine.Position, error) {
	w.wait()
	return w.Contacts.Update(ctx, workspace, id, ifMatch, edit)
}

func (w *waitingWrites) Replace(ctx context.Context, workspace, id string, ifMatch []string, edit editOf) (grapevine.Contact, grapevine.Position, error) {
	w.wait()
	return w.Contacts.Replace(ctx, workspace, id, ifMatch, edit)
}

// A write that was let in and then waits, for its turn or for other writers, does nothing once the right has ended.
func TestAWriteThatWaitsLooksAgain(t *testing.T) {
	writes := &waitingWrites{wait: func() {}}
	h := newSignInHarness(t, func(c *api.Config) { writes.Contacts, c.Contacts = c.Contacts, writes })
	path := h.do("POST", "/contacts", h.cookie(h.Session(h.Admin())), ada).header.Get("Location")
	before := h.stored(t)
	for name, ends := range map[string]struct {
		end    func(u accounts.User, session string)
		status int
	}{
		"no member":    {func(u accounts.User, _ string) { h.Leave(u, "default") }, 403},
		"a viewer now": {func(u accounts.User, _ string) { h.SetRole(u, "default", "viewer") }, 403},
		"signed out": {func(_ accounts.User, session string) {
			_, err := h.db.Collection("sessions").DeleteOne(t.Context(), bson.M{"_id": accounts.Hash(session)})
			require.NoError(t, err)
		}, 401},
	} {
		for method, body := range map[string]string{"PATCH": `{"workspace":"sales"}`, "PUT": `{"firstName":"Eve"}`} {
			user := h.User("default:editor", "sales:editor")
			session := h.Session(user)
			asker := h.cookie(session)
			require.Equal(t, 200, h.get("/session", asker).status)
			writes.wait = func() {
				ends.end(user, session)
				h.eventually("the server knows", func() bool { return h.do("POST", "/contacts", asker, `{}`).status != 422 })
			}
			got := h.do(method, path, asker, body)
			require.Equal(t, ends.status, got.status, "%s, %s: %s", name, method, got.body)
			require.Equal(t, before, h.stored(t))
		}
	}
}
