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

// team fills a workspace with people fit to be seen in the README.
func team(t *testing.T, workspace string) {
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
	insert(t, all...)
}

// picture keeps one and looks whether it shows anything: of one colour it would be tiny.
func (w *window) picture(dir, name string) {
	w.t.Helper()
	name = filepath.Join(dir, name+".png")
	w.keepAs(name)
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

// E2E_SCREENSHOTS names the folder they go to, such as docs/screenshots of this repository.
func TestPictures(t *testing.T) {
	dir := os.Getenv("E2E_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	team(t, "team")
	edit := func(w *window, name, field, value string) {
		w.openRow(name)
		w.fill("f-"+field, value)
	}
	for _, l := range []struct {
		name string
		look look
	}{{"light", look{width: 1360, height: 850}}, {"dark", look{width: 1360, height: 850, dark: true}}} {
		w := live(t, "/?workspace=team", l.look)
		w.has("Frances Allen")
		w.openRow("Frances Allen")
		w.quiet()
		_, err := world.db.Collection("contacts").UpdateMany(t.Context(), bson.D{{Key: "workspace", Value: "team"}, {Key: "lastName", Value: "Allen"}, {Key: "firstName", Value: bson.D{{Key: "$in", Value: bson.A{"Jean", "Tony"}}}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "company", Value: map[string]string{"light": "Bell Labs", "dark": "Xerox PARC"}[l.name]}}}})
		require.NoError(t, err)
		w.until(`document.querySelectorAll(".row.flash.direct").length === 2`) // while the rows that changed are lit
		w.picture(dir, l.name)
	}

	w := live(t, "/?workspace=team", look{width: 1360, height: 850})
	edit(w, "Ada Bartik", "notes", "Met at the change stream conference.")
	set(t, "team", "Bartik", bson.D{{Key: "notes", Value: "Prefers to be called."}, {Key: "phone", Value: "+1 215 555 0146"}})
	w.until(`document.querySelector(".conflict")`)
	w.quiet()
	w.picture(dir, "conflict")

	phone := look{width: 390, height: 844, phone: true}
	w = live(t, "/?workspace=team", phone)
	w.has("Frances Allen")
	w.quiet()
	w.picture(dir, "phone")
	w = live(t, "/?workspace=team", phone)
	w.openRow("Frances Allen")
	w.quiet()
	w.picture(dir, "phone-contact")

	w = live(t, "/?workspace=team&view=statistics", look{width: 1360, height: 850})
	w.until(`document.querySelectorAll(".bars button").length > 10`)
	w.until(`document.querySelector(".bar").getBoundingClientRect().width > 100`)
	w.quiet()
	w.picture(dir, "statistics")

	for _, l := range []look{{width: 1360, height: 900}, {width: 1360, height: 900, dark: true}, phone} {
		name := map[bool]string{false: "inspect", true: "inspect-dark"}[l.dark]
		if l.phone {
			name = "inspect-phone"
		}
		w = live(t, "/inspect?workspace=team", l)
		w.until(`document.querySelectorAll(".graphs canvas").length === 2 && seen.text(".instances").includes("holds the lease")`)
		insert(t, person("team", "Katherine", "Johnson "+name))
		w.until(`document.querySelectorAll(".trace").length >= 1`)
		set(t, "team", "Johnson "+name, bson.D{{Key: "notes", Value: "Computes trajectories by hand."}, {Key: "company", Value: "Langley"}})
		w.until(`document.querySelectorAll(".trace").length >= 2`)
		w.do(`document.querySelector(".trace-row").click()`)
		w.until(`document.querySelector(".detail")`)
		if !l.phone {
			w.until(`Number(seen.text(".figure:nth-child(2) b")) === 0`)
		}
		w.quiet()
		w.picture(dir, name)
	}
}
