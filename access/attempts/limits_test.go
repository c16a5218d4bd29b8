package attempts

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// second is a time in milliseconds.
func second(n float64) int64 { return 1_000_000 + int64(n*1000) }

// account is one account under the standard limits, with the state of each of its addresses.
type account struct {
	fresh, account int64
	addresses      map[int]state
}

func newAccount() *account { return &account{addresses: map[int]state{}} }

func (a *account) take(address int, now int64) (in lane, wait int64) {
	s := a.addresses[address]
	s.fresh, s.account = a.fresh, a.account
	in, wait = Standard.take(&s, now)
	a.fresh, a.account = s.fresh, s.account
	a.addresses[address] = s
	return in, wait
}

func TestOneAddressHasTenTries(t *testing.T) {
	a := newAccount()
	admitted := 0
	for range 100 {
		if in, _ := a.take(1, second(0)); in != refused {
			admitted++
		}
	}
	require.Equal(t, 10, admitted)
	in, wait := a.take(1, second(1))
	require.Equal(t, refused, in)
	require.InDelta(t, 299_000, wait, 1)
	in, _ = a.take(1, second(300))
	require.NotEqual(t, refused, in)
}

func TestOneAddressAtManyAccounts(t *testing.T) {
	var s state
	admitted := 0
	for range 1000 {
		s.pair, s.turn, s.seen, s.fresh, s.account = 0, 0, false, 0, 0 // another account
		if in, _ := Standard.take(&s, second(0)); in != refused {
			admitted++
		}
	}
	require.Equal(t, 30, admitted)
}

// Two hundred addresses try without end. The account takes few of their tries, and its owner is let in.
func TestTheOwnerComesInWhileTwoHundredStrangersTry(t *testing.T) {
	const strangers, owner = 200, 1000
	for _, arrival := range []float64{0, 2, 30} {
		a := newAccount()
		admitted, ownerIn, ownerAgain := 0, -1.0, arrival
		for now := 0.0; now < 60; now += 0.05 {
			for n := range strangers {
				if in, _ := a.take(n, second(now)); in != refused {
					admitted++
				}
			}
			if ownerIn < 0 && now >= ownerAgain {
				in, wait := a.take(owner, second(now))
				if in != refused {
					ownerIn = now
				}
				ownerAgain = now + float64(wait)/1000 // as Retry-After says
			}
		}
		require.GreaterOrEqual(t, ownerIn, arrival, "the owner was never let in")
		require.Less(t, ownerIn-arrival, 42.0)
		if arrival > 1 {
			require.Less(t, ownerIn-arrival, 1.0, "an address that comes anew goes past those that tried")
		}
		require.Less(t, admitted, 40+5*60)
	}
}

func TestATurnIsKeptForAMinute(t *testing.T) {
	late := func(after time.Duration) lane {
		s := state{seen: true, turn: second(0), account: second(3600)} // nobody else gets a turn for an hour
		in, _ := Standard.take(&s, second(after.Seconds()))
		return in
	}
	require.Equal(t, accountLane, late(0))
	require.Equal(t, accountLane, late(time.Minute))
	require.Equal(t, refused, late(61*time.Second))
}

func TestATryThatIsGivenBackDoesNotCount(t *testing.T) {
	s := state{}
	for range 100 {
		in, _ := Standard.take(&s, second(0))
		require.NotEqual(t, refused, in)
		Standard.giveBack(&s, in, second(0), 0)
	}
}

// take.lua and take say the same: a random course of tries has one outcome.
func TestRedisAndTheProcessCountAlike(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	now := second(0)
	shared := newCounters(t, Config{Limits: Standard, Timeout: patience, now: func() int64 { return now }})
	local := newTable(Standard)
	outcomes := map[lane]int{}
	for range 4000 {
		now += random.Int64N(400)
		if random.IntN(100) == 0 {
			now += random.Int64N(100_000)
		}
		k := shared.keys([]string{"ada", "bob"}[random.IntN(2)], addr(random.IntN(60)))
		in, wait, err := shared.takeShared(t.Context(), k)
		require.NoError(t, err)
		localIn, localWait := local.take(k, now)
		require.Equal(t, localIn, in)
		require.Equal(t, localWait, wait)
		outcomes[in]++
		if in != refused && random.IntN(4) == 0 {
			turn := random.Int64N(2) * random.Int64N(3000)
			require.NoError(t, shared.giveBackShared(t.Context(), k, in, turn))
			local.giveBack(k, in, now, turn)
		}
		if random.IntN(3) == 0 {
			tries := 1 - 2*random.IntN(2)
			wait, err := shared.knownShared(t.Context(), k, tries)
			require.NoError(t, err)
			require.Equal(t, local.known(k.known, now, tries), wait)
		}
	}
	for _, l := range []lane{refused, freshLane, accountLane, firstLane} {
		require.Greater(t, outcomes[l], 10, "the course is not varied: %v", outcomes)
	}
}
