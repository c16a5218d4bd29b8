package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

var printedLink = regexp.MustCompile(`(http://[^ ]*)/setup#([A-Za-z0-9_-]{43})`)

// printed keeps what instances print instead of the standard error.
func printed(to *lockedBuffer) func(*Config) { return func(c *Config) { c.FirstLinkTo = to } }

// An empty database has one link, whichever of its instances makes it. It makes one user, however many use it at once.
func TestFirstUserIsMadeOnce(t *testing.T) {
	t.Parallel()
	env, out := realtest.New(t), &lockedBuffer{}
	i1, i2 := start(t, env, signInOn, printed(out)), start(t, env, signInOn, printed(out))
	eventually(t, "the link is printed", func() bool { return strings.Contains(out.String(), "/setup#") })
	links := printedLink.FindAllStringSubmatch(out.String(), -1)
	require.Len(t, links, 1)
	require.Contains(t, []string{"http://" + i1.Addr(), "http://" + i2.Addr()}, links[0][1], "PUBLIC_URL is the address of one")
	for range 5 {
		require.Equal(t, http.StatusOK, i2.get("/setup", "Accept", "text/html").Status, "a look uses nothing up")
	}
	body := func(n int) map[string]any {
		return map[string]any{"secret": links[0][2], "email": fmt.Sprintf("ada%d@example.test", n), "name": "Ada", "password": accounts.Password}
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	answers := map[int]int{}
	for n := range 20 {
		group.Go(func() {
			status := []*instance{i1, i2}[n%2].call(http.MethodPost, "/setup", body(n)).Status
			mu.Lock()
			defer mu.Unlock()
			answers[status]++
		})
	}
	group.Wait()
	require.Equal(t, 1, answers[http.StatusCreated], "%v", answers)
	users := i1.db.Collection(grapevine.CollectionUsers)
	n, err := users.CountDocuments(t.Context(), bson.M{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, http.StatusGone, i1.call(http.MethodPost, "/setup", body(99)).Status)

	// Nobody gets in by emptying the collection: there has been a user.
	_, err = users.DeleteMany(t.Context(), bson.M{})
	require.NoError(t, err)
	i1.stop()
	i2.stop()
	before := out.String()
	start(t, env, signInOn, printed(out))
	require.Equal(t, before, out.String())
}

// Without sign-in nothing is made and nothing is printed.
func TestNoLinkWithoutSignIn(t *testing.T) {
	t.Parallel()
	env, out := realtest.New(t), &lockedBuffer{}
	i := start(t, env, printed(out))
	require.Empty(t, out.String())
	n, err := i.db.Collection(grapevine.CollectionInvitations).CountDocuments(t.Context(), bson.M{})
	require.NoError(t, err)
	require.Zero(t, n)
}

// The admin of the settings is made once. Nothing of a user who is there changes, and no link is printed.
func TestAdminOfTheSettings(t *testing.T) {
	t.Parallel()
	env, out, file := realtest.New(t), &lockedBuffer{}, filepath.Join(t.TempDir(), "password")
	admin := func(email, password string) func(*Config) {
		return func(c *Config) {
			require.NoError(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
			c.AdminEmail, c.AdminPasswordFile = email, file
		}
	}
	i := start(t, env, signInOn, printed(out), admin("Ada@Example.test", accounts.Password))
	users := i.db.Collection(grapevine.CollectionUsers)
	stored := func() (all []bson.M) {
		cursor, err := users.Find(t.Context(), bson.M{})
		require.NoError(t, err)
		require.NoError(t, cursor.All(t.Context(), &all))
		return all
	}
	eventually(t, "the admin is there", func() bool { return len(stored()) == 1 })
	first := stored()[0]
	require.Equal(t, []any{"ada@example.test", true}, []any{first["email"], first["admin"]})
	credentials := map[string]any{"email": "ada@example.test", "password": accounts.Password}
	require.Equal(t, http.StatusCreated, i.call(http.MethodPost, "/session", credentials).Status)
	i.stop()

	_, err := users.UpdateOne(t.Context(), bson.M{}, bson.M{"$set": bson.M{"admin": false, "disabled": true}})
	require.NoError(t, err)
	changed := stored()[0]
	i = start(t, env, signInOn, printed(out), admin("ada@example.test", "another "+accounts.Password))
	require.Equal(t, []bson.M{changed}, stored())
	require.NotContains(t, out.String(), "/setup#")
	i.stop()
}

// Whoever starts an instance sees at once that the link is one.
func TestPrintedLinkStandsAlone(t *testing.T) {
	t.Parallel()
	out := &lockedBuffer{}
	start(t, realtest.New(t), signInOn, printed(out), func(c *Config) { c.PublicURL = "https://crm.example.test" })
	eventually(t, "the link is printed", func() bool { return strings.Contains(out.String(), "/setup#") })
	require.Regexp(t, `(?m)^  https://crm\.example\.test/setup#[A-Za-z0-9_-]{43}$`, out.String())
	require.True(t, strings.HasSuffix(out.String(), "\n\n"))
}
