//go:build fault

package fault

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rss is the memory of the process in bytes.
func (i *instance) rss() int {
	status, _ := os.ReadFile("/proc/" + i.pid() + "/status")
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kB, _ := strconv.Atoi(strings.Fields(rest)[0])
	return kB << 10
}

// Requests of 1 MB in which everything is wrong need about the memory of their bytes, also several at once.
func TestWrongInputNeedsLittleMemory(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	i := c.instances[0]
	rows := "lastName,email,phone,notes\n" + strings.Repeat(",,,x\n", 170_000) // nothing to call a contact by
	addresses := `{"firstName":"A","addresses":[` + strings.TrimSuffix(strings.Repeat(`{"x":1},`, 120_000), ",") + `]}`
	send := func(path, media, body string) {
		status, _, _ := i.call(context.Background(), http.MethodPost, path, body, "Content-Type", media)
		require.Contains(t, []int{200, 202, 413, 422, 429}, status)
	}
	i.waitUntilReady()
	var ordinary sync.WaitGroup // the baseline is an instance in use; a fresh one has not touched half of its program
	for range 4 {
		ordinary.Go(func() {
			for range 100 {
				i.call(context.Background(), http.MethodPost, "/contacts", `{"firstName":"Ada"}`, "Content-Type", "application/json")
				i.get("/contacts?limit=50")
			}
		})
	}
	ordinary.Wait()
	before := i.rss()
	highest := before
	for range 3 {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() { send("/contacts/import", "text/csv", rows) })
			group.Go(func() { send("/contacts", "application/json", addresses) })
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true
			case <-time.After(20 * time.Millisecond):
			}
			highest = max(highest, i.rss())
		}
	}
	c.logf("memory: %d MB, at most %d MB", before>>20, highest>>20)
	require.Less(t, highest, 2*before)
}
