package access

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// firstLinks asks n instances at once, and returns the links that they print.
func firstLinks(t *testing.T, a *Access, n int) (links []*Link) {
	t.Helper()
	var all sync.WaitGroup
	found, errs := make(chan *Link, n), make(chan error, n)
	for range n {
		all.Go(func() {
			link, err := New(a.cfg).FirstLink(context.Background())
			found <- link
			errs <- err
		})
	}
	all.Wait()
	for range n {
		require.NoError(t, <-errs)
		if link := <-found; link != nil {
			links = append(links, link)
		}
	}
	return links
}

func setUp(a *Access, link *Link, email string) (SignedIn, error) {
	return a.SetUp(context.Background(), Acceptance{Secret: link.Secret, Name: "Ada", Password: goodPassword, Email: email}, home, "a browser")
}

// Case 8.
func TestOneLinkMakesOneFirstUser(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	links := firstLinks(t, a, 4)
	require.Len(t, links, 1)
	require.Equal(t, "http://localhost:8080/setup#"+links[0].Secret, links[0].URL("http://localhost:8080"))
	require.Empty(t, firstLinks(t, a, 2), "they start a moment later")
	_, err := accept(a, *links[0], nobody)
	requireCode(t, grapevine.Gone, err)

	var all sync.WaitGroup
	errs := make(chan error, 20)
	for n := range cap(errs) {
		all.Go(func() {
			_, err := setUp(a, links[0], fmt.Sprintf("admin%d@example.com", n))
			errs <- err
		})
	}
	all.Wait()
	good := 0
	for range cap(errs) {
		switch err := <-errs; grapevine.ErrorCode(err) {
		case grapevine.Gone, grapevine.TooMany: // another one with this link was looked at
		default:
			require.NoError(t, err)
			good++
		}
	}
	require.Equal(t, 1, good)
	require.Equal(t, 1, count(t, a.users, bson.M{"admin": true}))
	require.Equal(t, 1, count(t, a.sessions, bson.M{}))
	_, err = setUp(a, links[0], "late@example.com")
	requireCode(t, grapevine.Gone, err)

	_, err = a.users.DeleteMany(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Empty(t, firstLinks(t, a, 2), "somebody was there once")
	_, err = setUp(a, links[0], "late@example.com")
	requireCode(t, grapevine.Gone, err)
}

func TestALaterStartReplacesTheLink(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	old, err := a.FirstLink(t.Context())
	require.NoError(t, err)
	_, err = a.invitations.UpdateOne(t.Context(), bson.D{}, bson.M{"$set": bson.M{"createdAt": time.Now().Add(-2 * time.Minute)}})
	require.NoError(t, err)
	links := firstLinks(t, a, 3)
	require.Len(t, links, 1)
	_, err = setUp(a, old, "a@example.com")
	requireCode(t, grapevine.Gone, err)
	_, err = setUp(a, links[0], "not an address")
	requireCode(t, grapevine.Invalid, err)
	signed, err := setUp(a, links[0], "Ada@Example.com")
	require.NoError(t, err)
	require.True(t, signed.Principal.Admin)
	require.Equal(t, "ada@example.com", signed.Principal.Email)
	require.WithinDuration(t, time.Now().Add(7*24*time.Hour), signed.ExpiresAt, 5*time.Second)
}

func TestTheSetUpLinkIsGoneOnceThereIsAUser(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(*testing.T, *Access){
		"by the command line": func(t *testing.T, a *Access) {
			_, err := accept(a, invite(t, a, CommandLine, Offer{Email: "ada@example.com", Admin: true}), nobody)
			require.NoError(t, err)
		},
		"by the settings": func(t *testing.T, a *Access) {
			made, err := a.EnsureAdmin(t.Context(), "ada@example.com", "Ada", goodPassword)
			require.NoError(t, err)
			require.True(t, made)
		},
		"in mongosh": func(t *testing.T, a *Access) { addUser(t, a, "ada@example.com", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccess(t)
			link, err := a.FirstLink(t.Context())
			require.NoError(t, err)
			add(t, a)
			_, err = setUp(a, link, "eve@example.com")
			requireCode(t, grapevine.Gone, err)
			require.Equal(t, 1, count(t, a.users, bson.M{}))
			require.Empty(t, firstLinks(t, a, 1))
		})
	}
}

func TestTheAdminOfTheSettingsIsMadeOnceAndNeverChanged(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	var all sync.WaitGroup
	made := make(chan bool, 4)
	for range cap(made) {
		all.Go(func() {
			ok, err := a.EnsureAdmin(context.Background(), "Ada@example.com", "Ada", goodPassword)
			made <- ok && err == nil
		})
	}
	all.Wait()
	n := 0
	for range cap(made) {
		if <-made {
			n++
		}
	}
	require.Equal(t, 1, n)
	before, err := a.findUser(t.Context(), bson.D{})
	require.NoError(t, err)
	require.True(t, before.Admin)
	again, err := a.EnsureAdmin(t.Context(), "ada@example.com", "Other", "another password 1")
	require.NoError(t, err)
	require.False(t, again)
	require.Equal(t, before, stored(t, a, before.ID))
	_, err = a.EnsureAdmin(t.Context(), "bob@example.com", "Bob", "password")
	requireCode(t, grapevine.Invalid, err)
}
