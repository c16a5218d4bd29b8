//go:build fault

package fault

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// mongod is killed and started again in the middle of an export. The file goes on, with each contact once.
func TestExportGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: -1})
	const contacts = 30_000
	c.insertNoted(contacts, 1000)
	i := c.startInstance()
	c.waitForStreaming(20 * time.Second)

	answer, err := http.ReadResponse(bufio.NewReader(i.dialRaw("GET /contacts/export?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n")), nil)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	lines := bufio.NewScanner(answer.Body)
	require.True(t, lines.Scan(), "the first line says whose file it is")
	seen := map[string]bool{}
	restarted := make(chan error, 1)
	for lines.Scan() {
		var contact grapevine.Contact
		require.NoError(t, json.Unmarshal(lines.Bytes(), &contact))
		require.False(t, seen[contact.ID], "%s is there twice", contact.ID)
		seen[contact.ID] = true
		if len(seen) == contacts/10 {
			c.mongod.Kill()
			go func() {
				c.sleep(2 * time.Second) // while the export tries
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				restarted <- c.mongod.Restart(ctx)
			}()
		}
	}
	require.NoError(t, lines.Err(), "after %d contacts", len(seen))
	require.NoError(t, <-restarted)
	require.Len(t, seen, contacts)
}
