package app

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/redact"
)

const (
	mongoScheme    = "mongodb://"
	mongoSRVScheme = "mongodb+srv://" // the addresses are in DNS
)

// mongoOptions reads MONGO_URI. Its error holds no secret. For an SRV URI it asks DNS.
func (c *Connections) mongoOptions() (opts *options.ClientOptions, err error) {
	parse := func(uri string) error {
		opts = options.Client().ApplyURI(uri)
		return opts.Validate()
	}
	if err := c.MongoURI.Check(parse); err != nil {
		return nil, fmt.Errorf("MONGO_URI: %w", err)
	}
	if opts.TLSConfig != nil {
		return opts, c.Certificates.apply(opts.TLSConfig)
	}
	return opts, nil
}

// checkMongoURI is the error of a MONGO_URI that can never work. It asks no server, and no DNS.
func checkMongoURI(uri redact.URI) error {
	text := uri.Reveal()
	if !strings.HasPrefix(text, mongoScheme) && !strings.HasPrefix(text, mongoSRVScheme) {
		return fmt.Errorf("it must start with %s or %s", mongoScheme, mongoSRVScheme)
	}
	return uri.Check(func(uri string) error {
		if rest, ok := strings.CutPrefix(uri, mongoSRVScheme); ok {
			uri = mongoScheme + withoutSRVOptions(rest)
		}
		return options.Client().ApplyURI(uri).Validate()
	})
}

// withoutSRVOptions removes the options that the driver accepts in an SRV URI only.
func withoutSRVOptions(uri string) string {
	address, query, _ := strings.Cut(uri, "?")
	var kept []string
	for option := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(strings.ToLower(option), "="); option != "" && name != "srvmaxhosts" && name != "srvservicename" {
			kept = append(kept, option)
		}
	}
	if len(kept) == 0 {
		return address
	}
	return address + "?" + strings.Join(kept, "&")
}

// databaseOf is the database in the path of a MONGO_URI. The databases of MongoDB itself stand there only to say where
// the user is defined.
func databaseOf(uri redact.URI) string {
	address, _, _ := strings.Cut(uri.String(), "?")
	_, address, _ = strings.Cut(address, "://")
	_, database, _ := strings.Cut(address, "/")
	if ofMongoDB(database) {
		return ""
	}
	return database
}

// ofMongoDB reports whether a database belongs to MongoDB itself.
func ofMongoDB(database string) bool {
	return database == "admin" || database == "config" || database == "local"
}
