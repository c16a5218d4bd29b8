package imports

import (
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
)

// cleanUpTimeout bounds the deletion of a file that nothing needs. The [Keeper] deletes what is left.
const cleanUpTimeout = 10 * time.Second

// Request is a file that a client sends to be imported.
type Request struct {
	Workspace string
	Options   Options
	Key       string // a repeated request with the key gets the first import; empty: none
	Body      io.Reader
}

// Start keeps the file and the import in MongoDB. The change stream tells a worker about it.
func (s *Storage) Start(ctx context.Context, r Request) (Import, error) {
	file := bson.NewObjectID()
	fingerprint := newFingerprint(r.Options)
	size, err := s.upload(ctx, file, io.TeeReader(r.Body, fingerprint))
	if err != nil {
		s.discard(ctx, file)
		return Import{}, err
	}
	if err := s.check(ctx, file, r); err != nil {
		s.discard(ctx, file)
		return Import{}, err
	}
	d := document{
		ID: requestID(r), Workspace: r.Workspace, State: Waiting, Options: r.Options, File: &file, Size: size,
		Fingerprint: hex.EncodeToString(fingerprint.Sum(nil)), CreatedAt: time.Now().UTC(), Report: newReport(),
	}
	_, err = s.imports.InsertOne(ctx, d)
	switch {
	case mongo.IsDuplicateKeyError(err):
		s.discard(ctx, file)
		return s.repeated(ctx, d)
	case err != nil:
		s.discard(ctx, file)
		return Import{}, fmt.Errorf("record the import: %w", err)
	}
	return d.shown(), nil
}

// repeated returns the import of the first request with the same key.
func (s *Storage) repeated(ctx context.Context, d document) (Import, error) {
	var first document
	if err := s.imports.FindOne(ctx, bson.D{{Key: "_id", Value: d.ID}}).Decode(&first); err != nil {
		return Import{}, fmt.Errorf("read the import of an earlier request: %w", err)
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

func (s *Storage) upload(ctx context.Context, file bson.ObjectID, body io.Reader) (size int64, err error) {
	counted := &counter{Reader: body}
	err = s.files.UploadFromStreamWithID(ctx, file, file.Hex(), counted)
	if counted.err != nil {
		return 0, counted.err // of the client, as it is
	}
	if err != nil {
		return 0, fmt.Errorf("keep the file: %w", err)
	}
	return counted.n, nil
}

// discard deletes a file without an import, also after ctx has ended.
func (s *Storage) discard(ctx context.Context, file bson.ObjectID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	_ = s.deleteFile(ctx, file)
}

// counter counts the bytes that are read, and keeps the error that ended the reading.
type counter struct {
	io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
