//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// traceEvent is a part of the browser's trace; durations are in microseconds.
type traceEvent struct {
	Name string `json:"name"`
	Pid  int    `json:"pid"`
	Tid  int    `json:"tid"`
	CPU  int64  `json:"tdur"`
	Args struct {
		Name string `json:"name"`
	} `json:"args"`
}

// taskCPUTimes returns the CPU time of each task of pages while run runs, the longest first. CPU time does not count what other
// programs do meanwhile, so a limit on it can be tested on a busy machine. Meanwhile the browser does not report requests: it would
// report each frame of a socket, and each report would be a task in the trace.
func (w *window) taskCPUTimes(run func()) []time.Duration {
	w.t.Helper()
	var mu sync.Mutex
	var events []traceEvent
	complete := make(chan struct{}, 1)
	require.NoError(w.t, chromedp.Listen(w.ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch event := event.(type) {
		case *tracing.EventDataCollected:
			for _, value := range event.Value {
				var e traceEvent
				if json.Unmarshal(value, &e) == nil {
					events = append(events, e)
				}
			}
		case *tracing.EventTracingComplete:
			complete <- struct{}{}
		}
	}))
	w.runActions("start to trace", call(network.Disable, cdp.Empty{}), call(tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		// The category "toplevel" has the tasks too, and each message between processes.
		IncludedCategories: []string{"disabled-by-default-devtools.timeline", "__metadata"},
	}}))
	run()
	w.runActions("stop to trace", call(tracing.End, cdp.Empty{}), call(network.Enable, network.EnableParams{}))
	select {
	case <-complete:
	case <-time.After(waitTimeout):
		require.FailNow(w.t, "the trace did not end")
	}
	mu.Lock()
	defer mu.Unlock()
	threads := map[[2]int]bool{}
	for _, e := range events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			threads[[2]int{e.Pid, e.Tid}] = true
		}
	}
	var tasks []time.Duration
	for _, e := range events {
		if e.Name == "RunTask" && threads[[2]int{e.Pid, e.Tid}] {
			tasks = append(tasks, time.Duration(e.CPU)*time.Microsecond)
		}
	}
	slices.SortFunc(tasks, func(a, b time.Duration) int { return int(b - a) })
	require.NotEmpty(w.t, tasks)
	require.Positive(w.t, tasks[0])
	return tasks
}
