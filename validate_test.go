package grapevine

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func person(change func(*Contact)) *Contact {
	c := &Contact{Workspace: DefaultWorkspace, Kind: Person, FirstName: "Ada", LastName: "Lovelace"}
	if change != nil {
		change(c)
	}
	return c
}

func TestValidateNormalizes(t *testing.T) {
	tags := []string{" vip ", "", "vip", "Zu\u0308rich", "Zürich", "VIP"}
	c := person(func(c *Contact) {
		c.FirstName = "  Jose\u0301\t"
		c.Notes = "\n one\n\ttwo \n"
		c.Tags = tags
		c.Addresses = []Address{{City: " Bern "}, {Label: "  "}}
	})
	require.NoError(t, c.Validate())
	require.Equal(t, "José", c.FirstName)
	require.Equal(t, "one\n\ttwo", c.Notes)
	require.Equal(t, []string{"vip", "Zürich", "VIP"}, c.Tags)
	require.Equal(t, []Address{{City: "Bern"}}, c.Addresses)
	require.Equal(t, " vip ", tags[0], "the caller's array stays as it is")

	empty := person(nil)
	require.NoError(t, empty.Validate())
	require.NotNil(t, empty.Tags)
	require.NotNil(t, empty.Addresses)
}

func TestValidateNamesEveryBadField(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	for name, tt := range map[string]struct {
		change func(*Contact)
		want   []string
	}{
		"several, in order":         {func(c *Contact) { *c = Contact{Emails: []Entry{{Value: "x"}}, Title: long(201)} }, []string{"/title", "/emails/0/value", "/workspace", "/kind"}},
		"person without anything":   {func(c *Contact) { c.FirstName, c.LastName = " ", "" }, []string{"/firstName"}},
		"organization without name": {func(c *Contact) { c.Kind = Organization }, []string{"/name"}},
		"kind":                      {func(c *Contact) { c.Kind = "robot" }, []string{"/kind"}},
		"workspace":                 {func(c *Contact) { c.Workspace = "A" }, []string{"/workspace"}},
		"name too long":             {func(c *Contact) { c.FirstName, c.LastName, c.Name = long(201), long(201), long(201) }, []string{"/firstName", "/lastName", "/name"}},
		"company, owner":            {func(c *Contact) { c.Company, c.Owner = long(201), long(201) }, []string{"/company", "/owner"}},
		"e-mail too long":           {func(c *Contact) { c.Emails = []Entry{{Value: strings.Repeat("a", 250) + "@b.c" + "d"}} }, []string{"/emails/0/value"}},
		"e-mail with a name":        {func(c *Contact) { c.Emails = []Entry{{Value: "Ada <ada@example.com>"}} }, []string{"/emails/0/value"}},
		"two e-mails":               {func(c *Contact) { c.Emails = []Entry{{Value: "a@example.com,b@example.com"}} }, []string{"/emails/0/value"}},
		"e-mail without domain":     {func(c *Contact) { c.Emails = []Entry{{Value: "a@b.c"}, {Value: "a@"}} }, []string{"/emails/1/value"}},
		"label without value":       {func(c *Contact) { c.Phones = []Entry{{Label: "home"}} }, []string{"/phones/0/value"}},
		"label too long":            {func(c *Contact) { c.URLs = []Entry{{Label: long(65), Value: "x"}} }, []string{"/urls/0/label"}},
		"dates": {func(c *Contact) {
			c.Dates = []Entry{{Value: "2026-02-28"}, {Value: "--02-29"}, {Value: "2026-02-29"}, {Value: "--13-01"}, {Value: "12.4.2026"}}
		}, []string{"/dates/2/value", "/dates/3/value", "/dates/4/value"}},
		"notes":              {func(c *Contact) { c.Notes = long(16_385) }, []string{"/notes"}},
		"control in notes":   {func(c *Contact) { c.Notes = "a\x00b" }, []string{"/notes"}},
		"newline in name":    {func(c *Contact) { c.LastName = "a\nb" }, []string{"/lastName"}},
		"not UTF-8":          {func(c *Contact) { c.LastName = "a\xff" }, []string{"/lastName"}},
		"tag":                {func(c *Contact) { c.Tags = []string{"ok", long(65), "a\x7fb"} }, []string{"/tags/1", "/tags/2"}},
		"too many tags":      {func(c *Contact) { c.Tags = strings.Split(strings.Repeat("ab cd ", 1)+numbers(51), " ") }, []string{"/tags"}},
		"address":            {func(c *Contact) { c.Addresses = []Address{{}, {City: long(201), Country: "\x1b"}} }, []string{"/addresses/1/city", "/addresses/1/country"}},
		"too many addresses": {func(c *Contact) { c.Addresses = make([]Address, 51) }, []string{"/addresses"}},
		"organization id":    {func(c *Contact) { c.OrganizationID = "7" }, []string{"/organizationId"}},
		"its own organization": {func(c *Contact) {
			c.ID = "507f1f77bcf86cd799439011"
			c.OrganizationID = c.ID
		}, []string{"/organizationId"}},
		"too large in total": {func(c *Contact) {
			for range 20 {
				c.Addresses = append(c.Addresses, Address{Street: strings.Repeat("😀", 200), City: strings.Repeat("😀", 200), Region: strings.Repeat("😀", 200), PostalCode: strings.Repeat("😀", 200)})
			}
		}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			err := person(tt.change).Validate()
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, Invalid, e.Code)
			var got []string
			for _, f := range e.Fields {
				got = append(got, f.Pointer)
				require.NotEmpty(t, f.Detail)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" t")
		b.WriteRune(rune('a' + i%26))
		b.WriteRune(rune('a' + i/26))
	}
	return b.String()
}

func TestValidateAccepts(t *testing.T) {
	for name, change := range map[string]func(*Contact){
		"at the caps": func(c *Contact) {
			c.FirstName, c.Phones, c.Notes = strings.Repeat("é", 200), []Entry{{Label: strings.Repeat("é", 64), Value: strings.Repeat("1", 200)}}, strings.Repeat("é", 16_384)
		},
		"organization with a person's fields": func(c *Contact) { c.Kind, c.Name = Organization, "Acme" },
		"emoji with joiners":                  func(c *Contact) { c.FirstName = "👩‍👩‍👧" },
		"international e-mail":                func(c *Contact) { c.Emails = []Entry{{Value: "josé@exämple.com"}} },
		"an address that breaks the RFC":      func(c *Contact) { c.Emails = []Entry{{Value: "a..b@docomo.example"}} },
		"only a nickname":                     func(c *Contact) { *c = Contact{Workspace: DefaultWorkspace, Kind: Person, Nickname: "Ada"} },
		"only a phone": func(c *Contact) {
			*c = Contact{Workspace: DefaultWorkspace, Kind: Person, Phones: []Entry{{Value: "1"}}}
		},
		"street of two lines": func(c *Contact) { c.Addresses = []Address{{Street: "1 Main St\nFlat 2"}} },
	} {
		t.Run(name, func(t *testing.T) { require.NoError(t, person(change).Validate()) })
	}
}

// A valid contact is valid again, and a second Validate does not change it.
func FuzzValidate(f *testing.F) {
	f.Add("Ada", "a@example.com", "notes", "tag", "Bern")
	f.Add("Jose\u0301 ", "x", "\x00", "\xff", "\u00a0")
	f.Fuzz(func(t *testing.T, name, email, notes, tag, city string) {
		c := person(func(c *Contact) {
			c.FirstName, c.Emails, c.Notes, c.Tags, c.Addresses = name, []Entry{{Value: email}}, notes, []string{tag, tag}, []Address{{City: city}}
		})
		if c.Validate() != nil {
			return
		}
		again := *c
		require.NoError(t, again.Validate())
		require.Equal(t, *c, again)
		require.True(t, utf8.ValidString(c.FirstName+c.Notes+c.Emails[0].Value))
		require.LessOrEqual(t, len(c.Tags), 1)
		require.False(t, slices.Contains(c.Tags, ""))
	})
}
