package imports

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/mongox"
)

// chunkIndex finds the chunks of a file in their order; GridFS names it so.
var chunkIndex = mongox.Index{Name: "files_id_1_n_1", Keys: bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}}, Unique: true}

// upload stores a file in the form of GridFS, one chunk at a time: the driver's own upload takes 16 MiB of memory for each file,
// however small. An error of body is returned as it is.
func (s *Storage) upload(ctx context.Context, file bson.ObjectID, body io.Reader) (size int64, err error) {
	if err := s.keep(ctx, s.chunkIndexes.Ensure); err != nil {
		return 0, err
	}
	var chunk bytes.Buffer // grows with what has come
	for n, ended := int32(0), false; !ended; n++ {
		chunk.Reset()
		filled, err := io.CopyN(&chunk, body, chunkBytes)
		if ended = errors.Is(err, io.EOF); err != nil && !ended {
			return 0, err
		}
		if filled > 0 {
			err := s.keep(ctx, func(ctx context.Context) error {
				_, err := s.files.GetChunksCollection().InsertOne(ctx, bson.D{
					{Key: "_id", Value: bson.NewObjectID()}, {Key: "files_id", Value: file}, {Key: "n", Value: n}, {Key: "data", Value: chunk.Bytes()},
				})
				return err
			})
			if err != nil {
				return 0, err
			}
			size += filled
		}
	}
	return size, s.keep(ctx, func(ctx context.Context) error {
		_, err := s.files.GetFilesCollection().InsertOne(ctx, bson.D{
			{Key: "_id", Value: file},
			{Key: "length", Value: size},
			{Key: "chunkSize", Value: int32(chunkBytes)},
			{Key: "uploadDate", Value: time.Now().UTC()},
			{Key: "filename", Value: file.Hex()},
		})
		return err
	})
}

// keep bounds one write of an upload.
func (s *Storage) keep(ctx context.Context, do func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return publicError(ctx, "keep the file of an import", do(limited))
}
