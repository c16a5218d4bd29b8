package api_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/api"
	"grapevine/imports"
	"grapevine/internal/realtest/accounts"
)

// noticedImports tells when a request was let in and its file is about to be read.
type noticedImports struct {
	api.Imports
	begun chan struct{}
}

func (i *noticedImports) Start(ctx context.Context, r imports.Request) (imports.Import, error) {
	i.begun <- struct{}{}
	return i.Imports.Start(ctx, r)
}

func (i *noticedImports) Preview(ctx context.Context, r imports.Request) (imports.Preview, error) {
	i.begun <- struct{}{}
	return i.Imports.Preview(ctx, r)
}

// A file that is still being sent when its sender loses the right is neither kept nor compared with the contacts.
func TestRightEndsWhileAFileIsSent(t *testing.T) {
	begun := make(chan struct{}, 1)
	h := newSignInHarness(t, func(c *api.Config) { c.Imports = &noticedImports{c.Imports, begun} })
	operator := h.cookie(h.Session(h.Admin()))
	require.Equal(t, 201, h.do("POST", "/contacts", operator, `{"firstName":"Ada","email":"ada@example.test"}`).status)
	for name, lost := range map[string]struct {
		lose   func(accounts.User)
		status int
	}{
		"a viewer":   {func(u accounts.User) { h.SetRole(u, "default", "viewer") }, http.StatusForbidden},
		"no member":  {func(u accounts.User) { h.Leave(u, "default") }, http.StatusForbidden},
		"a disabled": {func(u accounts.User) { h.Set(u, bson.M{"disabled": true}) }, http.StatusUnauthorized},
	} {
		for _, query := range []string{"", "?dryRun=true&onMatch=update"} {
			user := h.User("default:editor")
			file, sent := h.sendFile("/contacts/import"+query, h.cookie(h.Session(user)))
			_, err := io.WriteString(file, "firstName,email\n")
			require.NoError(t, err)
			<-begun
			lost.lose(user)
			_, err = io.WriteString(file, "Ada,ada@example.test\n")
			require.NoError(t, err)
			require.NoError(t, file.Close())
			got := <-sent
			require.NotNil(t, got)
			require.Equal(t, lost.status, got.status, "%s, %q: %s", name, query, got.body)
		}
	}
	n, err := h.db.Collection(grapevine.CollectionImports).CountDocuments(t.Context(), bson.M{})
	require.NoError(t, err)
	require.Zero(t, n)
}

// sendFile begins to import a file that comes as it is written.
func (h *signInHarness) sendFile(path string, headers header) (file io.WriteCloser, sent <-chan *answer) {
	h.t.Helper()
	body, writer := io.Pipe()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+path, body)
	require.NoError(h.t, err)
	request.Header.Set("Content-Type", "text/csv")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	done := make(chan *answer, 1)
	go func() {
		defer close(done)
		if response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request); err == nil {
			done <- readAnswer(h.t, response)
		}
	}()
	return writer, done
}
