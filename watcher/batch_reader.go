package watcher

import (
	"context"
	"errors"
)

// batchReader reads batches after a checkpoint, for the live stream and for a replay. It hides a limit of MongoDB: an event
// with its images may not exceed 16 MB. MongoDB 6.0.9 and later splits a larger one into fragments. With an older server
// it makes the whole read fail, with all events that the server reads at once. The reader then reads one change at a
// time, so that the others keep their images, and reads the oversized change without images.
type batchReader struct {
	streams       *streams
	from          checkpoint // after the last change that was read
	stream        *stream    // nil: to be opened
	mode          readMode
	cannotSplit   bool // the server is too old to split an event
	oneByOneCount int  // changes read since the mode is readOneByOne
}

// open opens the stream, so that the first read does not have to.
func (r *batchReader) open(ctx context.Context) error {
	for {
		pipeline := &r.streams.split
		if r.cannotSplit {
			pipeline = &r.streams.whole
		}
		stream, err := r.streams.open(ctx, pipeline, r.from, r.mode)
		switch {
		case err == nil:
			r.stream = stream
			return nil
		case !r.cannotSplit && isUnknownStage(err):
			r.cannotSplit = true
		case !isOversized(err) || !r.reduceMode(ctx):
			return err
		}
	}
}

// read waits a moment for changes; the batch may be empty. A batch that is returned together with an error
// is good. The reader cannot be used after an error.
func (r *batchReader) read(ctx context.Context) (batch, error) {
	if r.stream == nil {
		if err := r.open(ctx); err != nil {
			return batch{}, err
		}
	}
	limit := batchSize
	if r.mode != readFull {
		limit = 1
	}
	b, err := r.stream.read(ctx, limit)
	if b.size() > 0 {
		r.from = checkpoint{Token: b.token, Position: r.stream.last, Pipeline: b.pipelineHash}
	}
	switch {
	case isOversized(err):
		if r.reduceMode(ctx) {
			err = nil
		}
	case errors.Is(err, errDriverResumed):
		r.reopen(ctx, r.mode)
		err = nil
	case err != nil:
	case r.mode == readOneByOne:
		if r.oneByOneCount += b.size(); b.size() == 0 || r.oneByOneCount >= batchSize {
			r.reopen(ctx, readFull)
		}
	case r.mode == readWithoutImages && b.size() > 0:
		b.withoutImages = true
		r.reopen(ctx, readFull)
	}
	return b, err
}

// reduceMode goes to the mode that reads less, and reports whether there is one.
func (r *batchReader) reduceMode(ctx context.Context) bool {
	if r.mode == readWithoutImages {
		return false
	}
	r.reopen(ctx, r.mode+1)
	return true
}

func (r *batchReader) reopen(ctx context.Context, mode readMode) {
	r.close(ctx)
	r.mode, r.oneByOneCount = mode, 0
}

func (r *batchReader) close(ctx context.Context) {
	if r.stream != nil {
		r.stream.close(ctx)
		r.stream = nil
	}
}

// run sends batches, none of them empty, until ctx is done, which is no error, or reading fails. It returns
// after a batch that says that a collection was dropped.
func (r *batchReader) run(ctx context.Context, batches chan<- batch) error {
	defer r.close(ctx)
	for ctx.Err() == nil {
		b, err := r.read(ctx)
		if b.size() > 0 || b.dropped != "" {
			select {
			case batches <- b:
			case <-ctx.Done():
				return nil
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || b.dropped != "" {
			return err
		}
	}
	return nil
}
