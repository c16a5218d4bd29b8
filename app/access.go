package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access"
	"grapevine/access/oidc"
	"grapevine/api"
)

// accessLate is the age of an answer of the stream at which what is held in memory does not count any more.
const accessLate = 2 * time.Second

// newAccess makes the part that knows who may do what. It is nil with AUTH=off.
func (a *App) newAccess(db, streamDB *mongo.Database, log *slog.Logger) *access.Access {
	if !a.config.IsOn() {
		return nil
	}
	return access.New(access.Config{
		DB: db, Stream: streamDB, Redis: a.redisCache, Prefix: a.config.KeyPrefix(), Clock: a.clock, Registerer: a.registry, Logger: log,
		Issuer: a.config.OIDCIssuer,
	})
}

// prepareAccess creates or repairs the collections of rights.
func (a *App) prepareAccess(ctx context.Context) error {
	if a.access == nil {
		return nil
	}
	return a.access.Prepare(ctx)
}

// prepareAccessOf is the part of `grapevine prepare`. It does not depend on AUTH, so that sign-in can be switched on later.
func prepareAccessOf(ctx context.Context, db *mongo.Database) error {
	if err := access.New(access.Config{DB: db, Clock: &grapevine.Clock{}}).Prepare(ctx); err != nil {
		return fmt.Errorf("prepare sign-in: %w", err)
	}
	return nil
}

// accessPart says whether this instance hears at once when a right ends.
func (a *App) accessPart(context.Context) api.PartHealth {
	ago, open := a.access.Answered()
	detail := map[string]any{"answeredMsAgo": ago.Milliseconds()}
	switch {
	case !open:
		return unready("closed", "The change stream of users, sessions and tokens is not open, so each request reads MongoDB. The part mongodb says whether it answers; the log has the reason.", nil)
	case ago > accessLate:
		return unready(stateLagging, "The change stream of users, sessions and tokens has not answered in time, so each request reads MongoDB. Check how busy MongoDB is.", detail)
	}
	return api.PartHealth{Ready: true, State: stateUp, Detail: detail}
}

// signOn is single sign-on, nil without OIDC_ISSUER.
func (a *App) signOn(log *slog.Logger) (api.OIDC, error) {
	if a.access == nil || a.config.OIDCIssuer == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	certificates := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := a.config.Certificates.apply(certificates); err != nil {
		return nil, err
	}
	return oidc.New(oidc.Config{
		Access: a.access, Issuer: a.config.OIDCIssuer, ClientID: a.config.OIDCClientID, ClientSecret: a.config.OIDCClientSecret.Reveal(),
		Domains: a.config.OIDCDomains, PublicURL: a.publicURL(), Client: oidc.NewClient(certificates), Logger: log,
	}), nil
}
