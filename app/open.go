package app

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"grapevine/internal/retry"
)

// Open is [New], and waits while DNS does not know the name in an SRV URI of MongoDB. It is an error only if waiting
// cannot help.
func Open(ctx context.Context, config Config, log *slog.Logger) (*App, error) {
	var backoff retry.Backoff
	waiting := retry.FailureLog{
		Logger: log, Failed: "waiting for DNS: the name in MONGO_URI cannot be resolved; if it is correct, its records are not there yet", Recovered: "DNS: ready",
	}
	for {
		app, err := New(config, log)
		if _, isDNS := errors.AsType[*net.DNSError](err); !isDNS {
			waiting.Success()
			return app, err
		}
		waiting.Failure(err)
		if err := retry.Sleep(ctx, backoff.Next()); err != nil {
			return nil, err
		}
	}
}
