package access

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest/accounts"
)

// What is no secret, or the secret of something else, is Unauthorized.
func TestUnknownSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	user := s.User("sales:editor")
	secret, text := s.Session(user), s.Token(user, "sales", "editor")
	bySession(t, a, secret)
	byToken(t, a, text)
	for _, wrong := range []string{"", "x", text, secret + "x", strings.Repeat("x", 300), "gv_" + strings.Repeat("x", 300)} {
		requireCode(t, grapevine.Unauthorized, sessionOf(a, wrong)())
	}
	for _, wrong := range []string{"", "x", secret, text + "x", strings.Repeat("x", 300), "gv_" + strings.Repeat("x", 300)} {
		requireCode(t, grapevine.Unauthorized, tokenOf(a, wrong)())
	}
	bySession(t, a, secret)
	byToken(t, a, text)
}

func FuzzByToken(f *testing.F) {
	s := newSite(f)
	a := s.idle(f)
	text := s.Token(s.User("sales:editor"), "sales", "editor")
	for _, seed := range []string{"", "gv_", text, text[:52], "gv_\x00", strings.ToUpper(text), " " + text} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		_, err := a.ByToken(context.Background(), typed, netip.Addr{})
		if (err == nil) != (typed == text) {
			t.Fatalf("%q: %v", typed, err)
		}
	})
}

// A token of no user has its own role, and one of the role metrics nothing but that.
func TestServiceTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	service := byToken(t, a, s.Token(accounts.User{}, "sales", "editor"))
	require.Equal(t, grapevine.Editor, service.RoleIn("sales"))
	require.Empty(t, service.RoleIn("lab"))
	require.Empty(t, service.User)
	metrics := byToken(t, a, s.Token(accounts.User{}, "", "metrics"))
	require.True(t, metrics.Metrics)
	require.False(t, metrics.Admin)
	require.Empty(t, metrics.Roles)
	user := s.User("sales:admin")
	require.False(t, byToken(t, a, s.Token(user, "", "metrics")).Metrics, "its user may not read them")
	require.True(t, byToken(t, a, s.Token(s.Admin(), "", "metrics")).Metrics)
	require.Equal(t, grapevine.Admin, byToken(t, a, s.Token(s.Admin(), "lab", "admin")).RoleIn("lab"))
}

// Somebody is found again by his session, his token and his id.
func TestCurrentAndByAuthor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	user := s.User("sales:editor")
	session, token := bySession(t, a, s.Session(user)), byToken(t, a, s.Token(user, "sales", "viewer"))
	current := func(a *Access, p *grapevine.Principal) *grapevine.Principal {
		t.Helper()
		now, err := a.Current(t.Context(), p)
		require.NoError(t, err)
		return now
	}
	author, err := a.ByAuthor(t.Context(), session.Author())
	require.NoError(t, err)
	for _, a := range []*Access{a, s.instance(t)} { // the other one holds nothing of them
		require.Equal(t, session, current(a, session))
		require.Equal(t, token, current(a, token))
		require.Equal(t, author, current(a, author))
		require.Same(t, grapevine.Anyone, current(a, grapevine.Anyone))
		_, err = a.Current(t.Context(), nil)
		requireCode(t, grapevine.Unauthorized, err)
		_, err = a.ByAuthor(t.Context(), grapevine.Author{Kind: grapevine.ByDirect})
		requireCode(t, grapevine.Unauthorized, err)
		_, err = a.ByAuthor(t.Context(), grapevine.Author{Kind: grapevine.ByUser, ID: "x"})
		requireCode(t, grapevine.Unauthorized, err)
	}
	deleteOne(t, s.db, "sessions", session.Session)
	eventually(t, grapevine.Unauthorized, func() error { _, err := a.Current(t.Context(), session); return err })
	require.Equal(t, author, current(a, author), "signing out takes no rights from an import")
	deleteOne(t, s.db, "users", user.ID)
	for _, p := range []*grapevine.Principal{author, token} {
		eventually(t, grapevine.Unauthorized, func() error { _, err := a.Current(t.Context(), p); return err })
		_, err = a.ByAuthor(t.Context(), p.Author())
		requireCode(t, grapevine.Unauthorized, err)
	}
}

// A document that only a bypassed validator could store gives no rights, and takes none from others.
func TestUnfitDocumentsGiveNoRights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	bypass := options.UpdateOne().SetBypassDocumentValidation(true)
	set := func(collection string, id any, fields bson.M) {
		t.Helper()
		result, err := s.db.Collection(collection).UpdateByID(t.Context(), id, bson.M{"$set": fields}, bypass)
		require.NoError(t, err)
		require.EqualValues(t, 1, result.ModifiedCount)
	}
	for _, fields := range []bson.M{
		{"admin": "yes"}, {"memberships": bson.A{bson.M{"workspace": "sales", "role": "owner"}}}, {"disabled": 0}, {"memberships": "sales"}, {"email": 5},
	} {
		user := s.User("sales:editor")
		secret, text := s.Session(user), s.Token(user, "sales", "editor")
		bySession(t, a, secret)
		byToken(t, a, text)
		set("users", user.ID, fields)
		eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
		eventually(t, grapevine.Unauthorized, tokenOf(a, text))
	}
	user := s.User("sales:editor")
	for _, fields := range []bson.M{{"stamp": 1}, {"user": "x"}, {"expiresAt": "never"}, {"expiresAt": nil}, {"createdAt": 5}, {"seenAt": 1}} {
		secret := s.Session(user)
		bySession(t, a, secret)
		set("sessions", accounts.Hash(secret), fields)
		eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
	}
	for _, fields := range []bson.M{{"role": "owner"}, {"user": "x"}, {"expiresAt": "never"}, {"workspace": 5}, {"role": "metrics"}} {
		text := s.Token(user, "sales", "editor")
		byToken(t, a, text)
		set("tokens", accounts.Hash(text), fields)
		eventually(t, grapevine.Unauthorized, tokenOf(a, text))
	}
	s.Set(user, bson.M{"memberships": bson.A{bson.M{"workspace": "sales", "role": "admin"}, bson.M{"workspace": "sales", "role": "viewer"}}})
	require.Eventually(t, func() bool { return bySession(t, a, s.Session(user)).RoleIn("sales") == grapevine.Viewer }, patience, time.Millisecond)
}

// An address may have ten unknown secrets looked up a second. Known ones of the same address are not refused.
func TestUnknownTokensAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	user := s.User("sales:editor")
	var known []string
	for range 40 {
		known = append(known, s.Token(user, "sales", "viewer"))
	}
	var group sync.WaitGroup
	for _, text := range known {
		group.Go(func() {
			_, err := a.ByToken(t.Context(), text, home)
			require.NoError(t, err)
		})
	}
	group.Wait()

	attacker := netip.MustParseAddr("198.51.100.4")
	began, before := time.Now(), readsOf(t, a)
	var refused, looked atomic.Int64
	for range 200 {
		group.Go(func() {
			_, err := a.ByToken(t.Context(), "gv_"+newSecret(), attacker)
			if grapevine.ErrorCode(err) == grapevine.TooMany {
				var e *grapevine.Error
				require.ErrorAs(t, err, &e)
				require.Positive(t, e.RetryAfter)
				refused.Add(1)
				return
			}
			requireCode(t, grapevine.Unauthorized, err)
			looked.Add(1)
		})
	}
	group.Wait()
	most := int64(10 * (1 + time.Since(began).Seconds()))
	require.LessOrEqual(t, looked.Load(), most)
	require.LessOrEqual(t, int64(readsOf(t, a)-before), most)
	require.Positive(t, refused.Load())
	_, err := a.ByToken(t.Context(), known[0], attacker)
	require.NoError(t, err, "what memory holds needs no look-up")
	if err = sessionAt(a, attacker); grapevine.ErrorCode(err) != grapevine.TooMany {
		requireCode(t, grapevine.Unauthorized, err) // a place came back in the meantime
	}
	requireCode(t, grapevine.Unauthorized, tokenOf(a, "gv_"+newSecret())())
}

func sessionAt(a *Access, address netip.Addr) error {
	_, err := a.BySession(WithAddress(context.Background(), address), newSecret())
	return err
}
