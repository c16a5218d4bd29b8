package cache

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func stands(lineage string, purges, at uint64) standing {
	return standing{lineage, purges, grapevine.Position{Time: at}}
}

func newGuard() *guard { return &guard{patience: time.Minute, logger: slog.New(slog.DiscardHandler)} }

func TestGuard(t *testing.T) {
	type step struct {
		standing
		seconds int
		trusted bool
	}
	for name, steps := range map[string][]step{
		"time goes on": {
			{stands("a", 0, 0), 0, true},
			{stands("a", 0, 5), 1, true},
			{stands("a", 1, 5), 2, true},
			{stands("a", 2, 6), 3, true},
		},
		"the position falls, and comes back": {
			{stands("a", 0, 5), 0, true},
			{stands("a", 0, 4), 1, false},
			{stands("a", 0, 4), 2, false},
			{stands("a", 0, 5), 3, true},
			{stands("a", 0, 4), 4, false},
		},
		"a purge is lost at the same position": {
			{stands("a", 1, 5), 0, true},
			{stands("a", 0, 5), 1, false},
			{stands("a", 0, 9), 2, false},
			{stands("a", 1, 9), 3, true},
		},
		"a history begins, at a lower position": {
			{stands("a", 3, 5), 0, true},
			{stands("b", 0, 1), 1, true},
			{stands("b", 0, 2), 2, true},
		},
		"the beginning is lost": {
			{stands("a", 0, 5), 0, true},
			{stands("b", 0, 1), 1, true},
			{stands("a", 0, 5), 2, false},
			{stands("a", 9, 9), 3, false},
			{stands("c", 0, 1), 4, true},
			{stands("a", 9, 9), 5, false},
			{stands("b", 9, 9), 6, false},
		},
		"nobody replays": {
			{stands("a", 1, 5), 0, true},
			{stands("a", 0, 4), 100, false},
			{stands("a", 0, 4), 159, false},
			{stands("a", 0, 4), 160, true},
			{stands("a", 0, 4), 161, true},
			{stands("a", 0, 3), 162, false},
			{stands("a", 0, 3), 221, false},
			{stands("a", 0, 3), 222, true},
		},
		"nobody begins again": {
			{stands("a", 0, 5), 0, true},
			{stands("b", 0, 5), 0, true},
			{stands("a", 0, 5), 1, false},
			{stands("a", 0, 6), 61, true},
			{stands("a", 0, 7), 62, true},
			{stands("a", 0, 6), 63, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, start := newGuard(), time.Now()
			for i, s := range steps {
				got := g.trust(g.before(), s.standing, start.Add(time.Duration(s.seconds)*time.Second))
				require.Equal(t, s.trusted, got, "step %d: %+v", i, s)
			}
		})
	}
}

// Two replies may be looked at in the other order than Redis gave them.
func TestAReplyThatWasOvertakenIsNoRollback(t *testing.T) {
	g, now := newGuard(), time.Now()
	require.True(t, g.trust(g.before(), stands("a", 0, 1), now))
	asked := g.before()
	require.True(t, g.trust(asked, stands("a", 1, 9), now))
	require.True(t, g.trust(asked, stands("a", 0, 5), now))
	require.False(t, g.trust(g.before(), stands("a", 0, 5), now))
	require.True(t, g.trust(asked, stands("b", 0, 1), now))
	require.True(t, g.trust(asked, stands("a", 1, 9), now), "asked before b began")
	require.False(t, g.trust(g.before(), stands("a", 1, 9), now))
}

// A lineage first heard of late, when the next one is known already, must not end that one.
func TestALineageHeardOfLateRetiresNothing(t *testing.T) {
	g, now := newGuard(), time.Now()
	require.True(t, g.trust(g.before(), stands("a", 0, 1), now))
	asked := g.before()
	require.True(t, g.trust(g.before(), stands("c", 0, 1), now))
	require.True(t, g.trust(asked, stands("b", 0, 1), now))
	require.True(t, g.trust(g.before(), stands("c", 0, 1), now))
	var none *sighting
	require.True(t, g.trust(none, stands("d", 0, 1), now))
	require.True(t, g.trust(g.before(), stands("c", 0, 1), now))
}

func TestTheGuardForgetsOldLineages(t *testing.T) {
	g, now := newGuard(), time.Now()
	for i := range 3 * maxRetired {
		require.True(t, g.trust(g.before(), stands(strconv.Itoa(i), 0, 1), now))
	}
	require.Len(t, g.before().retired, maxRetired)
	require.False(t, g.trust(g.before(), stands(strconv.Itoa(3*maxRetired-2), 0, 1), now))
}

func TestStandingIsReadWhole(t *testing.T) {
	s, err := parseStanding("X:12", "18446744073709551615-18446744073709551614")
	require.NoError(t, err)
	require.Equal(t, standing{"X", 12, grapevine.Position{Time: 1<<64 - 1, N: 1<<64 - 2}}, s)
	s, err = parseStanding("X:0", "")
	require.NoError(t, err)
	require.Equal(t, standing{lineage: "X"}, s)
	for _, bad := range [][2]string{{"", ""}, {"X", ""}, {"X:", ""}, {"X:-1", ""}, {"X:1", "7"}, {"X:1", "07-1"}} {
		_, err := parseStanding(bad[0], bad[1])
		require.Error(t, err, "%q", bad)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("X:0", "7571873042433146880-0", int64(1), "value")
	f.Add("", "", int64(0), "")
	f.Fuzz(func(t *testing.T, epoch, at string, hit int64, text string) {
		a, err := parseAnswer([]any{epoch, at, hit, text})
		if err == nil && a.hit && string(a.value) != text {
			t.Errorf("%q became %q", text, a.value)
		}
		if err == nil && at != "" && a.at.String() != at {
			t.Errorf("position %q became %s", at, a.at)
		}
	})
}
