package edge

import (
	"log/slog"
	"time"

	"grapevine/internal/retry"
)

// HintLog tells the operator once in a while of requests that were refused because of their Origin or Host. An
// attack is the rare reason. The usual one is a proxy that sends another Host than the browser did.
type HintLog struct {
	logger *slog.Logger

	origin, host retry.Limiter
}

// NewHintLog makes a log of at most one line a minute of each kind.
func NewHintLog(logger *slog.Logger) *HintLog {
	return &HintLog{logger: logger, origin: retry.Limiter{Every: hintEvery}, host: retry.Limiter{Every: hintEvery}}
}

const (
	hintEvery = time.Minute
	maxHint   = 200 // bytes of a header in the log
)

// ForeignOrigin logs that a page of origin was refused.
func (l *HintLog) ForeignOrigin(origin, host string) {
	if origin == "" {
		return // the browser itself says that the request is of another site
	}
	l.log(&l.origin, "refused a page, because its Origin does not fit the Host of its request; if it is a page of this server, let the proxy pass the Host of the browser (nginx: proxy_set_header Host $http_host), or name the origin in ORIGINS",
		"origin", cut(origin), "host", cut(host))
}

// ForeignHost logs that a request for host was refused.
func (l *HintLog) ForeignHost(host string) {
	l.log(&l.host, "refused a request for another Host; if it is a name of this server, add it to ALLOWED_HOSTS, or let the proxy pass the Host of the browser", "host", cut(host))
}

func (l *HintLog) log(limiter *retry.Limiter, message string, attrs ...any) {
	if n, ok := limiter.Allow(); ok {
		l.logger.Warn(message, append(attrs, "refused", n)...)
	}
}

func cut(s string) string { return s[:min(len(s), maxHint)] }
