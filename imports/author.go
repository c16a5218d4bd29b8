package imports

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Allowed is the error of an author who may not write into a workspace now: Forbidden, or Unavailable if nobody knows.
type Allowed func(ctx context.Context, by grapevine.Author, workspace string) error

// errForbidden ends an import whose author has lost the right while it ran, or before.
var errForbidden = &grapevine.Error{Code: grapevine.Forbidden, Message: "The right to write into this workspace has ended."}

// checkRight fails with errForbidden if the author of an import may not write into its workspace any more.
func (r *Runner) checkRight(ctx context.Context, d *document) error {
	if r.cfg.Allowed == nil {
		return nil
	}
	err := r.cfg.Allowed(ctx, d.By.author(), d.Workspace)
	switch grapevine.ErrorCode(err) {
	case grapevine.Forbidden, grapevine.Unauthorized, grapevine.NotFound: // the last two: there is no such user or token
		return errForbidden
	}
	return err
}

// author is the author of an import as it is stored. The zero value is that of an import of an earlier version.
type author struct {
	Kind grapevine.AuthorKind `bson:"kind"`
	ID   string               `bson:"id,omitempty"`
}

func authorOf(ctx context.Context) author {
	by := grapevine.AuthorOf(ctx)
	return author{by.Kind, by.ID}
}

func (a author) author() grapevine.Author {
	if a.Kind == "" {
		return grapevine.Author{Kind: grapevine.ByUnknown}
	}
	return grapevine.Author{Kind: a.Kind, ID: a.ID}
}

// UnmarshalBSONValue takes anything but a document for no author: earlier versions kept the run that works on an import in
// the field.
func (a *author) UnmarshalBSONValue(kind byte, data []byte) error {
	if bson.Type(kind) != bson.TypeEmbeddedDocument {
		return nil
	}
	type plain author
	return bson.Unmarshal(data, (*plain)(a))
}

// withoutFormerHolder is an expression for the author of an import. It takes the import from a run of an earlier version.
var withoutFormerHolder = bson.D{{Key: "$cond", Value: bson.A{
	bson.D{{Key: "$eq", Value: bson.A{bson.D{{Key: "$type", Value: "$by"}}, "object"}}}, "$by", "$$REMOVE",
}}}
