package imports

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// Files that are sent at once, in small pieces, do not mix, and each is as it was sent.
func TestFilesSentAtOnceStayApart(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	sizes := []int{0, 1, 70_000, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3*chunkBytes + 1, 100_000}
	var all sync.WaitGroup
	for n, size := range sizes {
		all.Go(func() {
			file, sent := bson.NewObjectID(), bytes.Repeat([]byte{byte('a' + n)}, size)
			stored, err := storage.upload(t.Context(), file, iotest.HalfReader(slowReader(sent)))
			if !assert.NoError(t, err) || !assert.EqualValues(t, size, stored) {
				return
			}
			opened, err := storage.open(t.Context(), file)
			if !assert.NoError(t, err) {
				return
			}
			got, err := io.ReadAll(opened)
			assert.NoError(t, err)
			assert.True(t, bytes.Equal(sent, got), "file %d of %d bytes is another one: %d bytes", n, size, len(got))
			assert.NoError(t, opened.Close())
			assert.NoError(t, storage.deleteFile(t.Context(), file))
		})
	}
	all.Wait()
	n, err := storage.files.GetChunksCollection().CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Zero(t, n)
	require.Empty(t, storage.chunkIndexes.Problems())
}

// slowReader gives a file in pieces of 10 kB.
func slowReader(file []byte) io.Reader {
	var pieces []io.Reader
	for piece := range slices.Chunk(file, 10_000) {
		pieces = append(pieces, bytes.NewReader(piece))
	}
	return io.MultiReader(pieces...)
}

// A file whose sender fails leaves nothing, and the error is the sender's.
func TestAFileThatBreaksOffLeavesNothing(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	for _, broken := range []error{io.ErrUnexpectedEOF, errors.New("the client is gone")} {
		body := io.MultiReader(strings.NewReader("First Name\n"+strings.Repeat("Ada\n", chunkBytes)), iotest.ErrReader(broken))
		_, err := storage.Start(t.Context(), Request{Workspace: "default", Body: body})
		require.ErrorIs(t, err, broken)
		n, err := storage.files.GetChunksCollection().CountDocuments(t.Context(), bson.D{})
		require.NoError(t, err)
		require.Zero(t, n)
	}
}
