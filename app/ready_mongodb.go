package app

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/api"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
	"grapevine/store"
)

const (
	probeInterval         = time.Second
	probeTimeout          = 5 * time.Second // that of a request's call: a slow write is still one that works
	probeRetry            = 250 * time.Millisecond
	signInBackoff         = 5 * time.Second // the longest pause after a wrong password: some servers lock an account
	serverVersionInterval = time.Minute     // MongoDB may be upgraded while an instance runs
)

// mongoHealth tries every second to read and to write contacts, and closes the gate while MongoDB refuses that. So
// /readyz tells the truth, requests get a reason, and a wrong password is logged once.
type mongoHealth struct {
	store *store.Store
	gate  *gate
	log   *slog.Logger
	dial  func() (*options.ClientOptions, error) // of MONGO_URI

	mu        sync.Mutex
	result    probeResult
	began     time.Time // of the probe that runs; zero between two
	loggedAt  time.Time
	version   string
	versionAt time.Time
}

// probeResult is what the latest probe found.
type probeResult struct {
	part    api.PartHealth
	denied  bool // a right or the sign-in was refused
	signIn  bool
	scope   gateScope // of what is denied
	present bool      // false before the first probe
}

func (h *mongoHealth) run(ctx context.Context) error {
	backoff := retry.Backoff{First: probeInterval, Max: signInBackoff}
	for {
		h.begin()
		result := h.probe(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		h.record(result)
		pause := probeInterval
		switch {
		case result.signIn:
			pause = backoff.Next()
		case result.part.Ready || result.denied:
			backoff.Reset()
		default:
			pause = probeRetry
		}
		_ = retry.Sleep(ctx, pause)
	}
}

func (h *mongoHealth) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.began = time.Now()
}

func (h *mongoHealth) probe(ctx context.Context) probeResult {
	h.readVersion(ctx)
	limited, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	scope, err := allRequests, h.store.ProbeRead(limited)
	if err == nil {
		scope, err = writesOnly, h.store.ProbeWrite(limited)
	}
	result := probeResult{present: true, scope: scope, part: api.PartHealth{Ready: true, State: stateUp}}
	if err == nil {
		return result
	}
	denial, denied := mongox.DenialOf(err)
	switch {
	case denied:
		result.denied, result.signIn = true, denial.SignIn
		result.part = unready(stateUnauthorized, denial.Message(), nil)
	case scope == writesOnly && h.pings(ctx):
		result.part = unready("unwritable", "MongoDB answers, and a write is not confirmed by a majority. Check that a majority of the members runs and that their disks are not full.", nil)
	default:
		result.part = unready(stateUnreachable, cmp.Or(mongox.Diagnose(ctx, h.dial).Message, mongoSilent), nil)
	}
	return result
}

func (h *mongoHealth) pings(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	_, err := h.store.Ping(ctx)
	return err == nil
}

// mongoSilent is the message if nothing more is known than that no answer comes.
const mongoSilent = "MongoDB does not answer. Check that it runs and that MONGO_URI leads to it."

// record publishes the result, moves the gate, and logs a change. Trouble that stays is logged again now and then.
func (h *mongoHealth) record(result probeResult) {
	h.mu.Lock()
	before := h.result
	h.result, h.began = result, time.Time{}
	h.mu.Unlock()
	if result.denied {
		h.gate.Close(partMongoDB, result.scope, result.part.State, result.part.Message)
	} else {
		h.gate.Open(partMongoDB)
	}
	again := time.Since(h.loggedAt) >= retry.DefaultLogInterval
	switch {
	case !result.part.Ready && (again || result.denied && before.part.Message != result.part.Message):
		h.loggedAt = time.Now()
		h.log.Warn("contacts cannot be read or written; requests get status 503 until they can", "reason", result.part.Message)
	case result.part.Ready && !h.loggedAt.IsZero():
		h.loggedAt = time.Time{}
		h.log.Info("contacts can be read and written again")
	}
}

// isSaid reports whether this part has said, or is about to say, what err says: that MongoDB refuses the user or does not
// answer. No other part needs to log it.
func (h *mongoHealth) isSaid(err error) bool {
	_, denial := mongox.DenialOf(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if denial {
		return h.result.denied || !h.result.present
	}
	slow := !h.began.IsZero() && time.Since(h.began) > probeInterval
	return mongox.IsUnanswered(err) && (h.result.part.State == stateUnreachable || slow)
}

// part is the latest result, unless MongoDB does not even answer a ping now.
func (h *mongoHealth) part(ctx context.Context) api.PartHealth {
	_, pingErr := h.store.Ping(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	part := h.result.part
	switch {
	case pingErr != nil && part.Ready || pingErr != nil && !h.result.present:
		part = unready(stateUnreachable, mongoSilent, nil)
	case !h.result.present:
		part = unready(stateStarting, "The instance has not read or written a contact yet. Wait a moment.", nil)
	}
	if h.version != "" {
		part.Detail = map[string]any{"version": h.version}
		part.Message = cmp.Or(part.Message, mongoHole(h.version))
	}
	return part
}

func (h *mongoHealth) readVersion(ctx context.Context) {
	if time.Since(h.versionAt) < serverVersionInterval {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if version, err := h.store.ServerVersion(ctx); err == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.version, h.versionAt = version, time.Now()
	}
}
