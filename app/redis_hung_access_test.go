package app

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/servers"
)

// Redis knows nothing that MongoDB does not: while it hangs, nobody is signed out, and every answer comes in time.
func TestRedisHungSignsNobodyOut(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	program, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	redis, err := servers.StartRedis(t.Context(), program, t.TempDir(), 0)
	require.NoError(t, err)
	t.Cleanup(redis.Kill)
	env.RedisURL = redis.URL
	instances := []*instance{start(t, env, signInOn), start(t, env, signInOn)}
	made := instances[0].accounts()
	user := made.User("default:editor")
	session, token := made.Session(user), made.Token(user, "default", "editor")

	t.Cleanup(func() { _ = redis.Signal(syscall.SIGCONT) })
	require.NoError(t, redis.Signal(syscall.SIGSTOP))
	hung, signIns := time.Now(), 0
	for n := 0; time.Since(hung) < 20*time.Second; n++ {
		i := instances[n%2]
		requests := map[string]func() (int, string){}
		ask := func(name string, visitor *instance, method, path string, body any) {
			requests[name] = func() (int, string) {
				a := visitor.call(method, path, body)
				return a.Status, a.Header.Get("Retry-After")
			}
		}
		ask("cookie GET", i.signedIn(session), http.MethodGet, "/contacts", nil)
		ask("cookie POST", i.signedIn(session), http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"})
		ask("token GET", i.as(token), http.MethodGet, "/contacts", nil)
		ask("page", i, http.MethodGet, "/signin", nil)
		if time.Since(hung) > time.Duration(signIns)*4*time.Second { // strangers have few attempts
			signIns++
			ask("sign-in", i, http.MethodPost, "/session", map[string]any{"email": user.Email, "password": accounts.Password})
		}
		for name, request := range requests {
			watch := realtest.StartStopwatch(t)
			status, retryAfter := request()
			require.Less(t, watch.Stop(), watch.Allow(time.Second), name)
			ok := status == http.StatusOK || status == http.StatusCreated || status == http.StatusServiceUnavailable && retryAfter != ""
			require.True(t, ok, "%s: %d", name, status)
		}
	}
	require.NoError(t, redis.Signal(syscall.SIGCONT))
	require.Equal(t, http.StatusOK, instances[0].signedIn(session).get("/contacts").Status)
	left, err := instances[0].db.Collection(grapevine.CollectionSessions).CountDocuments(t.Context(), bson.M{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, left, int64(1+signIns))
}
