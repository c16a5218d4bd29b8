package oidc

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access"
	"grapevine/access/password"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

func TestMain(m *testing.M) { realtest.Main(m) }

var home = netip.MustParseAddr("192.0.2.7")

const public = "http://127.0.0.1:8080"

// world is an instance with a provider of its own.
type world struct {
	*OIDC
	t        *testing.T
	db       *mongo.Database
	access   *access.Access
	provider *mockoidc.MockOIDC
	links    int64 // users who are linked from the start
}

// in is the world in a subtest.
func (w world) in(t *testing.T) *world {
	t.Helper()
	w.t = t
	return &w
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	provider, err := mockoidc.NewServer(nil)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := newWorldBefore(t, provider, listener.Addr().String(), change)
	require.NoError(t, provider.Start(listener, nil))
	t.Cleanup(func() { _ = provider.Shutdown() })
	return w
}

// newWorldBefore is a world whose provider does not answer yet.
func newWorldBefore(t *testing.T, provider *mockoidc.MockOIDC, address string, change func(*Config)) *world {
	t.Helper()
	env := realtest.New(t)
	db := env.DB(t)
	a := access.New(access.Config{
		DB: db, Redis: env.Redis(t), Prefix: grapevine.KeyPrefix(env.Database), Clock: &grapevine.Clock{},
		PasswordCost: password.Params{Memory: 64, Time: 1, Threads: 1},
	})
	require.NoError(t, a.Prepare(t.Context()))
	cfg := Config{
		Access: a, Issuer: "http://" + address + mockoidc.IssuerBase, ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
		PublicURL: public,
	}
	if change != nil {
		change(&cfg)
	}
	return &world{OIDC: New(cfg), t: t, db: db, access: a, provider: provider}
}

// person is somebody with an account at the provider. extra changes what the provider says of him; nil removes.
type person struct {
	mockoidc.MockUser
	extra map[string]any
}

func (p *person) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	encoded, err := json.Marshal(base)
	if err != nil {
		return nil, err
	}
	said := jwt.MapClaims{}
	if err := json.Unmarshal(encoded, &said); err != nil {
		return nil, err
	}
	said["email"], said["email_verified"], said["name"] = p.Email, p.EmailVerified, "Ada Lovelace"
	maps.Copy(said, p.extra)
	maps.DeleteFunc(said, func(_ string, v any) bool { return v == nil })
	return said, nil
}

func ada(extra map[string]any) *person {
	return &person{mockoidc.MockUser{Subject: "subject-of-ada", Email: "ada@example.test", EmailVerified: true}, extra}
}

// back is with what the provider sends a browser back.
type back struct {
	query  url.Values
	cookie string
}

// visit begins a sign-in and has the provider sign a person in.
func (w *world) visit(who *person, p *grapevine.Principal) back {
	w.t.Helper()
	to, cookie, err := w.Start(w.t.Context(), "/contacts?q=x", p)
	require.NoError(w.t, err)
	w.provider.QueueUser(who)
	client := NewClient(nil)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, to, nil)
	require.NoError(w.t, err)
	answer, err := client.Do(request)
	require.NoError(w.t, err)
	defer answer.Body.Close()
	require.Equal(w.t, http.StatusFound, answer.StatusCode)
	location, err := answer.Location()
	require.NoError(w.t, err)
	require.Equal(w.t, public+"/oidc/callback", location.Scheme+"://"+location.Host+location.Path)
	return back{location.Query(), cookie}
}

func (w *world) callback(b back) (access.SignedIn, error) {
	signed, next, err := w.Callback(w.t.Context(), b.query, b.cookie, home, "a browser")
	if err == nil {
		require.Equal(w.t, "/contacts?q=x", next)
	}
	return signed, err
}

func (w *world) signIn(who *person) (access.SignedIn, error) { return w.callback(w.visit(who, nil)) }

// refused requires an error, and that nothing came of it.
func (w *world) refused(code grapevine.Code, signed access.SignedIn, err error) {
	w.t.Helper()
	require.Error(w.t, err)
	require.Equal(w.t, code, grapevine.ErrorCode(err), "%v", err)
	require.Zero(w.t, signed)
	for collection, c := range map[string]struct {
		filter any
		n      int64
	}{"users": {bson.M{"oidc": bson.M{"$ne": nil}}, w.links}, "sessions": {bson.M{"browser": "a browser"}, 0}} {
		n, err := w.db.Collection(collection).CountDocuments(w.t.Context(), c.filter)
		require.NoError(w.t, err)
		require.Equal(w.t, c.n, n, collection)
	}
}

func (w *world) invite(email string) access.Link {
	w.t.Helper()
	link, err := w.access.Invite(w.t.Context(), access.CommandLine, access.Offer{Email: email, Memberships: []access.Membership{{Workspace: "sales", Role: grapevine.Editor}}})
	require.NoError(w.t, err)
	return link
}

func (w *world) linked(fields bson.M) accounts.User {
	all := bson.M{"email": "ada@example.test", "oidc": bson.M{"issuer": w.cfg.Issuer, "subject": "subject-of-ada"}}
	maps.Copy(all, fields)
	w.links++
	return accounts.In(w.t, w.db).UserWith(all)
}

func TestAnInvitationLinksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	signed, err := w.signIn(ada(nil))
	w.refused(grapevine.Forbidden, signed, err) // nobody invited him

	link := w.invite("Ada@example.test")
	signed, err = w.signIn(ada(nil))
	require.NoError(t, err)
	require.Len(t, signed.Secret, 43)
	require.Equal(t, "Ada Lovelace", signed.Principal.Name)
	require.Equal(t, "ada@example.test", signed.Principal.Email)
	require.Equal(t, grapevine.Editor, signed.Principal.RoleIn("sales"))
	_, err = w.access.Accept(t.Context(), access.Acceptance{Secret: link.Secret, Name: "X", Password: "a good long password"}, nil, home, "")
	require.Equal(t, grapevine.Gone, grapevine.ErrorCode(err), "the invitation is used up")

	again, err := w.signIn(ada(map[string]any{"email": "another@example.test", "email_verified": false}))
	require.NoError(t, err, "the account is known by issuer and subject")
	require.Equal(t, signed.Principal.User, again.Principal.User)
}

func TestWhoIsNotLinked(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]map[string]any{
		"not verified":             {"email_verified": false},
		"verified as a text":       {"email_verified": "true"},
		"verified as a number":     {"email_verified": 1},
		"nothing about it":         {"email_verified": nil},
		"another address":          {"email": "eve@example.test"},
		"an address with a letter": {"email": "аda@example.test"}, // a Cyrillic а
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.invite("ada@example.test")
			signed, err := w.signIn(ada(extra))
			w.refused(grapevine.Forbidden, signed, err)
		})
	}
}

// An account with a password is linked from a session of it, and in no other way.
func TestAUserWhoIsThereIsLinkedFromASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	users := accounts.In(t, w.db)
	user := users.UserWith(bson.M{"email": "ada@example.test"})
	signed, err := w.signIn(ada(nil))
	w.refused(grapevine.Forbidden, signed, err)
	w.invite("ada@example.test")
	signed, err = w.signIn(ada(nil))
	w.refused(grapevine.Forbidden, signed, err)

	p, err := w.access.BySession(t.Context(), users.Session(user))
	require.NoError(t, err)
	signed, err = w.callback(w.visit(ada(map[string]any{"email_verified": false}), p))
	require.NoError(t, err)
	require.Empty(t, signed.Secret, "the session goes on")
	require.Equal(t, p.Session, signed.Principal.Session)
	require.True(t, signed.ExpiresAt.After(time.Now()))
	signed, err = w.signIn(ada(nil))
	require.NoError(t, err)
	require.Equal(t, user.ID.Hex(), signed.Principal.User)

	// The same account at the provider from a session of somebody else signs in its own user.
	other, err := w.access.BySession(t.Context(), users.Session(users.User()))
	require.NoError(t, err)
	signed, err = w.callback(w.visit(ada(nil), other))
	require.NoError(t, err)
	require.Equal(t, user.ID.Hex(), signed.Principal.User)

	// A second account at the provider does not replace the first one.
	_, err = w.callback(w.visit(ada(map[string]any{"sub": "second"}), p))
	require.Equal(t, grapevine.Conflict, grapevine.ErrorCode(err))
}

func TestASessionThatIsOverLinksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	users := accounts.In(t, w.db)
	for name, end := range map[string]func(accounts.User){
		"signed out": func(u accounts.User) {
			_, err := w.db.Collection("sessions").DeleteMany(t.Context(), bson.M{"user": u.ID})
			require.NoError(t, err)
		},
		"signed out everywhere": func(u accounts.User) {
			_, err := w.db.Collection("users").UpdateByID(t.Context(), u.ID, bson.M{"$inc": bson.M{"epoch": 1}})
			require.NoError(t, err)
		},
		"deleted": func(u accounts.User) {
			_, err := w.db.Collection("users").DeleteOne(t.Context(), bson.M{"_id": u.ID})
			require.NoError(t, err)
		},
		"over": func(u accounts.User) {
			_, err := w.db.Collection("sessions").UpdateMany(t.Context(), bson.M{"user": u.ID}, bson.M{"$set": bson.M{"expiresAt": time.Now().Add(-time.Minute)}})
			require.NoError(t, err)
		},
	} {
		u := users.User()
		p, err := w.access.BySession(t.Context(), users.Session(u))
		require.NoError(t, err)
		b := w.visit(ada(nil), p)
		end(u)
		signed, err := w.callback(b)
		t.Log(name)
		w.refused(grapevine.Unauthorized, signed, err)
	}
}

func TestADisabledUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(bson.M{"disabled": true})
	signed, err := w.signIn(ada(nil))
	w.refused(grapevine.Forbidden, signed, err)
}

// What comes back does not belong to the sign-in that this browser began.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	for name, forge := range map[string]func(mine, other back) back{
		"the state of another browser":   func(mine, other back) back { return back{other.query, mine.cookie} },
		"no state":                       func(mine, _ back) back { mine.query.Del("state"); return mine },
		"two states":                     func(mine, _ back) back { mine.query.Add("state", mine.query.Get("state")); return mine },
		"no cookie":                      func(mine, _ back) back { return back{mine.query, ""} },
		"a cookie that was changed":      func(mine, _ back) back { return back{mine.query, "A" + mine.cookie[1:]} },
		"a cookie that is text":          func(mine, _ back) back { return back{mine.query, "?"} },
		"the code of another browser":    func(mine, other back) back { mine.query.Set("code", other.query.Get("code")); return mine },
		"a code that is none":            func(mine, _ back) back { mine.query.Set("code", "x"); return mine },
		"no code":                        func(mine, _ back) back { mine.query.Del("code"); return mine },
		"another provider (RFC 9207)":    func(mine, _ back) back { mine.query.Set("iss", "https://evil.example.test"); return mine },
		"the start of the right one":     func(mine, _ back) back { mine.query.Set("iss", w.cfg.Issuer[:10]); return mine },
		"another provider and the right": func(mine, _ back) back { mine.query["iss"] = []string{w.cfg.Issuer, "x"}; return mine },
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			signed, err := w.callback(forge(w.visit(ada(nil), nil), w.visit(ada(nil), nil)))
			w.refused(grapevine.BadRequest, signed, err)
		})
	}
	b := w.visit(ada(nil), nil)
	b.query.Set("iss", w.cfg.Issuer)
	_, err := w.callback(b)
	require.NoError(t, err)
}

func TestAStateIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	b := w.visit(ada(nil), nil)
	_, err := w.callback(b)
	require.NoError(t, err)
	_, err = w.callback(b)
	require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
	require.Contains(t, err.Error(), "used already")
}

func TestAFlowLastsTenMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	b := w.visit(ada(nil), nil)
	w.now = func() time.Time { return time.Now().Add(life + time.Second) }
	signed, err := w.callback(b)
	w.refused(grapevine.BadRequest, signed, err)
}

func TestIDTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	for name, extra := range map[string]map[string]any{
		"wrong nonce":                  {"nonce": "x"},
		"no nonce":                     {"nonce": nil},
		"wrong issuer":                 {"iss": "https://evil.example.test"},
		"another audience":             {"aud": "somebody-else"},
		"asked for by another client":  {"azp": "somebody-else"},
		"several parties, nobody asks": {"aud": []string{w.cfg.ClientID, "x"}},
		"no subject":                   {"sub": nil},
		"no expiry":                    {"exp": nil},
		"no time of issue":             {"iat": nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			signed, err := w.signIn(ada(extra))
			w.refused(grapevine.BadRequest, signed, err)
		})
	}
	_, err := w.signIn(ada(map[string]any{"aud": []string{w.cfg.ClientID, "x"}, "azp": w.cfg.ClientID}))
	require.NoError(t, err)
}

// A token that somebody else signed.
func TestASignatureOfAnotherKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	other, err := mockoidc.RandomKeypair(2048)
	require.NoError(t, err)
	right := w.provider.Keypair.PrivateKey
	w.provider.Keypair.PrivateKey = other.PrivateKey
	signed, err := w.signIn(ada(nil))
	w.provider.Keypair.PrivateKey = right
	w.refused(grapevine.BadRequest, signed, err)
}

func TestClocksThatDiffer(t *testing.T) {
	t.Parallel()
	for ahead, accepted := range map[time.Duration]bool{
		45 * time.Second: true, -45 * time.Second: true, 75 * time.Second: false, -75 * time.Second: false,
	} {
		w := newWorld(t, nil)
		w.linked(nil)
		w.provider.FastForward(ahead)
		signed, err := w.signIn(ada(nil))
		if accepted {
			require.NoError(t, err, ahead)
			continue
		}
		w.refused(grapevine.BadRequest, signed, err)
	}
}

func TestAnExpiredToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	for ago, accepted := range map[time.Duration]bool{45 * time.Second: true, 75 * time.Second: false} {
		_, err := w.signIn(ada(map[string]any{"exp": time.Now().Add(-ago).Unix()}))
		require.Equal(t, accepted, err == nil, "expired %v ago: %v", ago, err)
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Domains = []string{"Example.TEST"} })
	w.linked(nil)
	for name, extra := range map[string]map[string]any{
		"another domain": {"email": "ada@example.com"},
		"a subdomain":    {"email": "ada@x.example.test"},
		"not verified":   {"email_verified": false},
		"no address":     {"email": nil},
	} {
		signed, err := w.signIn(ada(extra))
		t.Log(name)
		w.refused(grapevine.Forbidden, signed, err)
	}
	_, err := w.signIn(ada(nil))
	require.NoError(t, err)
}

// A provider that is not there keeps nothing from working, and is found when it is back.
func TestAProviderThatIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	provider, err := mockoidc.NewServer(nil)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	w := newWorldBefore(t, provider, address, nil)
	user := w.linked(nil)
	watch := realtest.StartStopwatch(t)
	for range 20 {
		_, _, err = w.Start(t.Context(), "", nil)
		require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%v", err)
	}
	require.Less(t, watch.Stop(), watch.Allow(time.Second))
	_, err = w.access.SignIn(t.Context(), access.Credentials{Email: user.Email, Password: accounts.Password, Address: home})
	require.NoError(t, err, "passwords work")

	listener, err = net.Listen("tcp", address)
	require.NoError(t, err)
	require.NoError(t, provider.Start(listener, nil))
	t.Cleanup(func() { _ = provider.Shutdown() })
	require.Eventually(t, func() bool {
		_, _, err := w.Start(t.Context(), "", nil)
		return err == nil
	}, 10*time.Second, 100*time.Millisecond)
	_, err = w.signIn(ada(nil))
	require.NoError(t, err)
}

func TestAProviderThatFailsLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.linked(nil)
	b := w.visit(ada(nil), nil)
	w.provider.QueueError(&mockoidc.ServerError{Code: http.StatusInternalServerError, Error: "server_error"})
	signed, err := w.callback(b)
	w.refused(grapevine.Unavailable, signed, err)

	b = w.visit(ada(nil), nil)
	b.query = url.Values{"state": b.query["state"], "error": {"access_denied"}}
	signed, err = w.callback(b)
	w.refused(grapevine.Forbidden, signed, err)

	_, err = w.signIn(ada(nil))
	require.NoError(t, err)
}

func TestAProviderThatHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	provider, err := mockoidc.NewServer(nil)
	require.NoError(t, err)
	w := newWorldBefore(t, provider, listener.Addr().String(), func(c *Config) {
		c.Client = NewClient(nil)
		c.Client.Timeout = 200 * time.Millisecond
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, _, err = w.Start(ctx, "", nil)
	require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%v", err)
	require.NoError(t, ctx.Err())
}

// The address of a page can be longer than a cookie.
func TestALongNextIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	next := "/contacts?q=" + string(make([]byte, 8000))
	_, cookie, err := w.Start(t.Context(), next, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, len(cookie), maxCookie)
	f, err := w.open(cookie)
	require.NoError(t, err)
	require.Empty(t, f.Next)
}

// The browser cannot read what it carries, and every sign-in has secrets of its own.
func TestTheRequestToTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	seen := map[string]bool{}
	for range 2 {
		to, cookie, err := w.Start(t.Context(), "/", nil)
		require.NoError(t, err)
		u, err := url.Parse(to)
		require.NoError(t, err)
		q := u.Query()
		require.Equal(t, "S256", q.Get("code_challenge_method"))
		require.Equal(t, public+"/oidc/callback", q.Get("redirect_uri"))
		require.Equal(t, "code", q.Get("response_type"))
		require.Empty(t, q.Get("client_secret"))
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			require.GreaterOrEqual(t, len(q.Get(name)), 26)
			require.False(t, seen[q.Get(name)])
			seen[q.Get(name)] = true
			require.NotContains(t, cookie, q.Get(name))
		}
	}
}
