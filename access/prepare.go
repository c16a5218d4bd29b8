package access

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
)

// keptInvitations is how long an invitation stays after its end. It holds an e-mail address, so it does not stay for good.
const keptInvitations = 30 * 24 * time.Hour

// Prepare creates the collections with their validators and indexes, or corrects what exists. It may run any number of
// times and in several processes at once. See [mongox.Indexes.Ensure] about ctx.
func (a *Access) Prepare(ctx context.Context) error {
	for _, c := range a.collections() {
		options := bson.D{
			{Key: "validator", Value: bson.D{{Key: "$jsonSchema", Value: c.schema}}},
			{Key: "validationLevel", Value: "strict"},
			{Key: "validationAction", Value: "error"},
		}
		if err := mongox.EnsureCollection(ctx, a.cfg.DB, c.name, options); err != nil {
			return fmt.Errorf("prepare the collection %s: %w", c.name, err)
		}
		indexes := mongox.NewIndexes(a.cfg.DB.Collection(c.name), c.indexes)
		if err := indexes.Ensure(ctx); err != nil {
			return err
		}
		for _, problem := range indexes.Problems() { // rights rely on the unique ones
			return fmt.Errorf("prepare the collection %s: %s", c.name, problem.Message)
		}
	}
	return a.prepareControl(ctx)
}

// prepareControl makes the document that counts what takes an admin away, so that two transactions never make it at the
// same time.
func (a *Access) prepareControl(ctx context.Context) error {
	_, err := a.control.UpdateOne(ctx, byID(grapevine.ControlAdmins),
		bson.D{{Key: "$setOnInsert", Value: bson.D{{Key: "count", Value: int64(0)}}}}, options.UpdateOne().SetUpsert(true))
	if err != nil && !isDuplicate(err) { // another instance was faster
		return fmt.Errorf("prepare the document %s of %s: %w", grapevine.ControlAdmins, grapevine.CollectionControl, err)
	}
	return nil
}

type collection struct {
	name    string
	schema  bson.D
	indexes []mongox.Index
}

func (a *Access) collections() []collection {
	at, later := time.Duration(0), keptInvitations
	unique := func(name string, fields ...string) mongox.Index {
		return mongox.Index{Name: name, Keys: ascending(fields...), Unique: true}
	}
	partial := func(index mongox.Index, filter bson.D) mongox.Index {
		index.Partial = filter
		return index
	}
	present := func(field string) bson.E { return bson.E{Key: field, Value: bson.D{{Key: "$exists", Value: true}}} }
	return []collection{
		{grapevine.CollectionUsers, userShape.schema(), []mongox.Index{
			unique("by_email", "email"),
			partial(unique("by_oidc", "oidc.issuer", "oidc.subject"), bson.D{present("oidc.issuer")}),
			{Name: "by_workspace", Keys: ascending("memberships.workspace", "email")},
			partial(mongox.Index{Name: "admins", Keys: ascending("admin")}, bson.D{{Key: "admin", Value: true}}),
		}},
		{grapevine.CollectionSessions, sessionShape.schema(), []mongox.Index{
			unique("by_shown_id", "id"),
			{Name: "by_user", Keys: ascending("user", "createdAt")},
			{Name: "expire", Keys: ascending("expiresAt"), Expire: &at},
		}},
		{grapevine.CollectionTokens, append(tokenShape.schema(), ofRole), []mongox.Index{
			unique("by_shown_id", "id"),
			{Name: "by_user", Keys: ascending("user", "createdAt")},
		}},
		{grapevine.CollectionInvitations, invitationShape.schema(), []mongox.Index{
			unique("by_shown_id", "id"),
			// One open invitation of a kind for an e-mail address, and one of the kind setup.
			partial(unique("open", "kind", "email"), bson.D{{Key: "usedAt", Value: nil}, present("email")}),
			partial(unique("setup", "kind"), bson.D{{Key: "kind", Value: string(KindSetup)}}),
			{Name: "by_user", Keys: ascending("user")},
			{Name: "by_maker", Keys: ascending("by")},
			{Name: "by_email", Keys: ascending("email")},
			{Name: "expire", Keys: ascending("expiresAt"), Expire: &later},
		}},
		{grapevine.CollectionOIDCStates, oidcStateShape.schema(), []mongox.Index{
			{Name: "expire", Keys: ascending("expiresAt"), Expire: &at},
		}},
	}
}

func ascending(fields ...string) bson.D {
	keys := bson.D{}
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: 1})
	}
	return keys
}

func byID(id any) bson.D { return bson.D{{Key: "_id", Value: id}} }
