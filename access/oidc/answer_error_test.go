package oidc

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// The texts are those of the libraries, so that an upgrade that changes them is noticed.
func TestTheLogHasNoAnswerOfTheProvider(t *testing.T) {
	const body = `{"error":"server_error","error_description":"no mailbox of ada@example.test"}`
	for name, text := range map[string]string{"as JSON": body, "as text": "<p>ada@example.test: failed</p>"} {
		t.Run(name, func(t *testing.T) {
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if text == body {
					w.Header().Set("Content-Type", "application/json")
				}
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = w.Write([]byte(text))
			}))
			t.Cleanup(provider.Close)
			settings := oauth2.Config{Endpoint: oauth2.Endpoint{TokenURL: provider.URL}}
			_, ofToken := settings.Exchange(t.Context(), "code")
			found := (&gooidc.ProviderConfig{UserInfoURL: provider.URL}).NewProvider(t.Context())
			_, ofUserInfo := found.UserInfo(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"}))
			for _, err := range []error{ofToken, ofUserInfo} {
				require.ErrorContains(t, err, "example.test")
				require.ErrorContains(t, withoutBody(err), "the provider answered 500 Internal Server Error")
				require.NotContains(t, withoutBody(err).Error(), "example.test")
			}
		})
	}
	other := errors.New("dial tcp: connection refused")
	require.Equal(t, other, withoutBody(other))
}
