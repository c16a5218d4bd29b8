package imports

import (
	"context"
	"errors"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// fileTimeout bounds the reading of a part of a file, which is 16 MiB at most, and the writing of a chunk.
const fileTimeout = 20 * time.Second

// storedFile reads the file of an import from its beginning.
type storedFile struct {
	io.ReadCloser
	ctx     context.Context // of the caller
	waiting *waiting
	n       int64 // bytes that were read
}

// open reads the file of an import from its beginning.
func (s *Storage) open(ctx context.Context, file bson.ObjectID) (*storedFile, error) {
	limited, waiting := startWaiting(ctx, s.patience)
	stream, err := s.files.OpenDownloadStream(limited, file)
	if err != nil {
		waiting.cancel(nil)
		return nil, publicError(ctx, "open the file of an import", waiting.cause(err))
	}
	waiting.pause()
	return &storedFile{ReadCloser: stream, ctx: ctx, waiting: waiting}, nil
}

func (f *storedFile) Read(p []byte) (int, error) {
	f.waiting.resume()
	n, err := f.ReadCloser.Read(p)
	f.waiting.pause()
	f.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = publicError(f.ctx, "read the file of an import", f.waiting.cause(err))
	}
	return n, err
}

func (f *storedFile) Close() error {
	defer f.waiting.cancel(nil)
	return f.ReadCloser.Close()
}

// deleteFile deletes a file, or what an interrupted upload or deletion left of it.
func (s *Storage) deleteFile(ctx context.Context, file bson.ObjectID) error {
	return call(ctx, "delete the file of an import", func(ctx context.Context) error {
		err := s.files.Delete(ctx, file)
		if errors.Is(err, mongo.ErrFileNotFound) {
			return nil
		}
		return err
	})
}

// waiting ends a context after MongoDB has not answered for a while.
type waiting struct {
	timer  *time.Timer
	cancel context.CancelCauseFunc
	over   context.Context
	limit  time.Duration
}

func startWaiting(ctx context.Context, limit time.Duration) (context.Context, *waiting) {
	limited, cancel := context.WithCancelCause(ctx)
	w := &waiting{cancel: cancel, over: limited, limit: limit}
	w.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	return limited, w
}

func (w *waiting) pause()  { w.timer.Stop() }
func (w *waiting) resume() { w.timer.Reset(w.limit) }

// cause is the error of a call, which the driver reports as a cancellation if the time is over.
func (w *waiting) cause(err error) error {
	if errors.Is(context.Cause(w.over), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}
