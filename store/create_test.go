package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestOneKeyMakesOneContact(t *testing.T) {
	s, db := prepared(t)
	key := grapevine.Idempotency{Key: "k-1", Fingerprint: "f"}
	var mu sync.Mutex
	made := map[string]int{}
	created := 0
	var posts sync.WaitGroup
	for range 20 {
		posts.Go(func() {
			c, at, fresh, err := s.Create(deadline(t), ada(), key)
			mu.Lock()
			defer mu.Unlock()
			if assert.NoError(t, err) {
				made[c.ID]++
				if fresh {
					created++
				}
			}
			if at.IsZero() {
				t.Error("no position")
			}
		})
	}
	posts.Wait()
	require.Len(t, made, 1)
	require.Equal(t, 1, created)
	n, err := db.Collection(grapevine.CollectionContacts).CountDocuments(deadline(t), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)

	_, _, _, err = s.Create(deadline(t), ada(), grapevine.Idempotency{Key: "k-1", Fingerprint: "another"})
	require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err))
	other := ada()
	other.Workspace = "other"
	_, _, fresh, err := s.Create(deadline(t), other, key)
	require.NoError(t, err)
	require.True(t, fresh, "another workspace may use the same key")
}

func TestARepeatedCreateReturnsTheCurrentContact(t *testing.T) {
	s, _ := prepared(t)
	acme := create(t, s, organization("Acme"))
	c := ada()
	c.OrganizationID = acme.ID
	key := grapevine.Idempotency{Key: "k", Fingerprint: "f"}
	first, _, _, err := s.Create(deadline(t), c, key)
	require.NoError(t, err)
	_, err = s.Delete(deadline(t), ws, acme.ID, nil)
	require.NoError(t, err)
	moved, _, err := s.Update(deadline(t), ws, first.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Workspace, c.OrganizationID = "other", ""
		return c, nil
	})
	require.NoError(t, err)
	again, _, fresh, err := s.Create(deadline(t), c, key)
	require.NoError(t, err)
	require.False(t, fresh)
	require.Equal(t, moved, again)
	_, err = s.Delete(deadline(t), "other", first.ID, nil)
	require.NoError(t, err)
	c.OrganizationID = ""
	_, _, fresh, err = s.Create(deadline(t), c, key)
	require.NoError(t, err)
	require.True(t, fresh, "a key is valid as long as its contact exists")
}

func TestCreateIgnoresIDAndTimes(t *testing.T) {
	s, _ := prepared(t)
	c := ada()
	c.ID, c.CreatedAt.Time, c.UpdatedAt.Time = "507f1f77bcf86cd799439011", time.Unix(0, 0), time.Unix(0, 0)
	made := create(t, s, c)
	require.NotEqual(t, c.ID, made.ID)
	require.WithinDuration(t, time.Now(), made.CreatedAt.Time, time.Minute)
	require.Zero(t, made.CreatedAt.Nanosecond()%int(time.Millisecond))
	_, _, _, err := s.Create(deadline(t), grapevine.Contact{Workspace: "A"}, grapevine.Idempotency{})
	require.Equal(t, []string{"/workspace", "/kind"}, pointers(t, err))
}

// MongoDB's validator accepts whatever the API accepts, also at the limits.
func TestTheLargestContactIsStored(t *testing.T) {
	s, _ := prepared(t)
	c := ada()
	c.Notes = strings.Repeat("é", grapevine.MaxNotes/4)
	for i := range grapevine.MaxEntries {
		c.Addresses = append(c.Addresses, grapevine.Address{Street: strings.Repeat("é", 200)})
		c.Emails = append(c.Emails, grapevine.Entry{Label: strings.Repeat("l", grapevine.MaxLabel), Value: fmt.Sprintf("%d@example.com", i)})
	}
	c.Addresses, c.Emails = c.Addresses[1:], c.Emails[1:]
	made := create(t, s, c)
	got, err := s.Get(deadline(t), ws, made.ID, grapevine.Position{})
	require.NoError(t, err)
	require.Equal(t, made, got)
}
