package attempts

import "sync"

// maxCells bounds the memory that many addresses and accounts can take.
const maxCells = 50_000

// table holds the counters of this process, for the time while Redis does not answer. Safe for concurrent use.
type table struct {
	limits Limits

	mu    sync.Mutex
	cells map[string]cell
}

// cell is one counter; that of a pair also holds its turn.
type cell struct {
	counter, turn int64
	until         int64 // the cell is as good as none after that
}

func newTable(limits Limits) *table { return &table{limits: limits, cells: map[string]cell{}} }

func (t *table) take(k keys, now int64) (in lane, wait int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.load(k, now)
	in, wait = t.limits.take(&s, now)
	t.store(k, s, now)
	return in, wait
}

func (t *table) giveBack(k keys, in lane, now, turn int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.load(k, now)
	t.limits.giveBack(&s, in, now, turn)
	t.store(k, s, now)
}

func (t *table) known(key string, now int64, tries int) (wait int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	counter := t.get(key, now).counter
	if wait = t.limits.Known.wait(counter, now); tries > 0 && wait > 0 {
		return wait
	}
	counter = max(counter, now) + int64(tries)*t.limits.Known.Every.Milliseconds()
	t.put(key, cell{counter: counter, until: counter}, now)
	return 0
}

func (t *table) load(k keys, now int64) state {
	pair := t.get(k.pair, now)
	return state{
		address: t.get(k.address, now).counter,
		fresh:   t.get(k.fresh, now).counter,
		account: t.get(k.account, now).counter,
		pair:    pair.counter, turn: pair.turn, seen: pair.until > 0,
	}
}

func (t *table) store(k keys, s state, now int64) {
	t.put(k.address, cell{counter: s.address, until: s.address}, now)
	t.put(k.fresh, cell{counter: s.fresh, until: s.fresh}, now)
	t.put(k.account, cell{counter: s.account, until: s.account}, now)
	if s.seen {
		t.put(k.pair, cell{s.pair, s.turn, max(now+t.limits.Seen.Milliseconds(), s.pair)}, now)
	} else {
		delete(t.cells, k.pair)
	}
}

func (t *table) get(key string, now int64) cell {
	if c := t.cells[key]; c.until > now {
		return c
	}
	return cell{}
}

func (t *table) put(key string, c cell, now int64) {
	if c.until <= now {
		delete(t.cells, key)
		return
	}
	if _, known := t.cells[key]; !known && len(t.cells) >= maxCells {
		t.drop(now)
	}
	t.cells[key] = c
}

// drop makes room. If nothing is over, all start anew: the line in front of the hashes then still bounds what tries cost.
func (t *table) drop(now int64) {
	for key, c := range t.cells {
		if c.until <= now {
			delete(t.cells, key)
		}
	}
	if len(t.cells) >= maxCells {
		clear(t.cells)
	}
}
