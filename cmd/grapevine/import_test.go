package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/imports"
	"grapevine/internal/realtest"
	"grapevine/store"
)

// run runs a command as main does, and returns its exit code.
func run(t *testing.T, env realtest.Env, args ...string) int {
	t.Helper()
	parsed, err := parseCommandLine(newTestParser(&commands{}, &bytes.Buffer{}), append(args, "--mongo-uri", env.MongoURI, "--mongo-db", env.Database))
	if err != nil {
		return exitBadSetting
	}
	parsed.BindTo(t.Context(), (*context.Context)(nil))
	if err = parsed.Run(); err != nil {
		t.Logf("%q: %v", args, err)
		return exitStatus(err)
	}
	return 0
}

// startWorker runs imports as a worker does, until the test ends.
func startWorker(t *testing.T, db *mongo.Database, contacts *store.Store) {
	t.Helper()
	runner := imports.NewRunner(imports.RunnerConfig{
		Storage: imports.NewStorage(db), Contacts: contacts, Unformed: unknownUnformed, Logger: slog.New(slog.DiscardHandler),
		SkipWelcome: func(context.Context, []string, string) error { return nil },
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			var waiting struct {
				ID bson.ObjectID `bson:"_id"`
			}
			if db.Collection(grapevine.CollectionImports).FindOne(ctx, bson.D{{Key: "state", Value: imports.Waiting}}).Decode(&waiting) == nil {
				_, _ = runner.Run(ctx, waiting.ID.Hex())
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
}

func TestImportAndExportCommands(t *testing.T) {
	env := realtest.New(t)
	db := env.DB(t)
	contacts := store.New(db, store.Config{Clock: &grapevine.Clock{}})
	require.NoError(t, contacts.Prepare(t.Context()))
	startWorker(t, db, contacts)
	count := func(workspace string) int64 {
		n, err := db.Collection(grapevine.CollectionContacts).CountDocuments(t.Context(), bson.D{{Key: "workspace", Value: workspace}})
		require.NoError(t, err)
		return n
	}
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := file("good.csv", "First Name,E-mail,Labels\nAda,ada@example.com,vip\nBob,bob@example.com,\n")
	partly := file("partly.ndjson", `{"firstName":"Eve"}`+"\n"+`[1]`+"\n")
	exported, again := filepath.Join(folder, "all.vcf"), filepath.Join(folder, "vip.csv")

	require.Zero(t, run(t, env, "import", "--dry-run", good))
	require.Zero(t, count("default"), "a dry run writes no contact")
	require.Equal(t, exitIncomplete, run(t, env, "import", "--dry-run", partly))
	n, err := db.Collection(grapevine.CollectionImports).CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Zero(t, n, "a dry run writes no import")

	require.Zero(t, run(t, env, "import", good))
	require.EqualValues(t, 2, count("default"))
	require.Zero(t, run(t, env, "import", good), "a file imported twice adds nothing")
	require.EqualValues(t, 2, count("default"))
	require.Equal(t, exitIncomplete, run(t, env, "import", partly))
	require.EqualValues(t, 3, count("default"))
	require.Equal(t, exitFailed, run(t, env, "import", file("a.pdf", "%PDF-1.7")))
	for _, wrong := range [][]string{
		{"import", good, "--encoding", "foo"},
		{"import", good, "--workspace", "No"},
		{"import", filepath.Join(folder, "none")},
		{"export", "--workspace", "No"},
		{"export", "--filter", "tags=x"},
		{"export", "--filter", "without=name"},
		{"export", "--filter", "tag="},
		{"export", "--filter", "owner=a", "--filter", "owner=b"},
		{"export", "-o", good},
	} {
		require.Equal(t, exitBadSetting, run(t, env, wrong...), "%q", wrong)
	}

	require.Zero(t, run(t, env, "export", "-o", exported))
	require.Zero(t, run(t, env, "import", "--workspace", "other", exported))
	require.EqualValues(t, 3, count("other"), "what goes out comes back")
	require.Zero(t, run(t, env, "export", "--format", "csv", "-o", again, "--filter", "tag=vip", "--filter", "kind=person"))
	text, err := os.ReadFile(again)
	require.NoError(t, err)
	require.Contains(t, string(text), "ada@example.com")
	require.NotContains(t, string(text), "bob@example.com")
}

// scriptedImport answers each Get with the next state or error.
type scriptedImport struct {
	importService
	answers []any
}

func (s *scriptedImport) Start(_ context.Context, r imports.Request) (imports.Import, error) {
	n, err := r.Body.Read(make([]byte, 100))
	return imports.Import{ID: "i", State: imports.Waiting, Size: int64(n)}, err
}

func (s *scriptedImport) Get(context.Context, string, string) (imports.Import, error) {
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	switch answer := answer.(type) {
	case error:
		return imports.Import{}, answer
	case imports.Import:
		return answer, nil
	}
	return imports.Import{State: imports.Waiting}, nil
}

func follow(ctx context.Context, answers ...any) (shown string, err error) {
	var text, report bytes.Buffer
	f := fileImport{size: 4, progress: &progress{to: &text, terminal: true}, report: &report}
	err = importFile(ctx, &scriptedImport{answers: answers}, imports.Request{Body: strings.NewReader("file")}, f)
	return text.String() + report.String(), err
}

// The command shows an import until its end, whatever happens to MongoDB meanwhile.
func TestTheCommandFollowsAnImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := &grapevine.Error{Code: grapevine.Unavailable}
		running := imports.Import{State: imports.Running, Size: 4, Offset: 2, Report: imports.Report{Read: 7}}
		done := imports.Import{State: imports.Done, Report: imports.Report{Read: 9, Created: 9}}
		shown, err := follow(t.Context(), away, away, running, imports.Import{State: imports.Running, Message: "It waits for the forms."}, away, done)
		require.NoError(t, err)
		for _, part := range []string{
			"[########################] 100 %  0.0 MB sent\n", "MongoDB does not answer at present.", "[############............]  50 %  running, 7 rows", "It waits for the forms.\n", "Rows read: 9; created: 9",
		} {
			require.Contains(t, shown, part)
		}

		answers := make([]any, 2*int(workerPatience/importPoll))
		answers[len(answers)-1] = done
		shown, err = follow(t.Context(), answers...)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(shown, "No worker has begun"), "it is said once")

		_, err = follow(t.Context(), imports.Import{State: imports.Failed, Message: "The file is gone."})
		require.EqualError(t, err, "import: The file is gone.")
		require.Equal(t, exitFailed, exitStatus(err))
		_, err = follow(t.Context(), errors.New("unknown"))
		require.Equal(t, exitFailed, exitStatus(err))
		stopped, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err = follow(stopped, nil)
		require.Equal(t, exitStopped, exitStatus(err), "the import has not ended")
	})
}

func TestProgressWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		p := &progress{to: &text}
		for i := range int64(60) {
			p.show(i, 60, "rows")
			time.Sleep(time.Second)
		}
		p.say("done")
		require.Equal(t, "16 %, rows\n33 %, rows\n50 %, rows\n66 %, rows\n83 %, rows\ndone\n", text.String(), "one line in ten seconds, and no control characters")
	})
}
