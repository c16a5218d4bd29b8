package api_test

import (
	"context"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/imports"
	"grapevine/store"
)

// inlineImports runs each import before it answers, in place of a worker.
type inlineImports struct {
	*imports.Service
	runner *imports.Runner
}

func newInlineImports(db *mongo.Database, s *store.Store) *inlineImports {
	storage := imports.NewStorage(db)
	none := func(context.Context) (int64, error) { return 0, nil }
	return &inlineImports{
		Service: &imports.Service{Storage: storage, Contacts: s, Unformed: none},
		runner: imports.NewRunner(imports.RunnerConfig{
			Storage: storage, Contacts: s, Unformed: none, Logger: slog.New(slog.DiscardHandler),
			SkipWelcome: func(context.Context, []string, string) error { return nil },
		}),
	}
}

func (i *inlineImports) Start(ctx context.Context, r imports.Request) (imports.Import, error) {
	started, err := i.Service.Start(ctx, r)
	if err != nil {
		return started, err
	}
	if _, err := i.runner.Run(ctx, started.ID); err != nil {
		return started, err
	}
	return i.Get(ctx, r.Workspace, started.ID)
}
