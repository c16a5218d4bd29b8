//go:build e2e

package e2e

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// insertTeam fills a workspace with plausible contacts for the screenshots.
func insertTeam(t *testing.T, workspace string) {
	t.Helper()
	first := []string{"Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "Leslie", "Frances", "Ken", "Margaret", "Jean", "Radia", "Vint", "Adele"}
	last := []string{"Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Hoare", "Lamport", "Allen", "Thompson", "Hamilton", "Bartik", "Perlman", "Cerf", "Goldberg"}
	companies := []string{"Analytical Engines", "Navy Yard", "Bletchley & Co", "Eindhoven Works", "CLU Labs", "Quicksort Ltd", "Paxos Island", "Spanning Tree"}
	tags := []string{"vip", "press", "friend", "vendor", "berlin", "newsletter", "lead", "speaker"}
	var all []bson.D
	for _, name := range companies[:4] {
		made := time.Now().AddDate(0, -9, 0)
		all = append(all, bson.D{
			{Key: "_id", Value: bson.NewObjectID()},
			{Key: "workspace", Value: workspace},
			{Key: "kind", Value: "organization"},
			{Key: "name", Value: name},
			{Key: "tags", Value: bson.A{"vendor"}},
			{Key: "email", Value: "hello@example.com"},
			{Key: "createdAt", Value: made},
			{Key: "updatedAt", Value: made},
		})
	}
	for i := range 220 {
		f, l := first[i%15], last[(i*7+i/15)%15]
		made := time.Now().AddDate(0, 0, -((i * i * 13) % 500)).Add(-time.Duration(i) * time.Minute)
		d := bson.D{
			{Key: "_id", Value: bson.NewObjectID()},
			{Key: "workspace", Value: workspace},
			{Key: "kind", Value: "person"},
			{Key: "firstName", Value: f},
			{Key: "lastName", Value: l},
			{Key: "email", Value: fmt.Sprintf("%s.%s%d@example.com", f, l, i)},
			{Key: "phone", Value: fmt.Sprintf("+49 30 555 %04d", 1000+i*37%9000)},
			{Key: "createdAt", Value: made},
			{Key: "updatedAt", Value: made},
		}
		if i%4 > 0 {
			d = append(d, bson.E{Key: "company", Value: companies[(i*i+i/3)%8]})
		}
		if i%3 > 0 {
			d = append(d, bson.E{Key: "tags", Value: bson.A{tags[i%8], tags[(i*3+1)%8]}})
		}
		all = append(all, d)
	}
	insertContacts(t, all...)
}

// savePicture saves a screenshot and checks its size: an empty page would compress to almost nothing.
func (w *window) savePicture(dir, name string) {
	w.t.Helper()
	name = filepath.Join(dir, name+".png")
	w.saveScreenshot(name)
	w.close()
	file, err := os.Open(name)
	require.NoError(w.t, err)
	defer func() { _ = file.Close() }()
	_, err = png.Decode(file)
	require.NoError(w.t, err)
	info, err := file.Stat()
	require.NoError(w.t, err)
	require.Greater(w.t, info.Size(), int64(15_000))
}

// E2E_SCREENSHOTS names the folder for the screenshots, such as docs/screenshots of this repository.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("E2E_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	insertTeam(t, "team")
	edit := func(w *window, name, field, value string) {
		editRow(w, name)
		w.fill("f-"+field, value)
	}
	for _, v := range []struct {
		name     string
		viewport viewport
	}{{"light", viewport{width: 1360, height: 850}}, {"dark", viewport{width: 1360, height: 850, dark: true}}} {
		w := openLive(t, "/?workspace=team", v.viewport)
		w.waitForRow("Frances Allen")
		w.openRow("Frances Allen")
		waitForAnimations(w)
		_, err := suite.db.Collection("contacts").UpdateMany(t.Context(), bson.D{{Key: "workspace", Value: "team"}, {Key: "lastName", Value: "Allen"}, {Key: "firstName", Value: bson.D{{Key: "$in", Value: bson.A{"Jean", "Tony"}}}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "company", Value: map[string]string{"light": "Bell Labs", "dark": "Xerox PARC"}[v.name]}}}})
		require.NoError(t, err)
		w.waitFor(`document.querySelectorAll(".row.flash.direct").length === 2`) // while the changed rows are highlighted
		w.savePicture(dir, v.name)
	}

	w := openLive(t, "/?workspace=team", viewport{width: 1360, height: 850})
	edit(w, "Ada Bartik", "notes", "Met at the change stream conference.")
	updateContacts(t, "team", "Bartik", bson.D{{Key: "notes", Value: "Prefers to be called."}, {Key: "phone", Value: "+1 215 555 0146"}})
	w.waitFor(`document.querySelector(".conflict")`)
	w.exec(`document.querySelector(".conflict").scrollIntoView({ block: "end" })`)
	waitForAnimations(w)
	w.savePicture(dir, "conflict")

	phone := viewport{width: 390, height: 844, phone: true}
	w = openLive(t, "/?workspace=team", phone)
	w.waitForRow("Frances Allen")
	waitForAnimations(w)
	w.savePicture(dir, "phone")
	w = openLive(t, "/?workspace=team", phone)
	w.openRow("Frances Allen")
	waitForAnimations(w)
	w.savePicture(dir, "phone-contact")

	german := viewport{width: 1360, height: 850, script: `localStorage.setItem("grapevine.language", "de");`}
	w = openLive(t, "/?workspace=team", german)
	w.openRow("Frances Allen")
	w.press("Bearbeiten")
	w.waitFor(`document.querySelector(".panel .fields")`)
	waitForAnimations(w)
	w.savePicture(dir, "german")
	w = openLive(t, "/?workspace=team", german)
	w.waitForRow("Frances Allen")
	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("allen")
	w.waitFor(`document.querySelectorAll("#palette .avatar").length > 1`)
	waitForAnimations(w)
	w.savePicture(dir, "palette")
	w = open(t, "/docs", viewport{width: 1360, height: 850})
	w.waitFor(`document.querySelectorAll(".operation").length > 20`)
	w.savePicture(dir, "api")

	w = openLive(t, "/?workspace=team&view=statistics", viewport{width: 1360, height: 850})
	w.waitFor(`document.querySelectorAll(".bars button").length > 10`)
	w.waitFor(`document.querySelector(".bar").getBoundingClientRect().width > 100`)
	waitForAnimations(w)
	w.savePicture(dir, "statistics")

	for _, v := range []viewport{{width: 1360, height: 900}, {width: 1360, height: 900, dark: true}, phone} {
		name := map[bool]string{false: "inspect", true: "inspect-dark"}[v.dark]
		if v.phone {
			name = "inspect-phone"
		}
		w = openLive(t, "/inspect?workspace=team", v)
		w.waitFor(`document.querySelectorAll(".graphs canvas").length === 2 && ui.text(".instances").includes("holds the lease")`)
		insertContacts(t, person("team", "Katherine", "Johnson "+name))
		w.waitFor(`document.querySelectorAll(".trace").length >= 1`)
		updateContacts(t, "team", "Johnson "+name, bson.D{{Key: "notes", Value: "Computes trajectories by hand."}, {Key: "company", Value: "Langley"}})
		w.waitFor(`document.querySelectorAll(".trace").length >= 2`)
		w.exec(`document.querySelector(".trace-row").click()`)
		w.waitFor(`document.querySelector(".detail")`)
		if !v.phone {
			w.waitFor(`Number(ui.text(".figure:nth-child(2) b")) === 0`)
		}
		waitForAnimations(w)
		w.savePicture(dir, name)
	}
}
