package grapevine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANameWithoutAnythingVisibleIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"zero-width spaces":           "\u200b\u200c\u200d\u2060",
		"a byte order mark":           "\ufeff",
		"soft hyphens":                "\u00ad\u00ad",
		"an override without its end": "\u202e",
		"balanced isolates":           "\u2066\u2069",
		"direction marks":             "\u200e\u200f\u061c",
		"a noncharacter":              "\uffff",
		"a noncharacter of plane 1":   "\U0001fffe",
		"Hangul fillers":              "\u115f\u1160\u3164\uffa0",
		"Khmer inherent vowels":       "\u17b4\u17b5",
		"Mongolian separators":        "\u180e\u180b",
		"a Braille blank":             "\u2800",
		"tag characters":              "\U000e0041\U000e007f",
		"variation selectors":         "\ufe0f\U000e0100",
		"invisible operators":         "\u2061\u2064\u206a",
		"a grapheme joiner":           "\u034f",
		"interlinear annotations":     "\ufff9\ufffb",
		"musical format characters":   "\U0001d173",
		"combining marks":             "\u0301\u20dd",
		"controls":                    "\x01\x02\u0085\u009f",
		"blanks between":              "\u200b \u3000 \u200b",
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, person(func(c *Contact) { c.FirstName, c.LastName = text, "" }).Validate())
			require.Error(t, (&Contact{Workspace: DefaultWorkspace, Kind: Organization, Name: text}).Validate())
			if balanceDirections(text) != "" { // otherwise the text is empty, like one of blanks
				require.Error(t, person(func(c *Contact) { c.LastName = text }).Validate())
				require.Error(t, person(func(c *Contact) { c.Tags = []string{text} }).Validate())
				require.Error(t, person(func(c *Contact) { c.Addresses = []Address{{City: text}} }).Validate())
			}
		})
	}
}

func TestNamesOfEveryScriptStayAsTheyAre(t *testing.T) {
	for _, name := range []string{
		"👩‍👩‍👧", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "❤️", "1️⃣", "👍🏽",
		"علی\u200cرضا", "می\u200cخواهم", "שָׁלוֹם", "عبد الله", "क्\u200dष", "ශ්\u200dරී", "小龍", "葛\U000e0100城", "ᠮᠣᠩᠭᠣᠯ\u180eᠠ", "O’Neil", "x", "7", "—", "\ufffd",
		"Ada \u2068עדה\u2069 Lovelace", "\u200fעדה\u200f", "a\u202bb\u202cc", "\u2067\u202aa\u202c\u2069",
	} {
		c := person(func(c *Contact) { c.FirstName, c.LastName, c.Notes, c.Tags = name, name, name, []string{name} })
		require.NoError(t, c.Validate(), "%+q", name)
		require.Equal(t, []string{name, name, name, name}, []string{c.FirstName, c.LastName, c.Notes, c.Tags[0]}, "%+q", name)
	}
}

func TestUnbalancedDirectionsAreRemoved(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Ada\u202e ecalevoL", "Ada ecalevoL"},
		{"a\u2067b", "ab"},
		{"a\u2069b\u202c", "ab"},
		{"\u2066a\u202bb\u2069c\u202c", "\u2066ab\u2069c"},
		{"\u202aa\u2067b\u202cc\u2069", "a\u2067bc\u2069"},
		{"\u202ea\nb\u202c", "a\nb"},
		{"\u202ea\u202c\n\u202eb", "\u202ea\u202c\nb"},
		{"e\u202e\u0301", "é"},
	} {
		c := person(func(c *Contact) { c.Notes = test.text })
		require.NoError(t, c.Validate())
		require.Equal(t, test.want, c.Notes, "%+q", test.text)
	}
}

func TestAnEditJudgesTheChangedFieldsOnly(t *testing.T) {
	long := make([]byte, 2*MaxContactBytes)
	for i := range long {
		long[i] = 'x'
	}
	before := Contact{
		Workspace: DefaultWorkspace, FirstName: " blank", LastName: "\u200b", Emails: []Entry{{Value: "n/a"}}, Company: "\xff", OrganizationID: "7",
		Notes: string(long), Tags: []string{"a", "a", ""}, Addresses: []Address{{}, {City: "\x00"}}, Owner: "e\u0301",
	}
	after := before.Clone()
	after.Phones = []Entry{{Value: " 1 "}}
	require.NoError(t, after.ValidateEdit(&before))
	want := before.Clone()
	want.Phones = []Entry{{Value: "1"}}
	require.Equal(t, want, after)

	for pointer, change := range map[string]func(*Contact){
		"/emails/0/value": func(c *Contact) { c.Emails = []Entry{{Value: "n/b"}} },
		"/notes":          func(c *Contact) { c.Notes = c.Notes[1:] },
		"/lastName":       func(c *Contact) { c.LastName = "\u200c" },
		"/addresses":      func(c *Contact) { c.Addresses = make([]Address, MaxEntries+1) },
	} {
		after := before.Clone()
		change(&after)
		err := after.ValidateEdit(&before)
		var invalid *Error
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, pointer, invalid.Fields[0].Pointer)
	}
}
