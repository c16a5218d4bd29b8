package store_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"grapevine"
)

func TestScratch(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("SCRATCH_N"))
	if n == 0 {
		return
	}
	s, _ := prepared(t)
	ctx := t.Context()
	t0 := time.Now()
	if err := s.Seed(ctx, ws, n, 1, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d: %v = %.0f/s", n, time.Since(t0), float64(n)/time.Since(t0).Seconds())
	run := func(name string, q grapevine.Query) {
		q.Workspace, q.Limit = ws, 50
		var items int
		for p := range 3 {
			t0 := time.Now()
			page, err := s.List(ctx, q, grapevine.Position{})
			d := time.Since(t0)
			items = len(page.Items)
			t.Logf("%-28s page %d: %3d items %8.2f ms err %v", name, p+1, items, float64(d.Microseconds())/1000, err)
			if page.Next == nil {
				break
			}
			q.After = *page.Next
		}
	}
	for _, so := range sorts {
		run("sort "+string(so), grapevine.Query{Sort: so})
	}
	co, _ := s.Stats(ctx, ws, grapevine.PerCompany, grapevine.Position{})
	run("company popular "+strconv.Itoa(int(co[0].Count)), grapevine.Query{Company: co[0].Value})
	run("company popular+tag", grapevine.Query{Company: co[0].Value, Tag: "vip"})
	last := co[len(co)-1]
	run("company rare "+strconv.Itoa(int(last.Count)), grapevine.Query{Company: last.Value})
	run("tag", grapevine.Query{Tag: "vip"})
	run("tag absent", grapevine.Query{Tag: "nope"})
	run("kind org", grapevine.Query{Kind: grapevine.Organization})
	run("kind org created", grapevine.Query{Kind: grapevine.Organization, Sort: grapevine.ByCreatedDesc})
	run("owner", grapevine.Query{Owner: "sam", Sort: grapevine.ByCompany})
	run("prefix m", grapevine.Query{Prefix: "m"})
	run("prefix smi", grapevine.Query{Prefix: "smi"})
	run("prefix smit created", grapevine.Query{Prefix: "smit", Sort: grapevine.ByCreated})
	run("prefix zzz", grapevine.Query{Prefix: "zzz"})
	run("two popular, disjoint", grapevine.Query{Kind: grapevine.Organization, Prefix: "mi"})
	run("search smith", grapevine.Query{Text: "smith"})
	run("search anna smith vip", grapevine.Query{Text: "anna smith"})
	run("search morning", grapevine.Query{Text: "morning"})
	for _, st := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
		t0 := time.Now()
		c, err := s.Stats(ctx, ws, st, grapevine.Position{})
		t.Logf("stats %s: %d %v %v", st, len(c), time.Since(t0), err)
	}
}
