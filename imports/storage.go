package imports

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
	"grapevine/internal/mongox"
)

// chunkBytes is the size of a document with a part of a file: MongoDB's default. Each upload has one in memory, and larger ones hardly
// save time.
const chunkBytes = 255 << 10

// document is one import in MongoDB.
type document struct {
	ID          bson.ObjectID  `bson:"_id"`
	Workspace   string         `bson:"workspace"`
	State       State          `bson:"state"`
	Options     Options        `bson:"options"`
	File        *bson.ObjectID `bson:"file,omitempty"` // in the bucket; absent: deleted
	Size        int64          `bson:"size"`
	Fingerprint string         `bson:"fingerprint"` // of the request
	CreatedAt   time.Time      `bson:"createdAt"`
	EndedAt     time.Time      `bson:"endedAt,omitempty"`
	Message     string         `bson:"message,omitempty"` // why it failed, or what its run waits for
	Position    string         `bson:"position,omitempty"`
	Report      `bson:"report"`

	Rows     int       `bson:"rows"`            // of the file that are done, in its order
	Unlinked int       `bson:"unlinked"`        // contacts whose organizations were not there yet
	Offset   int64     `bson:"offset"`          // bytes of the file that were read for them
	Holder   string    `bson:"by,omitempty"`    // the run that works on it
	Until    time.Time `bson:"until,omitempty"` // when its claim expires, by MongoDB's clock
	Attempts int       `bson:"attempts"`        // runs that began since rows were done
	Runs     int       `bson:"runs"`            // runs that began
}

func (d *document) shown() Import {
	i := Import{ID: d.ID.Hex(), State: d.State, Report: d.Report, Size: d.Size, Message: d.Message, Workspace: d.Workspace, Offset: d.Offset}
	i.Position, _ = grapevine.ParsePosition(d.Position) // zero: nothing was written
	if i.Skipped == nil {
		i.Skipped = newReport().Skipped
	}
	if i.Notes == nil {
		i.Notes = newReport().Notes
	}
	return i
}

// Storage keeps imports and their files in MongoDB. Safe for concurrent use.
type Storage struct {
	imports  *mongo.Collection
	files    *mongo.GridFSBucket
	patience time.Duration // see [fileTimeout]

	chunkIndexes *mongox.Indexes
}

// NewStorage uses the collection imports and the bucket import_files. The client of db must have no timeout, because a large
// file takes its time.
func NewStorage(db *mongo.Database) *Storage {
	files := db.GridFSBucket(options.GridFSBucket().SetName(grapevine.BucketImportFiles).SetChunkSizeBytes(chunkBytes).
		SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()))
	return &Storage{
		patience:     fileTimeout,
		imports:      mongox.MajorityCollection(db, grapevine.CollectionImports),
		files:        files,
		chunkIndexes: mongox.NewIndexes(files.GetChunksCollection(), []mongox.Index{chunkIndex}),
	}
}

// Get returns an import of the workspace.
func (s *Storage) Get(ctx context.Context, workspace, id string) (Import, error) {
	oid, err := importID(id)
	if err != nil {
		return Import{}, err
	}
	return s.find(ctx, id, bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}})
}

// InAnyWorkspace returns an import.
func (s *Storage) InAnyWorkspace(ctx context.Context, id string) (Import, error) {
	oid, err := importID(id)
	if err != nil {
		return Import{}, err
	}
	return s.find(ctx, id, bson.D{{Key: "_id", Value: oid}})
}

func (s *Storage) find(ctx context.Context, id string, filter bson.D) (Import, error) {
	var d document
	err := call(ctx, "read import "+id, func(ctx context.Context) error {
		err := s.imports.FindOne(ctx, filter).Decode(&d)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return &grapevine.Error{Code: grapevine.NotFound, Message: "There is no import " + id + " in this workspace."}
		}
		return err
	})
	if err != nil {
		return Import{}, err
	}
	return d.shown(), nil
}

func importID(id string) (bson.ObjectID, error) {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		return oid, &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("%.40q is not the id of an import: 24 hex digits.", id)}
	}
	return oid, nil
}
