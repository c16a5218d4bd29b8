package app

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
)

// A proxy in front of dev, where everyone may do everything, would let strangers in.
func TestDevRefusesWhatAProxyForwards(t *testing.T) {
	dev := start(t, realtest.New(t), func(c *Config) { c.Local, c.Insecure = true, false })
	require.Equal(t, http.StatusOK, dev.get("/contacts").Status)
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X-Forwarded-Anything", "X-Real-IP"} {
		for _, path := range []string{"/contacts", "/", "/jobs", "/healthz", "/nowhere"} {
			a := dev.get(path, name, "127.0.0.1")
			require.Equal(t, http.StatusForbidden, a.Status, "%s with %s", path, name)
		}
		_, status, err := wsclient.Dial(t.Context(), "ws://"+dev.Addr()+"/ws/contacts", name, "127.0.0.1")
		require.Error(t, err)
		require.Equal(t, http.StatusForbidden, status, name)
	}
	require.Contains(t, string(dev.get("/contacts", "X-Real-IP", "127.0.0.1").Body), "grapevine serve")
	served := start(t, realtest.New(t))
	require.Equal(t, http.StatusOK, served.get("/contacts", "X-Real-IP", "127.0.0.1").Status)
}
