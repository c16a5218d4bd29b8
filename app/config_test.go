package app

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// Some values are refused only by the drivers. They are an error that names the setting, not a panic.
func TestBadAddressOfAServerIsNamed(t *testing.T) {
	for want, where := range map[string]Connections{
		"MONGO_URI: error parsing uri": {MongoURI: "mongodb://host:99999", RedisURL: "redis://127.0.0.1:1"},
		"REDIS_URL: redis: invalid":    {MongoURI: "mongodb://127.0.0.1:1", RedisURL: "redis://127.0.0.1:1/x"},
		"REDIS_URL: 99999":             {MongoURI: "mongodb://127.0.0.1:1", RedisURL: "redis://127.0.0.1:99999"},
	} {
		where.MongoDatabase = "grapevine"
		require.ErrorContains(t, where.Validate(), want)
		_, err := New(Config{Connections: where, Addr: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
	}
}
