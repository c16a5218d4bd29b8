package imports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/transfer"
)

const (
	// checkBytes is how much of a file is looked at before it is kept.
	checkBytes = 64 << 10
	// cleanUpTimeout bounds the deletion of a file that nothing needs. The [Keeper] deletes what is left.
	cleanUpTimeout = 5 * time.Second
)

var errNoContacts = &grapevine.Error{Code: grapevine.Invalid, Message: "The file holds no contacts."}

// Request is a file that a client sends to be imported.
type Request struct {
	Workspace string
	Options   Options
	Key       string // a repeated request with the key gets the first import; empty: none
	Body      io.Reader
}

// Start keeps the file and the import in MongoDB. The change stream tells a worker about it.
func (s *Storage) Start(ctx context.Context, r Request) (Import, error) {
	fingerprint := newFingerprint(r.Options)
	body := io.TeeReader(r.Body, fingerprint)
	sample, err := io.ReadAll(io.LimitReader(body, checkBytes))
	if err != nil {
		return Import{}, err
	}
	if err := check(sample, r); err != nil {
		return Import{}, err
	}
	file := bson.NewObjectID()
	size, err := s.upload(ctx, file, io.MultiReader(bytes.NewReader(sample), body))
	if err != nil {
		s.discard(ctx, file)
		return Import{}, err
	}
	d := document{
		ID: requestID(r), Workspace: r.Workspace, State: Waiting, Options: r.Options, File: &file, Size: size,
		Fingerprint: hex.EncodeToString(fingerprint.Sum(nil)), CreatedAt: time.Now().UTC(), Report: newReport(),
	}
	err = call(ctx, "record the import", func(ctx context.Context) error {
		_, err := s.imports.InsertOne(ctx, d)
		return err
	})
	switch {
	case mongo.IsDuplicateKeyError(err):
		s.discard(ctx, file)
		return s.repeated(ctx, d)
	case err != nil:
		s.discard(ctx, file)
		return Import{}, err
	}
	return d.shown(), nil
}

// check refuses a file that holds no contacts by its beginning, before a worker sees it. A request must cost this process
// little, so the worker finds out the rest.
func check(sample []byte, r Request) error {
	whole := len(sample) < checkBytes
	if end := bytes.LastIndexByte(sample, '\n'); !whole && end > 0 {
		sample = sample[:end+1]
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sample)), nil }
	opened, err := transfer.Open(open, r.Options.forFile(r.Workspace))
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	if _, err = opened.Next(); errors.Is(err, io.EOF) {
		if !whole {
			return nil
		}
		return errNoContacts
	}
	return err
}

// repeated returns the import of the first request with the same key.
func (s *Storage) repeated(ctx context.Context, d document) (Import, error) {
	var first document
	err := call(ctx, "read the import of an earlier request", func(ctx context.Context) error {
		return s.imports.FindOne(ctx, bson.D{{Key: "_id", Value: d.ID}}).Decode(&first)
	})
	if err != nil {
		return Import{}, err
	}
	if first.Fingerprint != d.Fingerprint {
		return Import{}, &grapevine.Error{Code: grapevine.Invalid, Message: "This Idempotency-Key was used before with another request."}
	}
	return first.shown(), nil
}

// requestID follows from the key, so that a key makes one import.
func requestID(r Request) (id bson.ObjectID) {
	if r.Key == "" {
		return bson.NewObjectID()
	}
	sum := sha256.Sum256([]byte("import/" + r.Workspace + "/" + r.Key))
	copy(id[:], sum[:])
	return id
}

func newFingerprint(o Options) hash.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "%s %t %q %q\n", o.OnMatch, o.Welcome, o.Encoding, o.Columns)
	return h
}

// discard deletes a file without an import, also after ctx has ended.
func (s *Storage) discard(ctx context.Context, file bson.ObjectID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(cleanUpTimeout, s.patience))
	defer cancel()
	_ = s.deleteFile(ctx, file)
}
