package imports

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/transfer/record"
)

func person(change func(*grapevine.Contact)) grapevine.Contact {
	c := grapevine.NewContact()
	c.Kind, c.FirstName, c.LastName = grapevine.Person, "Ada", "Lovelace"
	change(&c)
	return c
}

func email(values ...string) func(*grapevine.Contact) {
	return func(c *grapevine.Contact) {
		for _, value := range values {
			c.Emails = append(c.Emails, grapevine.Entry{Value: value})
		}
	}
}

func TestPlan(t *testing.T) {
	stored := person(func(c *grapevine.Contact) {
		c.ID, c.UID, c.Company, c.Tags = "00000000000000000000000a", "urn:1", "Analytical", []string{"x", "y"}
		c.Emails = []grapevine.Entry{{Label: "work", Value: "ada@example.com"}, {Value: "b@example.com"}}
		c.Addresses = []grapevine.Address{{Label: "home", City: "London", Country: "GB"}}
	})
	const created, updated, unchanged = "created", "updated", "unchanged"
	for name, test := range map[string]struct {
		row  func(*grapevine.Contact)
		want map[OnMatch]string
	}{
		"the same":               {func(c *grapevine.Contact) { *c = stored.Clone(); c.ID, c.UID = "", "" }, map[OnMatch]string{Skip: unchanged, Update: unchanged, Add: created}},
		"a part of it":           {func(c *grapevine.Contact) { email("ada@example.com")(c); c.Tags = []string{"y"} }, map[OnMatch]string{Skip: unchanged, Update: unchanged, Add: created}},
		"a name alone":           {func(*grapevine.Contact) {}, map[OnMatch]string{Skip: unchanged, Update: unchanged, Add: created}},
		"a part of an address":   {func(c *grapevine.Contact) { c.Addresses = []grapevine.Address{{City: "London"}} }, map[OnMatch]string{Skip: unchanged, Update: unchanged, Add: created}},
		"one more value":         {func(c *grapevine.Contact) { email("ada@example.com", "c@example.com")(c) }, map[OnMatch]string{Skip: created, Update: updated, Add: created}},
		"another label":          {func(c *grapevine.Contact) { c.Emails = []grapevine.Entry{{Label: "home", Value: "ada@example.com"}} }, map[OnMatch]string{Skip: created, Update: updated}},
		"another kind":           {func(c *grapevine.Contact) { c.Kind, c.Name = grapevine.Organization, "Ada Lovelace" }, map[OnMatch]string{Skip: created, Update: created}},
		"the uid, other values":  {func(c *grapevine.Contact) { c.UID, c.Company = "urn:1", "Other" }, map[OnMatch]string{Skip: unchanged, Update: updated, Add: created}},
		"the id as uid":          {func(c *grapevine.Contact) { c.UID = stored.ID }, map[OnMatch]string{Skip: unchanged, Update: unchanged, Add: created}},
		"another uid, the same":  {func(c *grapevine.Contact) { c.UID = "urn:2"; email("ada@example.com")(c) }, map[OnMatch]string{Skip: created, Update: created}},
		"the e-mail of somebody": {func(c *grapevine.Contact) { c.FirstName = "Eve"; email("b@example.com")(c) }, map[OnMatch]string{Skip: created, Update: updated}},
	} {
		t.Run(name, func(t *testing.T) {
			for onMatch, want := range test.want {
				known := newMatcher(nil)
				if onMatch != Add {
					known = newMatcher([]grapevine.Contact{stored, stored})
				}
				p := planner{id: bson.NewObjectID(), created: time.Now(), onMatch: onMatch}
				report := newReport()
				todo := p.plan([]record.Row{{Line: 1, Contact: person(test.row)}}, 0, known, &report)
				got := map[bool]string{len(todo.creates) == 1: created, len(todo.updates) == 1: updated, report.Unchanged == 1: unchanged}[true]
				require.Equal(t, want, got, onMatch)
			}
		})
	}
}

// Rows of one file can be the same contact.
func TestRowsOfOneContact(t *testing.T) {
	rows := func() []record.Row {
		return []record.Row{
			{Line: 1, Contact: person(email("a@example.com"))},
			{Line: 2, Contact: person(email("a@example.com"))},
			{Line: 3, Contact: person(func(c *grapevine.Contact) { email("a@example.com")(c); c.Title = "Countess" })},
			{Line: 4, Skipped: "no name"},
		}
	}
	p := planner{id: bson.NewObjectID(), created: time.Now(), onMatch: Update}
	report := newReport()
	first := p.plan(rows(), 0, newMatcher(nil), &report)
	require.Len(t, first.creates, 1)
	require.Equal(t, "Countess", first.creates[0].Contact.Title)
	require.Equal(t, []int{4, 1, 1, 1}, []int{report.Read, report.Unchanged, report.Updated, len(report.Skipped)})

	p.onMatch, report = Skip, newReport()
	skipped := p.plan(rows(), 0, newMatcher(nil), &report)
	require.Len(t, skipped.creates, 2, "the title is new")
	// A run that repeats the rows finds what the first one made, and makes no other ids.
	again := p.plan(rows(), 0, newMatcher(created(skipped)), &report)
	require.Empty(t, cmp.Diff(created(skipped), created(again), cmpopts.EquateEmpty()))
}

func TestMergedKeepsWhatTheRowLacks(t *testing.T) {
	c := person(func(c *grapevine.Contact) {
		c.Notes, c.Tags = "n", []string{"x"}
		c.Emails = []grapevine.Entry{{Label: "work", Value: "a"}}
		c.Addresses = []grapevine.Address{{City: "London", Country: "GB"}}
	})
	row := person(func(c *grapevine.Contact) {
		c.LastName, c.Tags = "King", []string{"y", "x"}
		c.Emails = []grapevine.Entry{{Label: "home", Value: "a"}, {Value: "b"}}
		c.Addresses = []grapevine.Address{{City: "London"}, {City: "Paris"}}
	})
	want := person(func(c *grapevine.Contact) {
		c.LastName, c.Notes, c.Tags = "King", "n", []string{"x", "y"}
		c.Emails = []grapevine.Entry{{Label: "home", Value: "a"}, {Value: "b"}}
		c.Addresses = []grapevine.Address{{City: "London", Country: "GB"}, {City: "Paris"}}
	})
	require.Empty(t, cmp.Diff(want, merged(c, &row)))
	require.True(t, holds(&want, &row))
}

// However many rows are wrong, the report is bounded.
func TestReportIsBounded(t *testing.T) {
	r := newReport()
	long := string(make([]byte, 1<<20))
	for line := range 170_000 {
		r.skip(line, long)
		r.note(record.Note{Line: line, Field: long, Note: long})
	}
	require.Len(t, r.Skipped, maxListed)
	require.Len(t, r.Notes, maxListed)
	require.Equal(t, 2*(170_000-maxListed), r.More)
	text, err := bson.Marshal(r)
	require.NoError(t, err)
	require.Less(t, len(text), 300<<10)
}

func TestRowsHaveDifferentIDs(t *testing.T) {
	id, at := bson.NewObjectID(), time.Now()
	seen := map[string]bool{}
	for n := range 1000 {
		seen[contactID(id, at, n)] = true
		seen[contactID(bson.NewObjectID(), at, n)] = true
	}
	require.Len(t, seen, 2000)
	require.Less(t, contactID(id, at, 7), contactID(id, at, 8), "the order of the file")
}

// created are the new contacts of a plan.
func created(p *plan) (list []grapevine.Contact) {
	for i := range p.creates {
		list = append(list, p.creates[i].Contact)
	}
	return list
}
