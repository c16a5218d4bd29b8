package app

import (
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
)

var partOfLine = regexp.MustCompile(` part=(\w+)`)

// While MongoDB is away, each part says so in one line, in a sentence and not in the driver's dump, and says when it is
// back.
func TestAnOutageOfMongoDBIsOneLineOfEachPart(t *testing.T) {
	t.Parallel()
	m := realtest.StartMongod(t)
	env := realtest.New(t)
	env.MongoURI = strings.Replace(m.URI, "&directConnection=true", "", 1)
	var log lockedBuffer
	i := launchWithLog(t, env, slog.New(slog.NewTextHandler(&log, nil)), func(c *Config) { c.MongoURI = redact.URI(env.MongoURI) })
	i.requireWork()
	before := len(log.String())
	m.Kill()
	began := time.Now()
	eventually(t, "the outage is long enough", func() bool {
		i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"})
		return time.Since(began) > 12*time.Second
	})
	text := log.String()[before:]
	lines := map[string]int{}
	for line := range strings.Lines(text) {
		require.NotContains(t, line, "topology")
		require.Less(t, len(line), 700)
		if !strings.Contains(line, "level=WARN") {
			continue
		}
		part := "none"
		if found := partOfLine.FindStringSubmatch(line); found != nil {
			part = found[1]
		}
		lines[part]++
		require.LessOrEqual(t, lines[part], 1, "%s", text)
	}
	require.Contains(t, text, "MongoDB does not answer at 127.0.0.1:"+strconv.Itoa(m.Port)+" (connection refused). Check that it runs")
	require.NoError(t, m.Restart(t.Context()))
	i.requireWork()
}
