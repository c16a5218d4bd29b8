package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/access"
	"grapevine/internal/realtest/accounts"
)

func (h *signInHarness) credentials(u accounts.User) string {
	return `{"email":"` + u.Email + `","password":"` + accounts.Password + `"}`
}

// value is a cookie without its attributes.
func value(cookie string) string {
	v, _, _ := strings.Cut(cookie, ";")
	return v
}

func TestSignInAndOut(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("default:editor", "sales:viewer")

	require.Equal(t, 401, h.get("/session", nil).status)
	signed := h.do("POST", "/session", nil, h.credentials(user))
	require.Equal(t, 201, signed.status, signed.body)
	require.Equal(t, "no-store", signed.header.Get("Cache-Control"))
	require.JSONEq(t, `{"auth":"on","oidc":false,"user":{"id":"`+user.ID.Hex()+`","email":"`+user.Email+`","name":"Person `+user.ID.Hex()[16:]+
		`","admin":false},"workspaces":[{"id":"default","role":"editor"},{"id":"sales","role":"viewer"}]}`, signed.body)
	cookie := signed.cookies()["session-"+h.port]
	require.Regexp(t, `^[A-Za-z0-9_-]{43}; max-age=[0-9]+; path=/; HttpOnly; SameSite=Lax$`, cookie)
	require.NotContains(t, signed.body, value(cookie))
	require.Contains(t, signed.cookies(), "known-"+h.port)

	me := h.cookie(value(cookie))
	require.JSONEq(t, signed.body, h.get("/session", me).body)
	require.Equal(t, 201, h.do("POST", "/contacts", me, ada).status)

	out := h.do("DELETE", "/session", me, "")
	require.Equal(t, 204, out.status, out.body)
	require.Equal(t, `"cache"`, out.header.Get("Clear-Site-Data"))
	require.Regexp(t, `^; expires=.* GMT; path=/; HttpOnly; SameSite=Lax$`, out.cookies()["session-"+h.port])
	gone := h.get("/contacts", me)
	require.Equal(t, 401, gone.status)
	require.Equal(t, "Bearer", gone.header.Get("WWW-Authenticate"))
	require.Empty(t, gone.cookies(), "the cookie stays: only signing out takes it")
}

func TestWrongPasswordSignsNobodyIn(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("default:editor")
	for _, body := range []string{
		`{"email":"` + user.Email + `","password":"wrong password 1"}`, `{"email":"nobody@example.test","password":"wrong password 1"}`,
	} {
		a := h.do("POST", "/session", nil, body)
		require.Equal(t, 401, a.status, a.body)
		require.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
		require.Empty(t, a.cookies())
	}
	require.Equal(t, 422, h.do("POST", "/session", nil, `{"email":"a@example.test","password":"x","extra":1}`).status)
	require.Equal(t, 422, h.do("POST", "/session", nil, `{"email":1}`).status)
	require.Equal(t, 422, h.do("POST", "/session", nil, `[]`).status)
	require.Equal(t, 400, h.do("POST", "/session", nil, `{`).status)
	require.NotContains(t, h.log.String(), user.Email)
	require.NotContains(t, h.log.String(), "wrong password")
}

// A cookie that somebody put into the browser before gets no rights by the sign-in, and the session before it ends.
func TestSignInMakesANewSession(t *testing.T) {
	h := newSignInHarness(t)
	user, other := h.User("default:viewer"), h.User("default:viewer")
	before := h.Session(other)
	for _, planted := range []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", before} {
		signed := h.do("POST", "/session", h.cookie(planted), h.credentials(user))
		require.Equal(t, 201, signed.status, signed.body)
		secret := value(signed.cookies()["session-"+h.port])
		require.NotEqual(t, planted, secret)
		require.Equal(t, 401, h.get("/session", h.cookie(planted)).status)
		require.Equal(t, 200, h.get("/session", h.cookie(secret)).status)
	}
}

// A link that signs another person in ends the session that the browser had.
func TestALinkEndsTheSessionBeforeIt(t *testing.T) {
	h := newSignInHarness(t)
	invitation, err := h.access.Invite(t.Context(), access.CommandLine, access.Offer{Email: "new@example.test", Admin: true})
	require.NoError(t, err)
	reset, err := h.access.Reset(t.Context(), access.CommandLine, access.Offer{User: h.User("default:viewer").ID.Hex()})
	require.NoError(t, err)
	for _, link := range []access.Link{invitation, reset} {
		before := h.Session(h.User("default:viewer"))
		require.Equal(t, 200, h.get("/session", h.cookie(before)).status)
		signed := h.do("POST", "/invitations/accept", h.cookie(before), `{"secret":"`+link.Secret+`","name":"N","password":"a new and long password"}`)
		require.Equal(t, 201, signed.status, signed.body)
		require.Equal(t, 401, h.get("/session", h.cookie(before)).status)
		require.Equal(t, 200, h.get("/session", h.cookie(value(signed.cookies()["session-"+h.port]))).status)
	}
}

func TestChangePassword(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("default:viewer")
	mine, other := h.cookie(h.Session(user)), h.cookie(h.Session(user))
	wrong := h.do("PUT", "/session/password", mine, `{"current":"wrong","new":"a new and long password"}`)
	require.Equal(t, 422, wrong.status)
	require.Equal(t, []string{"/current"}, wrong.pointers(t))
	changed := h.do("PUT", "/session/password", mine, `{"current":"`+accounts.Password+`","new":"a new and long password"}`)
	require.Equal(t, 204, changed.status, changed.body)
	require.Equal(t, 200, h.get("/session", h.cookie(value(changed.cookies()["session-"+h.port]))).status)
	h.eventually("the other sessions end", func() bool {
		return h.get("/session", other).status == 401 && h.get("/session", mine).status == 401
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	h := newSignInHarness(t)
	user, stranger := h.User("default:viewer"), h.User("default:viewer")
	mine, other, third := h.cookie(h.Session(user)), h.cookie(h.Session(user)), h.cookie(h.Session(user))
	list := h.get("/sessions", mine)
	require.Equal(t, 200, list.status, list.body)
	require.Equal(t, "no-store", list.header.Get("Cache-Control"))
	sessions := list.json(t)["items"].([]any)
	require.Len(t, sessions, 3)
	id := ""
	for _, s := range h.get("/sessions", other).json(t)["items"].([]any) {
		if s := s.(map[string]any); s["current"] == true {
			id = s["id"].(string)
		}
	}
	require.Equal(t, 404, h.do("DELETE", "/sessions/"+id, h.cookie(h.Session(stranger)), "").status, "another person's")
	require.Equal(t, 204, h.do("DELETE", "/sessions/"+id, mine, "").status)
	h.eventually("it is over", func() bool { return h.get("/session", other).status == 401 })
	require.Equal(t, 204, h.do("DELETE", "/sessions", mine, "").status)
	h.eventually("they are over", func() bool { return h.get("/session", third).status == 401 })
	require.Equal(t, 200, h.get("/session", mine).status)
}

func (h *signInHarness) eventually(what string, ok func() bool) {
	h.t.Helper()
	require.Eventually(h.t, ok, 20*time.Second, 10*time.Millisecond, what)
}
