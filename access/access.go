// Package access knows who may see and change what. Users, sessions, tokens and invitations are documents in MongoDB, and
// every instance follows them with a change stream of its own: a right that ends, through the API or in mongosh, ends on
// every instance within a second, whatever the pipeline and Redis are doing.
//
// documents.go has the documents, and shapes.go says which of them fit. follower.go follows them, proof.go decides how long what is held in memory counts, and
// authenticate.go finds the principal of a request. The other files are named after what people do: sign_in.go,
// invite.go, users.go, members.go, tokens.go.
package access

import (
	"cmp"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access/attempts"
	"grapevine/access/password"
	"grapevine/internal/mongox"
)

// Config configures an [Access]. DB, Redis and Clock are required.
type Config struct {
	DB     *mongo.Database       // reads and writes with majority
	Stream *mongo.Database       // for the change stream, whose client has no timeout of its own; nil means DB
	Redis  redis.UniversalClient // sessions that were read before, and counters of attempts; may be away
	Prefix string                // of the keys in Redis
	Clock  *grapevine.Clock      // MongoDB's time

	PasswordCost password.Params     // of new passwords; zero means password.Standard. Tests take a lower one
	PasswordLine password.LineConfig // in front of the hashes; zero means its defaults

	AttemptLimits attempts.Limits // of tries to sign in; zero means attempts.Standard

	Issuer string // of single sign-on; empty: there is none

	Registerer prometheus.Registerer // nil means no metrics
	Logger     *slog.Logger          // nil means no log
}

func (c Config) withDefaults() Config {
	c.Stream = cmp.Or(c.Stream, c.DB)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// Access is the part of one instance that knows the principals. Make one with [New] and run it with [Access.Run].
type Access struct {
	cfg Config

	users, sessions, tokens, invitations, control, oidcStates *mongo.Collection

	passwords *password.Hasher
	attempts  *attempts.Counters
	cookieKey *cookieKey
	known     known
	signIns   *signIns
	following
	authorNames nameCache
}

// New makes an Access. It calls no server.
func New(cfg Config) *Access {
	cfg = cfg.withDefaults()
	control := mongox.MajorityCollection(cfg.DB, grapevine.CollectionControl)
	key := &cookieKey{control: control}
	a := &Access{
		cfg:         cfg,
		users:       mongox.MajorityCollection(cfg.DB, grapevine.CollectionUsers),
		sessions:    mongox.MajorityCollection(cfg.DB, grapevine.CollectionSessions),
		tokens:      mongox.MajorityCollection(cfg.DB, grapevine.CollectionTokens),
		invitations: mongox.MajorityCollection(cfg.DB, grapevine.CollectionInvitations),
		control:     control,
		oidcStates:  mongox.MajorityCollection(cfg.DB, grapevine.CollectionOIDCStates),
		passwords:   password.New(password.Config{Params: cfg.PasswordCost, Line: cfg.PasswordLine, Registerer: cfg.Registerer}),
		attempts:    attempts.New(attempts.Config{Redis: cfg.Redis, Prefix: cfg.Prefix, Limits: cfg.AttemptLimits, Logger: cfg.Logger}),
		cookieKey:   key,
		known:       known{key},
		signIns:     newSignIns(cfg.Registerer),
	}
	a.initFollowing(standardTiming)
	return a
}
