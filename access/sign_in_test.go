package access

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/access/password"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

const harvest = "grape harvest 1926"

// cheapHash is a cost for tests that count.
var cheapHash = password.Params{Memory: 64, Time: 1, Threads: 1}

// newSignInAccess is an Access for sign-ins. Its first user is ada@example.test, whose password is harvest.
func newSignInAccess(t *testing.T, change func(*Config)) (*Access, *User) {
	t.Helper()
	env := realtest.New(t)
	cfg := Config{
		DB: env.DB(t), Redis: env.Redis(t), Prefix: grapevine.KeyPrefix(env.Database), Clock: &grapevine.Clock{},
		PasswordCost: cheapHash,
	}
	if change != nil {
		change(&cfg)
	}
	a := New(cfg)
	require.NoError(t, a.Prepare(t.Context()))
	return a, addPerson(t, a, "ada@example.test", nil)
}

// addPerson stores a user whose password is harvest.
func addPerson(t *testing.T, a *Access, email string, change func(*User)) *User {
	t.Helper()
	phc, err := a.passwords.Hash(t.Context(), email, harvest)
	require.NoError(t, err)
	return addUser(t, a, email, func(u *User) {
		u.Password = phc
		if change != nil {
			change(u)
		}
	})
}

func at(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}) }

func credentials(email, password string, n int) Credentials {
	return Credentials{Email: email, Password: password, Address: at(n), Browser: "a browser"}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	addPerson(t, a, "off@example.test", func(u *User) { u.Disabled = true })
	addUser(t, a, "none@example.test", func(u *User) { u.Password = "" })
	addUser(t, a, "plain@example.test", func(u *User) { u.Password = harvest })
	for n, c := range []struct {
		email, password string
		code            grapevine.Code
	}{
		{"ada@example.test", harvest, ""},
		{" ADA@Example.TEST. ", harvest, ""},
		{"ada@example.test", harvest + " ", grapevine.Unauthorized},
		{"ada@example.test", "", grapevine.Unauthorized},
		{"bob@example.test", harvest, grapevine.Unauthorized},
		{"off@example.test", harvest, grapevine.Unauthorized},
		{"none@example.test", "", grapevine.Unauthorized},
		{"plain@example.test", harvest, grapevine.Unauthorized},
		{"ada", harvest, grapevine.Invalid},
	} {
		signed, err := a.SignIn(t.Context(), credentials(c.email, c.password, n))
		if c.code != "" {
			requireCode(t, c.code, err)
			continue
		}
		require.NoError(t, err)
		require.Len(t, signed.Secret, 43)
		require.NotEmpty(t, signed.Known)
		require.Equal(t, ada.ID.Hex(), signed.Principal.User)
		require.WithinDuration(t, time.Now().Add(90*24*time.Hour), signed.ExpiresAt, time.Minute)
		n, err := a.sessions.CountDocuments(t.Context(), byID(hashSecret(signed.Secret)))
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.NoError(t, a.SignOut(t.Context(), signed.Principal))
		n, err = a.sessions.CountDocuments(t.Context(), bson.D{})
		require.NoError(t, err)
		require.Zero(t, n)
	}
}

// A document that only a bypassed validator could store gives no rights.
func TestAnUnfitUserDoesNotSignIn(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	_, err := a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"admin": "yes"}}, options.UpdateOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	_, err = a.SignIn(t.Context(), credentials("ada@example.test", harvest, 1))
	requireCode(t, grapevine.Unauthorized, err)
}

func TestTheLogOfSignInsHasNoSecretAndNoEmail(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	a, ada := newSignInAccess(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	signed, err := a.SignIn(t.Context(), credentials("ada@example.test", harvest, 1))
	require.NoError(t, err)
	for _, email := range []string{"ada@example.test", "nobody@example.test"} {
		_, err = a.SignIn(t.Context(), credentials(email, "wrong wrong wrong", 2))
		require.Error(t, err)
	}
	text := log.String()
	require.Contains(t, text, `msg="signed in" user=`+ada.ID.Hex()+" address=10.1.0.1")
	require.Contains(t, text, `msg="refused a sign-in" user=`+ada.ID.Hex()+" address=10.1.0.2")
	require.Contains(t, text, `msg="refused a sign-in" user=none address=10.1.0.2`)
	for _, secret := range []string{"example.test", "wrong wrong", harvest, signed.Secret, hashSecret(signed.Secret), signed.Known, "argon2"} {
		require.NotContains(t, text, secret)
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Two hundred strangers try one account at once, and then without end. Its owner signs in where he did before, and elsewhere too.
func TestStrangersDoNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	a, _ := newSignInAccess(t, nil)
	before, err := a.SignIn(t.Context(), credentials("ada@example.test", harvest, 1000))
	require.NoError(t, err)

	ctx, end := context.WithCancel(t.Context())
	var strangers sync.WaitGroup
	defer func() { end(); strangers.Wait() }()
	var looked, refused atomic.Int64
	for n := range 200 {
		strangers.Go(func() {
			for ctx.Err() == nil {
				_, err := a.SignIn(ctx, credentials("ada@example.test", "wrong wrong wrong", n))
				switch grapevine.ErrorCode(err) {
				case grapevine.Unauthorized:
					looked.Add(1)
				case grapevine.TooMany:
					refused.Add(1)
				}
			}
		})
	}
	require.Eventually(t, func() bool { return refused.Load() > 1000 }, time.Minute, 10*time.Millisecond)

	watch := realtest.StartStopwatch(t)
	c := credentials("ada@example.test", harvest, 1) // even at the address of a stranger
	c.Known = before.Known
	_, err = a.SignIn(t.Context(), c)
	require.NoError(t, err, "a known browser")
	t.Logf("known: %v", watch.Elapsed())
	require.Less(t, watch.Stop(), watch.Allow(2*time.Second))

	began := time.Now()
	_, err = signInPatiently(t, a, credentials("ada@example.test", harvest, 2000), time.Minute)
	require.NoError(t, err, "a browser at an address that did not try the account")
	t.Logf("unknown: %v", time.Since(began))
	require.Less(t, looked.Load(), int64(40+5*60), "5 a second at most")
}

// signInPatiently tries again as Retry-After says.
func signInPatiently(t *testing.T, a *Access, c Credentials, within time.Duration) (signed SignedIn, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		signed, err = a.SignIn(ctx, c)
		e, ok := err.(*grapevine.Error) //nolint:errorlint // SignIn wraps none
		if !ok || e.Code != grapevine.TooMany {
			return signed, err
		}
		select {
		case <-ctx.Done():
			return signed, err
		case <-time.After(e.RetryAfter):
		}
	}
}

func TestTheCookieOfAKnownBrowser(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	bob := addPerson(t, a, "bob@example.test", nil)
	other := New(a.cfg) // another instance
	cookie := a.known.cookie(ada)
	read := func(value string) *knownBrowser { return other.known.read(value) }
	require.True(t, read(cookie).is(ada), "all instances share the key")
	require.False(t, read(cookie).is(bob))
	require.False(t, read(cookie).is(nil))
	for name, forged := range map[string]string{
		"empty":     "",
		"cut":       cookie[:len(cookie)-2],
		"not ours":  "AAAA" + cookie[4:],
		"not text":  "\xff" + cookie[1:],
		"of nobody": string(bytes.Repeat([]byte("A"), len(cookie))),
	} {
		require.Nil(t, read(forged), name)
	}
	ada.Epoch++
	require.False(t, read(cookie).is(ada), "a sign-out everywhere voids it")

	// Somebody's own cookie gives him no further tries at the account of somebody else.
	for n := range 11 {
		c := credentials("ada@example.test", "wrong wrong wrong", 1)
		c.Known = a.known.cookie(bob)
		_, err := a.SignIn(t.Context(), c)
		if n < 10 {
			requireCode(t, grapevine.Unauthorized, err)
		} else {
			requireCode(t, grapevine.TooMany, err)
		}
	}
}

// The key is made once, even by many instances at once.
func TestTheKeyOfKnownBrowsersIsMadeOnce(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	cookies := make([]string, 20)
	var group sync.WaitGroup
	for n := range cookies {
		instance := New(a.cfg)
		group.Go(func() { cookies[n] = instance.known.cookie(ada) })
	}
	group.Wait()
	slices.Sort(cookies)
	require.Len(t, slices.Compact(cookies), 1)
	require.NotEmpty(t, cookies[0])
}

// Nobody learns from the time of an answer whether there is a user. The hash is the standard one. It is not parallel, because
// it measures.
func TestAnUnknownUserCostsTheSame(t *testing.T) {
	a, _ := newSignInAccess(t, func(c *Config) { c.PasswordCost = password.Standard })
	addUser(t, a, "none@example.test", func(u *User) { u.Password = "" })
	emails := []string{"ada@example.test", "nobody@example.test", "none@example.test"}
	times := map[string][]time.Duration{}
	for n := range 7 {
		for i, email := range emails {
			began := time.Now()
			_, err := a.SignIn(t.Context(), credentials(email, "wrong wrong wrong", 10*n+i))
			times[email] = append(times[email], time.Since(began))
			requireCode(t, grapevine.Unauthorized, err)
		}
	}
	median := func(email string) float64 {
		slices.Sort(times[email])
		return times[email][len(times[email])/2].Seconds()
	}
	for _, email := range emails[1:] {
		ratio := median(email) / median(emails[0])
		t.Logf("%s against a wrong password: %.2f", email, ratio)
		require.InDelta(t, 1, ratio, 0.5)
	}
}

// Ten thousand wrong passwords from a hundred addresses, at a hundred accounts.
func TestManyWrongPasswordsStayWithinTheBounds(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	a, _ := newSignInAccess(t, func(c *Config) { c.Registerer = registry })
	var group sync.WaitGroup
	var next, looked atomic.Int64
	ctx, end := context.WithCancel(t.Context())
	var most sync.Map
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			for _, name := range []string{"grapevine_password_hashes_running", "grapevine_password_hashes_waiting"} {
				before, _ := most.LoadOrStore(name, 0.0)
				most.Store(name, max(before.(float64), metric(t, registry, name)))
			}
		}
	}()
	for range 100 {
		group.Go(func() {
			for n := next.Add(1); n <= 10_000; n = next.Add(1) {
				_, err := a.SignIn(ctx, credentials(fmt.Sprintf("user%d@example.test", n%97), "wrong wrong wrong", int(n%100)))
				if grapevine.ErrorCode(err) == grapevine.Unauthorized {
					looked.Add(1)
				}
			}
		})
	}
	group.Wait()
	end()
	<-watched
	running, _ := most.Load("grapevine_password_hashes_running")
	waiting, _ := most.Load("grapevine_password_hashes_waiting")
	t.Logf("hashes: at most %v running, %v waiting, %d of 10,000 tries looked at", running, waiting, looked.Load())
	require.LessOrEqual(t, running, 2.0)
	require.LessOrEqual(t, waiting, 48.0)
	require.Less(t, looked.Load(), int64(100*30+100*60), "30 for each address, and what comes anew within a few minutes")
	require.Positive(t, looked.Load())
}

// metric is the value of a gauge or counter.
func metric(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	require.Fail(t, "there is no metric "+name)
	return 0
}

func TestSignInWhileRedisHangs(t *testing.T) {
	t.Parallel()
	server := realtest.StartRedis(t)
	parsed, err := redisx.Parse(server.URL)
	require.NoError(t, err)
	rdb := parsed.CacheClient()
	t.Cleanup(func() { _ = rdb.Close() })
	a, _ := newSignInAccess(t, func(c *Config) { c.Redis = rdb })
	require.NoError(t, server.Signal(syscall.SIGSTOP))
	watch := realtest.StartStopwatch(t)
	_, err = a.SignIn(t.Context(), credentials("ada@example.test", harvest, 1))
	require.NoError(t, err)
	require.Less(t, watch.Stop(), watch.Allow(time.Second))
	require.NoError(t, server.Signal(syscall.SIGCONT))
}

// A MongoDB that does not answer is never a wrong password, and costs nobody his tries.
func TestSignInWhileMongoDBIsAway(t *testing.T) {
	t.Parallel()
	mongod := realtest.StartMongod(t)
	a, _ := newSignInAccess(t, func(c *Config) {
		c.DB = realtest.Connect(t, mongod.URI+"&serverSelectionTimeoutMS=200").Database("test")
	})
	mongod.Kill()
	for range 12 {
		_, err := a.SignIn(t.Context(), credentials("ada@example.test", harvest, 1))
		requireCode(t, grapevine.Unavailable, err)
	}
}
