package imports

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// scriptedContacts fails with err, and finds nothing.
type scriptedContacts struct {
	err     error
	forming atomic.Int64
	added   []grapevine.Contact
}

func (c *scriptedContacts) unformed(context.Context) (int64, error) { return c.forming.Load(), nil }

func (c *scriptedContacts) FindByKeys(context.Context, string, grapevine.ContactKeys) ([]grapevine.Contact, bool, error) {
	return nil, true, c.err
}

func (c *scriptedContacts) AddImported(_ context.Context, imported grapevine.ImportedContacts) (map[int]string, grapevine.Position, error) {
	c.added = append(c.added, imported.Contacts...)
	return nil, grapevine.Position{}, nil
}

func (c *scriptedContacts) UpdateImported(context.Context, string, string, string, func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error) {
	return grapevine.Contact{}, grapevine.Position{}, errors.New("nothing to update")
}

func newRunner(storage *Storage, contacts *scriptedContacts) *Runner {
	return NewRunner(RunnerConfig{
		Storage: storage, Contacts: contacts, Unformed: contacts.unformed, Logger: slog.New(slog.DiscardHandler),
		SkipWelcome: func(context.Context, []string, string) error { return nil },
	})
}

func startFile(t *testing.T, storage *Storage, file string) Import {
	t.Helper()
	started, err := storage.Start(t.Context(), Request{Workspace: "default", Options: Options{OnMatch: Skip}, Body: strings.NewReader(file)})
	require.NoError(t, err)
	return started
}

// Only what is wrong with the import itself counts as a try, and people do not see the error of a server.
func TestAnImportFailsByItsOwnFaultsOnly(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	r := newRunner(storage, contacts)
	started := startFile(t, storage, "First Name,E-mail\nAda,ada@example.com\n")
	try := func(err error) Import {
		contacts.err = err
		_, got := r.Run(t.Context(), started.ID)
		if err != nil && got != nil {
			require.ErrorIs(t, got, err)
		}
		found, err := storage.Get(t.Context(), "default", started.ID)
		require.NoError(t, err)
		return found
	}
	for range maxAttempts + 1 {
		require.Equal(t, Running, try(&grapevine.Error{Code: grapevine.Unavailable}).State)
		require.Equal(t, Running, try(context.DeadlineExceeded).State)
	}
	broken := errors.New("secret of 10.0.0.1:27017")
	for range maxAttempts - 1 {
		require.Equal(t, Running, try(broken).State)
	}
	failed := try(broken)
	require.Equal(t, Failed, failed.State)
	require.Equal(t, failedMessage, failed.Message)
	require.Equal(t, Failed, try(nil).State, "it has ended")
	require.Empty(t, contacts.added)
}

// A file that kills each process that reads it is not read for ever.
func TestAnImportThatKillsItsWorkersFails(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	r := newRunner(storage, contacts)
	started := startFile(t, storage, "First Name,E-mail\nAda,ada@example.com\n")
	oid, err := importID(started.ID)
	require.NoError(t, err)
	for range maxAttempts {
		killed, _, err := storage.claim(t.Context(), oid)
		require.NoError(t, err)
		require.NotNil(t, killed)
		_, err = storage.imports.UpdateByID(t.Context(), oid, bson.D{{Key: "$unset", Value: bson.D{{Key: "until", Value: ""}}}}) // the claim expires
		require.NoError(t, err)
	}
	wait, err := r.Run(t.Context(), started.ID)
	require.NoError(t, err)
	require.Zero(t, wait)
	found, err := storage.Get(t.Context(), "default", started.ID)
	require.NoError(t, err)
	require.Equal(t, Failed, found.State)
	require.Equal(t, killedMessage, found.Message)
	require.Empty(t, contacts.added)
	n, err := storage.files.GetFilesCollection().CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Zero(t, n, "its file is deleted")
}

// The start looks at the beginning only, so the run finds that a large file holds nothing.
func TestALargeFileWithoutContactsFails(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	started := startFile(t, storage, strings.Repeat("x", 2*checkBytes))
	_, err := newRunner(storage, &scriptedContacts{}).Run(t.Context(), started.ID)
	require.NoError(t, err)
	found, err := storage.Get(t.Context(), "default", started.ID)
	require.NoError(t, err)
	require.Equal(t, Failed, found.State)
	require.Equal(t, errNoContacts.Message, found.Message)
}

func TestAnImportWithoutItsFileSaysSo(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	started := startFile(t, storage, "First Name\nAda\n")
	require.NoError(t, storage.files.Drop(t.Context()))
	_, err := newRunner(storage, &scriptedContacts{}).Run(t.Context(), started.ID)
	require.NoError(t, err)
	found, err := storage.Get(t.Context(), "default", started.ID)
	require.NoError(t, err)
	require.Equal(t, Failed, found.State)
	require.Equal(t, "The file of the import is gone. Send it again.", found.Message)
}

// While contacts are not found by their names, an import with names alone would double them.
func TestAnImportOfNamesWaitsForTheForms(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	contacts.forming.Store(1)
	r := newRunner(storage, contacts)
	byEmail := startFile(t, storage, "First Name,E-mail\nAda,ada@example.com\n")
	_, err := r.Run(t.Context(), byEmail.ID)
	require.NoError(t, err)
	require.Len(t, contacts.added, 1, "e-mail addresses are found at once")

	byName := startFile(t, storage, "First Name\nBob\n")
	done := make(chan error, 1)
	go func() { _, err := r.Run(t.Context(), byName.ID); done <- err }()
	read := func() Import {
		found, err := storage.Get(t.Context(), "default", byName.ID)
		require.NoError(t, err)
		return found
	}
	require.Eventually(t, func() bool { return read().Message == formingMessage }, 10*time.Second, 20*time.Millisecond)
	contacts.forming.Store(0)
	require.NoError(t, <-done)
	require.Equal(t, Done, read().State)
	require.Empty(t, read().Message)
	require.Len(t, contacts.added, 2)
}

// A request that was killed leaves its file, or the parts that had arrived.
func TestOldFilesWithoutAnImportAreDeleted(t *testing.T) {
	db := realtest.New(t).DB(t)
	storage := NewStorage(db)
	old := bson.NewObjectIDFromTimestamp(time.Now().Add(-strayTime - time.Minute))
	_, err := storage.upload(t.Context(), old, strings.NewReader("a whole file"))
	require.NoError(t, err)
	chunks := storage.files.GetChunksCollection()
	part := bson.D{{Key: "files_id", Value: bson.NewObjectIDFromTimestamp(time.Now().Add(-strayTime - time.Hour))}, {Key: "n", Value: 0}, {Key: "data", Value: []byte("a part")}}
	_, err = chunks.InsertOne(t.Context(), part)
	require.NoError(t, err)
	kept := startFile(t, storage, "First Name\nAda\n")
	k := &Keeper{Storage: storage, Logger: slog.New(slog.DiscardHandler)}
	require.NoError(t, k.deleteStrays(t.Context()))
	n, err := chunks.CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "the file of import %s stays", kept.ID)
	n, err = storage.files.GetFilesCollection().CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

// The start of an import costs its process no more than a look at the beginning of the file.
func TestOnlyTheBeginningOfAFileIsChecked(t *testing.T) {
	large := "First Name,Zoë\n" + strings.Repeat("x", 3*checkBytes)
	for name, test := range map[string]struct{ file, refused string }{
		"a row behind the beginning":    {large, ""},
		"no line break":                 {strings.Repeat("é", checkBytes), ""},
		"titles alone":                  {"First Name\n", "holds no contacts"},
		"a PDF document":                {"%PDF-1.7" + large, "PDF"},
		"cards behind a long beginning": {"BEGIN:VCARD\nVERSION:3.0\nPHOTO:" + strings.Repeat("A", 2*checkBytes) + "\nFN:Ada\nEND:VCARD\n", ""},
	} {
		sample := test.file[:min(len(test.file), checkBytes)]
		err := check([]byte(sample), Request{Workspace: "default"})
		if test.refused == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, test.refused, name)
	}
}
