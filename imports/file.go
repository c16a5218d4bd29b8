package imports

import (
	"context"
	"errors"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// fileTimeout bounds the reading or writing of a part of a file, which is 16 MiB at most.
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

// upload stores a file. An error of body is returned as it is.
func (s *Storage) upload(ctx context.Context, file bson.ObjectID, body io.Reader) (size int64, err error) {
	limited, waiting := startWaiting(ctx, s.patience)
	defer waiting.cancel(nil)
	sent := &sentFile{Reader: body, waiting: waiting}
	err = s.files.UploadFromStreamWithID(limited, file, file.Hex(), sent)
	if sent.err != nil {
		return 0, sent.err
	}
	if err != nil {
		return 0, publicError(ctx, "keep the file of an import", waiting.cause(err))
	}
	return sent.n, nil
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

// sentFile is a file that a client sends. It counts its bytes, and keeps the error that ended the reading.
type sentFile struct {
	io.Reader
	waiting *waiting
	n       int64
	err     error
}

func (f *sentFile) Read(p []byte) (int, error) {
	f.waiting.pause() // now the client is slow, not MongoDB
	n, err := f.Reader.Read(p)
	f.waiting.resume()
	f.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
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
