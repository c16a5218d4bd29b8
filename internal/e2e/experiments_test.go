//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The diagram says which change it shows, and follows it to the end of its job.
func TestDiagramFollowsOneChange(t *testing.T) {
	w := openLive(t, "/inspect?workspace=follow", viewport{})
	require.Zero(t, eval[int](w, `document.querySelectorAll(".experiments").length`)) // only the command dev has some
	insertContacts(t, person("follow", "Ada", "Lovelace"))
	w.waitFor(`ui.text(".which").startsWith("Created: Ada Lovelace, committed at")`)
	w.waitFor(`ui.text(".stage[data-stage=job] .at").startsWith("+") && ui.text(".stage[data-stage=browser] .at").startsWith("+")`)
	require.NotEmpty(t, eval[string](w, `document.querySelector(".diagram a").getAttribute("href")`)) // the queue

	// A change that is opened is followed until it is closed.
	w.exec(`document.querySelector(".trace.created .trace-row").click()`)
	w.waitFor(`ui.text(".waterfall").includes("Job done by a worker")`)
	insertContacts(t, person("follow-elsewhere", "Alan", "Turing"))
	w.waitFor(`[...document.querySelectorAll(".trace.created .who")].some((who) => who.textContent.includes("Turing"))`)
	require.Contains(t, eval[string](w, `ui.text(".which")`), "Ada Lovelace")
	w.exec(`document.querySelector(".trace.open .trace-row").click()`)
	w.waitFor(`ui.text(".which").includes("Turing") && ui.text(".stage[data-stage=browser]").includes("in “follow-elsewhere”")`)
}
