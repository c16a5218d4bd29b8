//go:build fault

package fault

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// MongoDB does what it is asked and its answers are lost, then its connections: whether a contact was
// created is not known to the instance. Asking again with the same Idempotency-Key is safe.
func TestAmbiguousReply(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 2, proxied: true})
	type answer struct {
		status int
		body   []byte
	}
	post := func(key string) answer {
		status, _, body := c.instances[0].call(context.Background(), http.MethodPost, "/contacts", `{"firstName":"Ada","email":"ada@example.org"}`,
			"Content-Type", "application/json", "Workspace", "one", "Idempotency-Key", key)
		return answer{status, body}
	}
	seen := bson.A{}
	for _, key := range []string{"a", "b", "c"} {
		c.proxy.Mute()
		answered := make(chan answer, 1)
		go func() { answered <- post(key) }()
		id := ""
		c.eventually(20*time.Second, "MongoDB has created it", func() bool {
			var found struct {
				ID bson.ObjectID `bson:"_id"`
			}
			err := c.db.Collection("contacts").FindOne(t.Context(), bson.D{{Key: "firstName", Value: "Ada"}, {Key: "_id", Value: bson.D{{Key: "$nin", Value: seen}}}}).Decode(&found)
			if err == nil {
				id = found.ID.Hex()
				seen = append(seen, found.ID)
			}
			return err == nil
		})
		c.proxy.Cut()
		c.proxy.Pass()
		first := <-answered
		c.logf("answered %d", first.status)
		var again answer
		c.eventually(20*time.Second, "it is answered", func() bool {
			again = post(key)
			return again.status < 500 && again.status != 0
		})
		require.Equal(t, http.StatusOK, again.status, "%s", again.body)
		require.Equal(t, id, contactOf(again.body).ID)
		if first.status < 300 {
			require.Equal(t, id, contactOf(first.body).ID)
		} else {
			require.Equal(t, http.StatusServiceUnavailable, first.status)
		}
	}
	c.streaming(30 * time.Second)
	c.drained(nil, mercy{within: 90 * time.Second})
	require.Len(t, c.truth(), 3, "one contact for each key")
	require.Len(t, c.mail.counts(), 3, "and one welcome")
}
