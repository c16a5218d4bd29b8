package attempts

import "time"

// Rate allows Burst tries at once, and after that one in each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limits bound the tries. The zero value is no limits at all; see [Standard].
type Limits struct {
	Address Rate // from one address, at all accounts together
	Pair    Rate // from one address at one account
	New     Rate // at one account, from addresses that did not try it within Seen
	Account Rate // at one account, from all other addresses, which get a turn each in the order in which they came
	Known   Rate // at one account, from browsers that signed in there before; counted in no other way

	Seen time.Duration // how long an address stays one that tried an account
	Keep time.Duration // how long a turn is kept for its address
	Wait time.Duration // no turn is given later than this
}

// Standard are the limits of an instance. While two hundred addresses try one account without end, these counters let its owner at
// another address in at once, or, if he came in the same moment, in his turn within 42 s. The line in front of argon2 may still be full.
var Standard = Limits{
	Address: Rate{30, 5 * time.Second},
	Pair:    Rate{10, 5 * time.Minute},
	New:     Rate{30, 250 * time.Millisecond},
	Account: Rate{10, 200 * time.Millisecond},
	Known:   Rate{10, 6 * time.Second},

	Seen: time.Hour,
	Keep: time.Minute,
	Wait: 5 * time.Minute,
}

// state is what the counters of one try hold. A counter is the time, in milliseconds, at which it is as good as never used.
type state struct {
	address, fresh, account int64
	pair                    int64
	turn                    int64 // when the address may try the account; 0: it waits for no turn
	seen                    bool  // the address tried the account before
}

// lane says which counter of the account a try was counted in.
type lane int64

const (
	refused     lane = 0
	freshLane   lane = 1
	accountLane lane = 2
	firstLane   lane = 3 // the fresh lane, from an address without another try at any account
)

// wait is the time until a counter has a place, in milliseconds.
func (r Rate) wait(counter, now int64) int64 {
	return max(0, max(counter, now)-int64(r.Burst-1)*r.Every.Milliseconds()-now)
}

// use counts one try.
func (r Rate) use(counter, now int64) int64 { return max(counter, now) + r.Every.Milliseconds() }

// take is the rule of strangers. take.lua says the same. It changes s, and returns the lane, or refused with the time after which to
// try again.
func (l Limits) take(s *state, now int64) (in lane, wait int64) {
	if wait = max(l.Address.wait(s.address, now), l.Pair.wait(s.pair, now)); wait > 0 {
		return refused, wait
	}
	if s.turn > 0 && now > s.turn+l.Keep.Milliseconds() {
		s.turn = 0
	}
	switch {
	case s.turn > now:
		return refused, s.turn - now
	case s.turn > 0:
		in = accountLane
	case !s.seen && l.New.wait(s.fresh, now) == 0:
		in, s.fresh = freshLane, l.New.use(s.fresh, now)
		if s.address <= now {
			in = firstLane
		}
	default:
		wait = l.Account.wait(s.account, now)
		if wait > l.Wait.Milliseconds() {
			return refused, l.Wait.Milliseconds()
		}
		s.account = l.Account.use(s.account, now)
		if s.seen = true; wait > 0 {
			s.turn = now + wait
			return refused, wait
		}
		in = accountLane
	}
	s.address, s.pair = l.Address.use(s.address, now), l.Pair.use(s.pair, now)
	s.turn, s.seen = 0, true
	return in, 0
}

// giveBack takes a try back that was no wrong password. With a turn, in milliseconds from now, the address may try again
// then; one that tried the account for the first time does so again.
func (l Limits) giveBack(s *state, in lane, now, turn int64) {
	s.address -= l.Address.Every.Milliseconds()
	s.pair -= l.Pair.Every.Milliseconds()
	switch {
	case in == freshLane, in == firstLane:
		s.fresh -= l.New.Every.Milliseconds()
		s.seen = s.seen && turn == 0
	case turn > 0:
		s.turn = now + turn
	default:
		s.account -= l.Account.Every.Milliseconds()
	}
}
