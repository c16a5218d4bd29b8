package app

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// Some values are refused only by the drivers. They are an error that names the setting, not a panic.
func TestBadAddressOfAServerIsNamed(t *testing.T) {
	for want, where := range map[string]Connections{
		"MONGO_URI: ": {MongoURI: "mongodb://host:99999", RedisURL: "redis://127.0.0.1:1"},
		"REDIS_URL: ": {MongoURI: "mongodb://127.0.0.1:1", RedisURL: "redis://127.0.0.1:1/x"},
	} {
		where.MongoDatabase = "grapevine"
		require.NoError(t, where.Validate())
		_, err := New(Config{Connections: where, Addr: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, (&Connections{MongoURI: "mongodb://a", MongoDatabase: "b", RedisURL: "redis://c:99999"}).Validate(), "REDIS_URL: 99999")
}

func TestLogsHoldNoPassword(t *testing.T) {
	require.Equal(t, "mongodb://u:xxxxx@h/db", redacted("mongodb://u:secret@h/db"))
}
