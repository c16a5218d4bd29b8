package record_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/transfer/record"
)

// odd are texts that a contact takes only in another form, or not at all.
var odd = []string{
	"", " ", "a", "\n", "\r\n", "\t", "\x00", "\x7f", "\u0085", "\u2028", "\u200b", "\u2800", "\ufeff", "\ufdd0", "\U0001fffe", "\u202e", "\u2066", "\xff",
	"e\u0301", "\u0958", "👩‍👩‍👧", "@", "a@b", ";", ",", strings.Repeat("x", 65), strings.Repeat("é", 210), strings.Repeat("y z", 700), "\u0301",
}

// oddContact is a contact with a token in each text. large contacts are beyond every limit.
func oddContact(r *rand.Rand, large bool) (c grapevine.Contact, tokens []string) {
	text := func() string {
		token := fmt.Sprintf("token%d", len(tokens))
		tokens = append(tokens, token)
		before, after := odd[r.IntN(len(odd))], odd[r.IntN(len(odd))]
		if large && r.IntN(40) == 0 {
			after += strings.Repeat("long ", 4000)
		}
		return before + token + after
	}
	c = grapevine.NewContact()
	for _, f := range grapevine.ContactFields {
		if r.IntN(4) == 0 {
			continue
		}
		entries := r.IntN(4)
		if r.IntN(10) == 0 || large {
			entries = r.IntN(120)
		}
		if !large && f.Name != "custom" && f.Name != "tags" {
			entries = min(entries, 52)
		}
		switch f.Type {
		case grapevine.TextField:
			if f.Max > 0 {
				*f.Text(&c) = text()
			}
		case grapevine.IDField:
			*f.Text(&c) = []string{"", "x", strings.Repeat("0", 24)}[r.IntN(3)]
		case grapevine.TextsField:
			for range entries {
				*f.Texts(&c) = append(*f.Texts(&c), text())
			}
		case grapevine.RecordsField:
			for i := range entries {
				f.Records.Append(&c)
				for j := range f.Records.SubFields() {
					*f.Records.Text(&c, i, j) = text()
				}
			}
		}
	}
	c.Kind = []grapevine.Kind{"", grapevine.Person, grapevine.Organization, "robot"}[r.IntN(4)]
	return c, tokens
}

func TestFitLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 5)) //nolint:gosec // the same contacts each time
	for i := range 250 {
		large := i%20 == 0
		c, tokens := oddContact(r, large)
		row := record.Row{Line: 7, Contact: c.Clone()}
		record.Fit(&row)
		if row.Skipped != "" {
			require.Empty(t, row.Contact.DisplayName(), row.Skipped)
			continue
		}
		require.Equal(t, c.Workspace, row.Contact.Workspace)
		row.Contact.Workspace = "default"
		before := row.Contact.Clone()
		require.NoError(t, row.Contact.Validate())
		require.Empty(t, cmp.Diff(before, row.Contact), "it was normalised already")
		text, err := json.Marshal(row.Contact)
		require.NoError(t, err)
		for _, e := range row.Contact.Custom {
			text = append(text, e.Value...) // a long one continues in the next
		}
		notes, err := json.Marshal(row.Notes)
		require.NoError(t, err)
		lost := strings.Contains(string(notes), "left out")
		for _, token := range tokens {
			require.True(t, lost || strings.Contains(string(text), token), "%s is lost of %+v\n%s", token, c, notes)
		}
		require.True(t, large || !lost || len(text) > 20_000, "nothing is lost of a small contact")
		again := record.Row{Contact: row.Contact.Clone()}
		record.Fit(&again)
		require.Empty(t, cmp.Diff(row.Contact, again.Contact), "what fits stays as it is")
		require.Empty(t, again.Notes)
	}
}

func TestFit(t *testing.T) {
	long := strings.Repeat("n", grapevine.MaxName+1)
	entry := func(label, value string) grapevine.Entry { return grapevine.Entry{Label: label, Value: value} }
	for name, test := range map[string]struct {
		contact grapevine.Contact
		want    grapevine.Contact
		notes   []string // one of each begins like this
		skipped string
	}{
		"a text that is too long": {
			grapevine.Contact{FirstName: long},
			grapevine.Contact{FirstName: long[1:], Custom: []grapevine.Entry{entry("firstName", long)}},
			[]string{`firstName: "nnn`},
			"",
		},
		"notes continue in a custom field": {
			grapevine.Contact{FirstName: "A", Notes: strings.Repeat("o", grapevine.MaxNotes) + " rest"},
			grapevine.Contact{FirstName: "A", Notes: strings.Repeat("o", grapevine.MaxNotes), Custom: []grapevine.Entry{entry("notes", "rest")}},
			[]string{"notes: the text is longer than 16384 characters"},
			"",
		},
		"no e-mail address": {
			grapevine.Contact{FirstName: "A", Emails: []grapevine.Entry{entry("work", "a at b"), entry("", "a@b")}},
			grapevine.Contact{FirstName: "A", Emails: []grapevine.Entry{entry("", "a@b")}, Custom: []grapevine.Entry{entry("work email", "a at b")}},
			[]string{`work email: "a at b" is not an e-mail address`},
			"",
		},
		"no date": {
			grapevine.Contact{FirstName: "A", Dates: []grapevine.Entry{entry("birthday", "spring")}},
			grapevine.Contact{FirstName: "A", Custom: []grapevine.Entry{entry("birthday", "spring")}},
			[]string{`birthday: "spring" must be a date`},
			"",
		},
		"a uid that is too long is no uid": {
			grapevine.Contact{FirstName: "A", UID: strings.Repeat("u", 256)},
			grapevine.Contact{FirstName: "A", Custom: []grapevine.Entry{entry("uid", strings.Repeat("u", 256))}},
			[]string{`uid: "uuu`},
			"",
		},
		"an organization without a name": {
			grapevine.Contact{Kind: grapevine.Organization, Emails: []grapevine.Entry{entry("", "a@b")}},
			grapevine.Contact{Emails: []grapevine.Entry{entry("", "a@b")}},
			[]string{"kind: an organization needs a name"},
			"",
		},
		"line breaks and labels without a value": {
			grapevine.Contact{FirstName: "A\r\nB", Phones: []grapevine.Entry{entry("work", ""), entry("home", "1")}},
			grapevine.Contact{FirstName: "A B", Phones: []grapevine.Entry{entry("home", "1")}},
			nil, "",
		},
		"nothing to call it by": {
			grapevine.Contact{Notes: "x", Emails: []grapevine.Entry{entry("", "nobody")}},
			grapevine.Contact{},
			nil, "there is no name, company, e-mail address or phone number to call the contact by",
		},
	} {
		t.Run(name, func(t *testing.T) {
			row := record.Row{Line: 3, Contact: test.contact.Clone()}
			record.Fit(&row)
			require.Equal(t, test.skipped, row.Skipped)
			if test.skipped != "" {
				return
			}
			want := test.want.Clone()
			want.Kind = grapevine.Person
			require.Empty(t, cmp.Diff(want, row.Contact))
			require.Len(t, row.Notes, len(test.notes))
			for i, note := range row.Notes {
				require.Equal(t, 3, note.Line)
				require.True(t, strings.HasPrefix(note.Field+": "+note.Note, test.notes[i]), note)
			}
		})
	}
}
