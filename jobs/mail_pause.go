package jobs

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"grapevine/internal/retry"
	"grapevine/mail"
)

const (
	// mailTries is how long a mail is tried. Mail servers do so for four to five days (RFC 5321, 4.5.4.1).
	mailTries = 5 * 24 * time.Hour
	// longestMailDelay is the longest wait of one mail between two tries.
	longestMailDelay = 30 * time.Minute
	// longestMailPause is how long it takes at most until a worker notices that the mail server is back.
	longestMailPause = 5 * time.Minute
)

// laterError says that a mail waits for its next try, which is no failure of its task.
type laterError struct {
	error
	reason string // a value of the metric's label
	delay  time.Duration
}

func (e *laterError) Unwrap() error { return e.error }

// errMailPaused says that another mail of this process has just found the mail server away.
var errMailPaused = errors.New("the mail server takes no mail from us at the moment, as another mail has just found")

// mailPause holds back the mails of this process while the mail server is away: one of them tries, and the others wait
// for its result. Safe for concurrent use.
type mailPause struct {
	log retry.FailureLog

	mu      sync.Mutex
	backoff retry.Backoff
	since   time.Time // when the server was found away; zero while it is there
	until   time.Time // the next try
	trying  bool
}

func newMailPause(log *slog.Logger) *mailPause {
	return &mailPause{
		log: retry.FailureLog{
			Logger: log, Every: time.Hour, Recovered: "the mail server takes mails again",
			Failed: "the mail server takes no mail from us; mails wait and are tried again for five days; check the server and SMTP_URL",
		},
		backoff: retry.Backoff{First: time.Second, Max: longestMailPause},
	}
}

// begin returns nil if a mail may be sent now; done has to follow. Otherwise the mail comes back later.
func (p *mailPause) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		return nil
	}
	if p.trying || time.Now().Before(p.until) {
		return &laterError{errMailPaused, deferMailAway, p.delay()}
	}
	p.trying = true
	return nil
}

// done notes the result of a try, which is nil or an error of the mailer.
func (p *mailPause) done(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !errors.Is(err, mail.ErrAway) {
		p.since, p.trying = time.Time{}, false
		p.backoff.Reset()
		p.log.Success()
		return
	}
	if !p.since.IsZero() && !p.trying {
		return // it began before the failure that is known
	}
	if p.since.IsZero() {
		p.since = now
	}
	p.trying = false
	p.until = now.Add(p.backoff.Next())
	p.log.Failure(err)
}

// abandon ends a try that did not reach the mail server.
func (p *mailPause) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trying = false
}

// delay is the time after which a mail that waits comes back. The longer the server is away, the more the mails spread,
// so that a large number of them costs little while they wait. Callers hold the lock.
func (p *mailPause) delay() time.Duration {
	spread := min(time.Since(p.since)/2, longestMailDelay) + time.Second
	return max(time.Until(p.until), 0) + rand.N(spread)
}

// waiting is the delay of the mail whose try has just failed with mail.ErrAway.
func (p *mailPause) waiting() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay()
}

// isAway reports whether the server was found away at the last try.
func (p *mailPause) isAway() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.since.IsZero()
}

// mailBackoff is the delay before the next try of a mail that the server wants later: from 15 s, because servers that
// greylist want minutes, to half an hour.
func mailBackoff(attempt int) time.Duration {
	d := min(15*time.Second<<min(max(attempt-1, 0), 10), longestMailDelay)
	return d/2 + rand.N(d/2+1)
}
