package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/realtest/httpclient"
)

// Who reads an export slowly gets no more of it when the right is gone.
func TestExportIsCutWhenTheRightEnds(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	const contacts, kilobytes = 3000, 16
	var people []any
	for n := range contacts {
		people = append(people, bson.M{"workspace": "default", "kind": "person", "firstName": fmt.Sprint(n), "notes": strings.Repeat("n", kilobytes<<10)})
	}
	_, err := env.DB(t).Collection(grapevine.CollectionContacts).InsertMany(t.Context(), people)
	require.NoError(t, err)
	i := start(t, env, signInOn)
	made := i.accounts()
	user := made.User("default:viewer", "sales:viewer")
	page := i.signedIn(made.Session(user))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+i.Addr()+"/contacts/export?format=ndjson", nil)
	require.NoError(t, err)
	for n := 0; n < len(page.headers); n += 2 {
		request.Header.Set(page.headers[n], page.headers[n+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	head := make([]byte, 64<<10)
	_, err = io.ReadFull(answer.Body, head)
	require.NoError(t, err)

	made.Leave(user, "default")
	eventually(t, "the right is gone", func() bool { return page.get("/contacts").Status == http.StatusForbidden })
	watch := realtest.StartStopwatch(t)
	rest, err := io.Copy(io.Discard, answer.Body)
	require.Error(t, err, "a part of a file must not look like the whole")
	require.Less(t, watch.Stop(), watch.Allow(2*time.Second))
	require.Less(t, rest, int64(contacts*kilobytes<<10)*3/4, "what was on the way is all that still comes")
}

// An import ends between two batches when its author may not write any more. Signing out does not end it.
func TestImportEndsWhenTheRightEnds(t *testing.T) {
	t.Parallel()
	i := start(t, realtest.New(t), signInOn)
	made := i.accounts()
	user := made.User("default:editor")
	session := made.Session(user)
	page, operator := i.signedIn(session), i.as(made.Token(accounts.User{}, "default", "editor"))
	var file strings.Builder
	file.WriteString("firstName,email\n")
	for n := range 20_000 {
		fmt.Fprintf(&file, "Person %d,p%d@example.test\n", n, n)
	}
	sent := make(chan httpclient.Answer, 1)
	go func() {
		headers := append([]string{"Content-Type", "text/csv"}, page.headers...)
		answer, _ := httpclient.New("http://"+i.Addr(), time.Minute).Do(context.WithoutCancel(t.Context()), http.MethodPost, "/contacts/import", file.String(), headers...)
		sent <- answer
	}()
	var stored struct {
		ID          bson.ObjectID `bson:"_id"`
		State, Code string
		Rows        int
	}
	look := func() bool {
		return i.db.Collection(grapevine.CollectionImports).FindOne(t.Context(), bson.M{}).Decode(&stored) == nil
	}
	eventually(t, "rows are imported", func() bool { return look() && stored.Rows > 0 })
	_, err := i.db.Collection(grapevine.CollectionSessions).DeleteOne(t.Context(), bson.M{"_id": accounts.Hash(session)})
	require.NoError(t, err)
	eventually(t, "the user is signed out", func() bool { return page.get("/contacts").Status == http.StatusUnauthorized })
	signedOutAt := stored.Rows
	eventually(t, "it goes on without the session", func() bool { return look() && stored.Rows > signedOutAt })

	made.Leave(user, "default")
	eventually(t, "the import has failed", func() bool { return look() && stored.State == "failed" })
	require.Equal(t, "forbidden", stored.Code)
	require.Less(t, stored.Rows, 20_000)
	count := func() int64 {
		n, err := i.db.Collection(grapevine.CollectionContacts).CountDocuments(t.Context(), bson.M{})
		require.NoError(t, err)
		return n
	}
	n := count()
	require.NotZero(t, n)
	shown := operator.get("/imports/" + stored.ID.Hex())
	require.Equal(t, http.StatusOK, shown.Status)
	require.Contains(t, string(shown.Body), "has ended", "it says why")
	<-sent
	require.Equal(t, n, count(), "nothing more came")
}
