package ws

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

// recentEntries is compared with a plain list of every entry that was appended.
func TestRecentAgainstAList(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		held := recentEntries{max: 500}
		var all []*entry // of the log as it is now
		next := uint64(1)
		for range 300 {
			switch random.IntN(10) {
			case 0: // the end is lost
				if len(all) == 0 {
					continue
				}
				at := random.IntN(len(all))
				held.truncate(all[at].Position)
				all = all[:at+1]
			default:
				var step []*entry
				for range random.IntN(5) + 1 {
					step = append(step, &entry{Entry: &events.Entry{Position: grapevine.Position{Time: next}, Size: random.IntN(60) + 1}})
					next += uint64(random.IntN(3) + 1)
				}
				held.append(step)
				all = append(all, step...)
			}
			from := grapevine.Position{Time: random.Uint64N(next + 2)}
			got, to, ok := held.after(from, 120)
			if !ok {
				require.True(t, from.Before(held.base))
				continue
			}
			var want []*entry
			size := 0
			for _, e := range all {
				if from.Before(e.Position) && (len(want) == 0 || size+e.Size <= 120) {
					size += e.Size
					want = append(want, e)
				} else if len(want) > 0 {
					break
				}
			}
			require.Equal(t, want, got, "seed %d", seed)
			if len(want) > 0 {
				require.Equal(t, want[len(want)-1].Position, to)
			}
			total := 0
			for _, e := range held.entries {
				total += e.Size
			}
			require.Equal(t, total, held.size)
			require.LessOrEqual(t, held.size, held.max)
			if len(all) > 0 {
				require.Equal(t, all[len(all)-1].Position, held.end)
			}
		}
	}
}
