package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASecretIsNeverShown(t *testing.T) {
	held := struct{ S Secret }{"correct horse"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", held.S, "all", held)
	content, err := json.Marshal(held)
	require.NoError(t, err)
	for _, shown := range []string{fmt.Sprint(held), fmt.Sprintf("%v %+v %#v %q %x", held, held, held.S, held.S, held.S), log.String(), string(content)} {
		require.NotContains(t, shown, "horse")
		require.NotContains(t, shown, fmt.Sprintf("%x", "horse"))
		require.Contains(t, shown, "(secret)")
	}
	require.Equal(t, "correct horse", held.S.Reveal())
	require.Empty(t, Secret("").String())
}
