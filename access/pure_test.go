package access

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/edge"
)

func clusterAt(n uint32) grapevine.Position { return grapevine.NewPosition(1_800_000_000, n, 0) }

func TestNamedRemembersForAWhile(t *testing.T) {
	n := named{memory: 10 * time.Minute}
	n.name("a", clusterAt(5), 0)
	require.True(t, n.since(clusterAt(4), "a"))
	require.False(t, n.since(clusterAt(5), "a"), "a read at that time shows it")
	require.False(t, n.since(clusterAt(1), "b"))
	require.True(t, n.since(clusterAt(1), "b", "a"))
	n.name("a", clusterAt(3), 0)
	require.True(t, n.since(clusterAt(4), "a"), "an older event changes nothing")
	n.name("b", clusterAt(6), 12*time.Minute)
	require.Len(t, n.at, 1, "what nobody asks for is dropped")
}

func TestNamedIsBounded(t *testing.T) {
	n := named{memory: 10 * time.Minute}
	for i := range maxNamed + 10 {
		n.name(fmt.Sprint(i), clusterAt(uint32(i+1)), 0)
	}
	require.LessOrEqual(t, len(n.at), maxNamed)
	require.True(t, n.since(clusterAt(maxNamed-1), "never named"), "what was forgotten counts as named")
	require.False(t, n.since(clusterAt(maxNamed+20), "never named"))
}

// newTestHeld is a memory with a clock of its own, and a stream that has reached position 10.
func newTestHeld() (*held, *time.Duration) {
	now := new(time.Duration)
	p := &proof{now: func() time.Duration { return *now }, fresh: 2 * time.Second}
	h := newHeld(p, 10*time.Minute)
	h.open(clusterAt(10))
	p.answer(*now)
	return &h, now
}

func testRight(n byte, user string) (secretHash, *right) {
	hash := secretHash{n}
	return hash, &right{hash: hash.String(), principal: &grapevine.Principal{Kind: grapevine.ByUser, ID: user, User: user, Session: hash.String()}}
}

func TestHeldKeepsNoReadThatBeganBeforeAnEvent(t *testing.T) {
	h, _ := newTestHeld()
	hash, r := testRight(1, "ada")
	n := uint32(20)
	for name, event := range map[string]func(){
		"session": func() { h.nameSecret(r.hash, clusterAt(n)) },
		"user":    func() { h.nameUser("ada", clusterAt(n)) },
		"drop":    func() { h.clear(clusterAt(n)) },
		"break":   func() { h.nameUser("ada", clusterAt(n)); h.close(); h.open(clusterAt(n + 1)); h.proof.answer(0) },
	} {
		start := h.start()
		n++
		event()
		require.Zero(t, h.keep(hash, r, start).stream, name)
		require.Nil(t, h.get(hash), name)
		n += 10
		h.reach(clusterAt(n))
		start = h.start()
		n++
		h.nameUser("somebody else", clusterAt(n))
		require.NotZero(t, h.keep(hash, r, start).stream, name)
		require.NotNil(t, h.get(hash), name)
		n++
		event()
		require.Nil(t, h.get(hash), name)
		n++
		h.reach(clusterAt(n))
	}
}

func TestHeldTrustsOnlyEntriesThatTheStreamCovers(t *testing.T) {
	h, now := newTestHeld()
	h.reach(clusterAt(100))
	hash, r := testRight(1, "ada")
	require.Nil(t, h.trust(hash, r, clusterAt(9)), "before the stream began")
	require.NotNil(t, h.trust(hash, r, clusterAt(10)))
	h.nameUser("ada", clusterAt(60))
	require.Nil(t, h.trust(hash, r, clusterAt(59)), "before an event")
	require.NotNil(t, h.trust(hash, r, clusterAt(60)))
	require.Nil(t, h.trust(hash, r, grapevine.NewPosition(clusterAt(0).T()+100, 0, 0)), "from the future")
	*now = 3 * time.Second
	require.Nil(t, h.trust(hash, r, clusterAt(100)), "the stream does not answer")
	h.proof.answer(*now)
	require.NotNil(t, h.trust(hash, r, clusterAt(100)))
	h.reach(grapevine.NewPosition(clusterAt(0).T()+601, 0, 0))
	require.Nil(t, h.trust(hash, r, clusterAt(100)), "older than the names that are remembered")
	h.close()
	require.Nil(t, h.trust(hash, r, clusterAt(100)), "no stream")
}

func TestHeldIsBounded(t *testing.T) {
	h, _ := newTestHeld()
	start := h.start()
	for i := range maxHeld + 100 {
		hash := secretHash{byte(i), byte(i >> 8), byte(i >> 16)}
		user := fmt.Sprint(i % 1000)
		h.keep(hash, &right{hash: hash.String(), principal: &grapevine.Principal{Kind: grapevine.ByToken, ID: fmt.Sprint(i), User: user}}, start)
	}
	require.Equal(t, maxHeld, h.size())
	require.Len(t, h.ofToken, maxHeld)
	for i := range 1000 {
		h.nameUser(fmt.Sprint(i), clusterAt(20))
	}
	require.Zero(t, h.size())
	require.Empty(t, h.ofToken)
	require.Empty(t, h.ofUser)
}

func TestProofIsAsOldAsTheRequest(t *testing.T) {
	now := time.Duration(0)
	p := proof{now: func() time.Duration { return now }, fresh: 2 * time.Second}
	require.False(t, p.isFresh(), "no stream")
	p.opened(1)
	require.False(t, p.isFresh(), "no answer yet")
	p.answer(0)
	now = 1999 * time.Millisecond
	require.True(t, p.isFresh())
	require.True(t, p.holds(1, now))
	require.False(t, p.holds(2, now), "another stream")
	require.False(t, p.holds(0, now), "none")
	now = 2 * time.Second
	require.False(t, p.isFresh())
	p.answer(now)
	p.broken()
	require.False(t, p.isFresh())
	require.False(t, p.holds(1, now))
}

func TestPlacesOfLookUps(t *testing.T) {
	var l lookUps
	address := netip.MustParseAddr("2001:db8::1")
	now := time.Duration(0)
	clock := func() time.Duration { return now }
	for range 5 {
		for range 20 { // known secrets give their place back
			end, err := l.begin(t.Context(), address, clock)
			require.NoError(t, err)
			end(false)
		}
	}
	for range unknownPerSecond {
		end, err := l.begin(t.Context(), address, clock)
		require.NoError(t, err)
		end(true)
	}
	_, err := l.begin(t.Context(), netip.MustParseAddr("2001:db8::2"), clock)
	requireCode(t, grapevine.TooMany, err)
	_, err = l.begin(t.Context(), netip.MustParseAddr("192.0.2.1"), clock)
	require.NoError(t, err, "another network")
	now = 100 * time.Millisecond
	end, err := l.begin(t.Context(), address, clock)
	require.NoError(t, err, "a place comes back each tenth of a second")
	_, wait := l.take(edge.Network(address), now)
	require.NotNil(t, wait, "the look-up that runs may give its place back")
	end(true)
	_, err = l.begin(t.Context(), address, clock)
	requireCode(t, grapevine.TooMany, err)
	end, err = l.begin(t.Context(), netip.Addr{}, clock)
	require.NoError(t, err)
	end(true)
}

func TestEventsThatOnlyNoteAUse(t *testing.T) {
	date := func(n int64) any { return bson.DateTime(n) }
	for name, test := range map[string]struct {
		event bson.M
		only  bool
	}{
		"seenAt":                    {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt"}, "seenAt": date(5)}, true},
		"seenAt and expiresAt":      {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt", "expiresAt"}, "seenAt": date(5), "expiresAt": date(9)}, true},
		"usedAt":                    {bson.M{"ns": bson.M{"coll": "tokens"}, "changed": bson.A{"usedAt"}, "usedAt": date(5)}, true},
		"expiresAt alone":           {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"expiresAt"}, "expiresAt": date(9)}, false},
		"the end of a token":        {bson.M{"ns": bson.M{"coll": "tokens"}, "changed": bson.A{"usedAt", "expiresAt"}, "usedAt": date(5), "expiresAt": date(9)}, false},
		"something else too":        {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt", "stamp"}, "seenAt": date(5)}, false},
		"something else is removed": {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt"}, "seenAt": date(5), "removed": bson.A{"stamp"}}, false},
		"no time":                   {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt"}, "seenAt": "now"}, false},
		"no end":                    {bson.M{"ns": bson.M{"coll": "sessions"}, "changed": bson.A{"seenAt", "expiresAt"}, "seenAt": date(5), "expiresAt": nil}, false},
		"nothing":                   {bson.M{"ns": bson.M{"coll": "sessions"}}, false},
	} {
		test.event["operationType"] = "update"
		raw, err := bson.Marshal(test.event)
		require.NoError(t, err)
		var e event
		require.NoError(t, bson.Unmarshal(raw, &e), name)
		_, only := e.isUse()
		require.Equal(t, test.only, only, name)
		e.Operation = "replace"
		_, only = e.isUse()
		require.False(t, only, name)
	}
}
