package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// Experiment makes something go wrong, so that a person sees what Grapevine does about it. The command `dev` has some.
type Experiment struct {
	Name string
	Run  func(ctx context.Context) error // puts everything right again before it returns, also if ctx ends
}

// experiments runs one experiment at a time, when the pipeline page asks for it.
type experiments struct {
	list   []Experiment
	log    *slog.Logger
	wanted chan Experiment

	mu      sync.Mutex
	running string // the name of the experiment that was asked for and has not ended
	failure string // why the last one failed
}

func newExperiments(list []Experiment, log *slog.Logger) *experiments {
	return &experiments{list: list, log: log, wanted: make(chan Experiment, 1)}
}

// Run runs the experiments that are asked for until ctx ends.
func (e *experiments) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case experiment := <-e.wanted:
			e.log.Info("experiment started", "name", experiment.Name)
			err := experiment.Run(ctx)
			if err != nil {
				e.log.Warn("experiment failed", "name", experiment.Name, "error", err)
			}
			e.log.Info("experiment ended", "name", experiment.Name)
			e.end(err)
		}
	}
}

func (e *experiments) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running = ""
	if err != nil {
		e.failure = err.Error()
	}
}

// state lists the experiments, names the one that is under way, and says why the last one failed.
func (e *experiments) state() (all []string, running, failure string) {
	all = []string{}
	for _, experiment := range e.list {
		all = append(all, experiment.Name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return all, e.running, e.failure
}

// start handles POST /inspect/experiments/:name.
func (e *experiments) start(c *fiber.Ctx) error {
	i := slices.IndexFunc(e.list, func(x Experiment) bool { return x.Name == c.Params("name") })
	if i < 0 {
		return &grapevine.Error{Code: grapevine.NotFound, Message: "There is no such experiment. Only the command dev has experiments."}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running != "" {
		return &grapevine.Error{Code: grapevine.Conflict, Message: "Another experiment is under way: " + e.running + "."}
	}
	e.running, e.failure = e.list[i].Name, ""
	e.wanted <- e.list[i] // has room: nothing else is under way
	return c.SendStatus(fiber.StatusAccepted)
}
