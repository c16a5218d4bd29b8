package access

import (
	"context"
	"maps"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

const (
	nameLife    = 10 * time.Second // how long a name counts that nobody said has changed
	maxNames    = 20_000           // held in memory
	nameTimeout = time.Second
)

// nameCache holds the names of authors. The zero value is ready. Safe for concurrent use.
type nameCache struct {
	mu   sync.Mutex
	held map[grapevine.Author]heldName
}

type heldName struct {
	name string // empty: there is no such user or token
	at   time.Time
}

// Names are the names of users and tokens at present, as far as they are known. Authors of other kinds and those who are
// gone have none. If MongoDB does not answer within a second, older names count.
func (a *Access) Names(ctx context.Context, authors []grapevine.Author) map[grapevine.Author]string {
	found, missing := a.authorNames.get(authors)
	if len(missing) == 0 {
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	if a.readNames(ctx, missing) == nil {
		found, _ = a.authorNames.get(authors)
	}
	return found
}

// forgetUser drops the name of a user, because his document has changed.
func (n *nameCache) forgetUser(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.held, grapevine.Author{Kind: grapevine.ByUser, ID: id})
}

// forgetTokens drops the names of all tokens, because the document of one has changed: the event has its hash, and an
// author has its shown id.
func (n *nameCache) forgetTokens() {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.held, func(a grapevine.Author, _ heldName) bool { return a.Kind == grapevine.ByToken })
}

// get returns the held names, and the authors whose names have to be read.
func (n *nameCache) get(authors []grapevine.Author) (found map[grapevine.Author]string, missing []grapevine.Author) {
	n.mu.Lock()
	defer n.mu.Unlock()
	found = make(map[grapevine.Author]string, len(authors))
	for _, author := range authors {
		if author.Kind != grapevine.ByUser && author.Kind != grapevine.ByToken {
			continue
		}
		held, ok := n.held[plain(author)]
		if ok && held.name != "" {
			found[author] = held.name
		}
		if !ok || time.Since(held.at) > nameLife {
			missing = append(missing, plain(author))
		}
	}
	return found, missing
}

func (n *nameCache) keep(read map[grapevine.Author]string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.held == nil || len(n.held)+len(read) > maxNames {
		n.held = make(map[grapevine.Author]heldName, len(read))
	}
	for author, name := range read {
		n.held[author] = heldName{name, time.Now()}
	}
}

// plain is the author without what is no part of who it is.
func plain(a grapevine.Author) grapevine.Author { return grapevine.Author{Kind: a.Kind, ID: a.ID} }

// readNames asks MongoDB, and remembers also who is gone.
func (a *Access) readNames(ctx context.Context, authors []grapevine.Author) error {
	read := make(map[grapevine.Author]string, len(authors))
	users, tokens := bson.A{}, bson.A{}
	for _, author := range authors {
		read[author] = ""
		id, err := bson.ObjectIDFromHex(author.ID)
		switch {
		case author.Kind == grapevine.ByToken:
			tokens = append(tokens, author.ID)
		case err == nil:
			users = append(users, id)
		}
	}
	if err := readInto(ctx, a.users, "_id", users, read, func(id bson.RawValue) grapevine.Author {
		return grapevine.Author{Kind: grapevine.ByUser, ID: id.ObjectID().Hex()}
	}); err != nil {
		return err
	}
	if err := readInto(ctx, a.tokens, "id", tokens, read, func(id bson.RawValue) grapevine.Author {
		return grapevine.Author{Kind: grapevine.ByToken, ID: id.StringValue()}
	}); err != nil {
		return err
	}
	a.authorNames.keep(read)
	return nil
}

// readInto reads the names of the documents whose field is one of ids.
func readInto(ctx context.Context, from *mongo.Collection, field string, ids bson.A, read map[grapevine.Author]string, author func(bson.RawValue) grapevine.Author) error {
	if len(ids) == 0 {
		return nil
	}
	cursor, err := from.Find(ctx, bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: field, Value: 1}, {Key: "name", Value: 1}}))
	if err != nil {
		return err
	}
	var found []bson.Raw
	err = cursor.All(ctx, &found)
	for _, raw := range found {
		read[author(raw.Lookup(field))], _ = raw.Lookup("name").StringValueOK()
	}
	return err
}
