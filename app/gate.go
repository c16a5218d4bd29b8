package app

import (
	"slices"
	"sync"
	"sync/atomic"

	"grapevine/api"
)

// Scopes of a closed gate.
const (
	allRequests gateScope = iota // every request for contacts
	writesOnly
)

type gateScope int

// gate refuses requests for contacts while there is a reason to. Each reason has a name, which is also the name of
// its part in /readyz: a closed gate makes the instance not ready. The zero value is open, and all methods are safe
// for concurrent use.
type gate struct {
	mu      sync.Mutex
	reasons []gateReason // in the order of their first Close

	reads, writes atomic.Pointer[api.Refusal] // what Ask returns
}

type gateReason struct {
	name  string
	scope gateScope
	api.Refusal
}

// Close refuses requests for the reason called name until [gate.Open]. state is one word, and message is one sentence
// that says what to do. A second Close of a name replaces the first.
func (g *gate) Close(name string, scope gateScope, state, message string) {
	reason := gateReason{name, scope, api.Refusal{State: state, Message: message}}
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := g.index(name); i >= 0 {
		g.reasons[i] = reason
	} else {
		g.reasons = append(g.reasons, reason)
	}
	g.publish()
}

// Open ends the reason called name, if there is one.
func (g *gate) Open(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := g.index(name); i >= 0 {
		g.reasons = slices.Delete(g.reasons, i, i+1)
	}
	g.publish()
}

// Ask returns why a request is refused, or nil. It is [api.Config.Gate].
func (g *gate) Ask(write bool) *api.Refusal {
	if write {
		return g.writes.Load()
	}
	return g.reads.Load()
}

// parts returns one part of /readyz for each reason.
func (g *gate) parts() map[string]api.PartHealth {
	g.mu.Lock()
	defer g.mu.Unlock()
	parts := map[string]api.PartHealth{}
	for _, reason := range g.reasons {
		parts[reason.name] = api.PartHealth{State: reason.State, Message: reason.Message}
	}
	return parts
}

func (g *gate) index(name string) int {
	return slices.IndexFunc(g.reasons, func(r gateReason) bool { return r.name == name })
}

// publish makes the oldest reason of each scope the one that requests get. A start comes last: another reason is often
// why it does not end.
func (g *gate) publish() {
	var reads, writes *api.Refusal
	for _, reason := range slices.Backward(g.reasons) {
		refusal := reason.Refusal
		starting := reason.State == stateStarting
		if writes == nil || !starting {
			writes = &refusal
		}
		if reason.scope == allRequests && (reads == nil || !starting) {
			reads = &refusal
		}
	}
	g.reads.Store(reads)
	g.writes.Store(writes)
}
