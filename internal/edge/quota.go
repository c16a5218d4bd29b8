package edge

import (
	"net/netip"
	"sync"
)

// Quota shares a bounded amount of something among all clients, such as bytes or answers. No client [Network] gets
// more than its own part, so that one client cannot take everything. A loopback address has no part of its own: it is a
// proxy, or a user of this machine. Safe for concurrent use.
type Quota struct {
	total, perClient int64

	mu      sync.Mutex
	taken   int64
	clients map[netip.Addr]int64 // what each client has taken
}

// NewQuota makes a quota of total, of which one client can take perClient.
func NewQuota(total, perClient int64) *Quota {
	return &Quota{total: total, perClient: perClient, clients: map[netip.Addr]int64{}}
}

// Take takes n for the client. It reports false, and takes nothing, if that is more than there is.
func (q *Quota) Take(client netip.Addr, n int64) bool {
	client = Network(client)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken+n > q.total || q.clients[client]+n > q.perClient && !client.IsLoopback() {
		return false
	}
	q.taken += n
	q.clients[client] += n
	return true
}

// Return gives back n of what the client has taken.
func (q *Quota) Return(client netip.Addr, n int64) {
	client = Network(client)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken -= n
	if q.clients[client] -= n; q.clients[client] <= 0 {
		delete(q.clients, client)
	}
}

// Taken is what all clients together have taken.
func (q *Quota) Taken() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken
}
