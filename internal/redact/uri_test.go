package redact_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/redact"
)

func TestOnlyHarmlessPartsAreShown(t *testing.T) {
	for uri, want := range map[redact.URI]string{
		"": "",
		"mongodb://u:secret@a:1,b:2/db?replicaSet=rs0&authSource=admin":                                     "mongodb://a:1,b:2/db?replicaSet=rs0&authSource=admin",
		"mongodb://h/?tls=true&tlsCertificateKeyFilePassword=secret":                                        "mongodb://h/?tls=true",
		"mongodb+srv://k:s@h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:secret@x": "mongodb+srv://h/?authMechanism=MONGODB-AWS",
		"mongodb://h/?appName=a@b&brandNewOption=secret":                                                    "mongodb://h/?appName=a@b",
		"redis://:secret@h:7000/3?pool_size=7":                                                              "redis://h:7000/3?pool_size=7",
		"redis-sentinel://:secret@a:1,b:2/mymaster/3?sentinel_password=secret":                              "redis-sentinel://a:1,b:2/mymaster/3",
		"unix://u:secret@/run/redis.sock?db=1":                                                              "unix:///run/redis.sock?db=1",
		"smtp://me%40example.org:secret@mail.example.org:587?from=team@example.org&tls=required":            "smtp://mail.example.org:587?from=team@example.org&tls=required",
		"redis://[::1]:6379/0":                    "redis://[::1]:6379/0",
		"redis://:sec#ret@h":                      "(not shown, because it cannot be read)",
		"redis://u:12?secret@h":                   "(not shown, because it cannot be read)",
		"redis://u:12/secret@h":                   "(not shown, because it cannot be read)",
		"mongodb://u:secret@tail@h":               "(not shown, because it cannot be read)",
		"mongodb://u:secret@x:1/?w=1&secret=1@h/": "(not shown, because it cannot be read)",
		"mongodb://u:50%secret@h":                 "(not shown, because it cannot be read)",
		"secret":                                  "(not shown, because it cannot be read)",
	} {
		require.Equal(t, want, uri.String())
		held := struct{ Address redact.URI }{uri}
		encoded, err := json.Marshal(held)
		require.NoError(t, err)
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "uri", uri, "held", held)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "uri", uri, "held", held)
		everything := fmt.Sprintf("%s %v %+v %#v %q %x %d %#v %+v", uri, uri, uri, uri, uri, uri, uri, held, held) + fmt.Sprintln(uri, held) + string(encoded) + log.String()
		require.NotContains(t, everything, "secret")
		require.NotContains(t, everything, fmt.Sprintf("%x", "secret"))
	}
}

func parseRedis(uri string) error {
	_, err := redis.ParseURL(uri)
	return err
}

func parseMongo(uri string) error { return options.Client().ApplyURI(uri).Validate() }

func parseAny(uri string) error {
	_, err := url.Parse(uri)
	return err
}

// An error of the parsers would repeat a piece of the password. Check says what to do and repeats nothing.
func TestNoPieceOfAPasswordIsRepeated(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 5000 {
		password := make([]byte, 6+random.IntN(12))
		for i := range password {
			password[i] = byte(' ' + random.IntN('~'-' '+1))
			if random.IntN(4) == 0 {
				password[i] = "/@:?#%[]&=;,0 "[random.IntN(14)]
			}
		}
		for _, pattern := range []string{
			"redis://:%s@h:6379/0", "rediss://gv:%s@h", "mongodb://gv:%s@h:27017,i:1/db?replicaSet=rs0", "mongodb://%s:x@h/",
			"smtp://gv:%s@mail.example.org:587?from=team@example.org", "mongodb://h/?tls=true&tlsCertificateKeyFilePassword=%s", "redis://h?password=%s",
		} {
			uri := redact.URI(strings.Replace(pattern, "%s", string(password), 1))
			parse := parseAny
			switch {
			case strings.HasPrefix(pattern, "redis"):
				parse = parseRedis
			case strings.HasPrefix(pattern, "mongo"):
				parse = parseMongo
			}
			shown := strings.TrimPrefix(uri.String(), "(not shown, because it cannot be read)")
			if err := uri.Check(parse); err != nil {
				refused++
				shown += " " + strings.ReplaceAll(err.Error(), redact.ErrCredentials.Error(), "")
			}
			for i := range len(password) - 3 {
				piece := string(password[i : i+4])
				if !strings.Contains(pattern, piece) {
					require.NotContains(t, shown, piece, "%s with %s", pattern, password)
				}
			}
		}
	}
	require.Greater(t, refused, 1000)
}

func TestErrorsOfAddresses(t *testing.T) {
	for uri, want := range map[redact.URI]string{
		"redis://:pa/ss@h":                            "percent-encode",
		"redis://:pa#ss@h":                            "percent-encode",
		"redis://:pa?ss@h":                            "percent-encode",
		"redis://:pa%ss@h":                            "percent-encode",
		"redis://:12/x@h":                             "percent-encode",
		"redis://:a^b@h":                              "percent-encode",
		"redis://h:x":                                 "invalid port",
		"redis://h/x":                                 `invalid database number: "x"`,
		"redis://:secret@h?bogus=secret":              "unexpected option: bogus",
		"redis://:secret@h?pool_size=many":            "pool_size",
		"localhost":                                   "not of the form",
		"mongodb://gv:p@ss:w/o#rd@h/":                 "percent-encode",
		"mongodb://gv:a:b@h/":                         "percent-encode",
		"mongodb://u:secret@h:99999/":                 "port must be in the range",
		"mongodb://u:secret@h/?w=-1":                  "invalid value",
		"mongodb://h/?tls=true&tlsCAFile=/no1":        "/no1",
		"mongodb://h/?authMechanismProperties=secret": "authmechanismproperties",
	} {
		parse := parseRedis
		if strings.HasPrefix(string(uri), "mongo") {
			parse = parseMongo
		}
		err := uri.Check(parse)
		require.ErrorContains(t, err, want, string(uri))
		require.NotContains(t, err.Error(), "secret", string(uri))
	}
	require.NoError(t, redact.URI("redis://:a:b@h").Check(parseRedis))
	require.NoError(t, redact.URI("mongodb://u:%2F%40@h/").Check(parseMongo))
	require.ErrorIs(t, redact.URI("redis://:a@b@h").Check(parseRedis), redact.ErrCredentials)
}
