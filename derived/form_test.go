package derived

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func typicalContact() grapevine.Contact {
	return grapevine.Contact{
		ID: "65f000000000000000000001", Workspace: "default", Kind: grapevine.Person,
		FirstName: "Zoë", LastName: "Müller", Nickname: "Zed", Company: "Grünwerk GmbH", Title: "Head of Design",
		OrganizationID: "65f000000000000000000002", Owner: "ada",
		Emails: []grapevine.Entry{{Label: "work", Value: "zoe.mueller@gruenwerk.example"}},
		Phones: []grapevine.Entry{{Value: "+49 (0)30 / 12-34 56"}},
		Tags:   []string{"VIP", "Cafe\u0301"},

		CreatedAt: grapevine.Time{Time: time.UnixMilli(1_700_000_000_123)}, UpdatedAt: grapevine.Time{Time: time.UnixMilli(1_700_000_000_456)},
	}
}

func TestOf(t *testing.T) {
	contact := typicalContact()
	form := Of(&contact)
	require.Equal(t, sourceHash(&contact), form.Of)
	form.Of = ""
	require.Equal(t, Form{
		Name:    "muller\tzoe\tzed",
		Company: "grunwerk gmbh",
		Created: 1_700_000_000_123,
		Updated: 1_700_000_000_456,
		Words: []string{
			"n:muller", "n:zoe", "n:zed",
			"e:zoe.mueller@gruenwerk.example", "e:mueller", "e:mueller@gruenwerk.example", "e:gruenwerk", "e:gruenwerk.example", "e:example",
			"c:grunwerk", "c:gmbh", "c:head", "c:of", "c:design", "c:vip", "c:cafe",
		},
		Phones: []string{"-6543210394", "+4930123456", "030123456", "30123456"},
		Facets: []string{"k:person", "o:ada", "c:Grünwerk GmbH", "p:65f000000000000000000002", "t:VIP", "t:Café"},
	}, form)
	empty := grapevine.Contact{Kind: grapevine.Person, CreatedAt: contact.CreatedAt, UpdatedAt: contact.UpdatedAt}
	require.Equal(t, Form{
		Name: NoText, Company: NoText, Created: 1_700_000_000_123, Updated: 1_700_000_000_456,
		Words: []string{}, Phones: []string{}, Facets: []string{"k:person", "e:0", "n:0"}, Of: sourceHash(&empty),
	}, Of(&empty))
}

// Whatever somebody stores in MongoDB, the derived part is small.
func TestOfIsBounded(t *testing.T) {
	long := strings.Repeat("山田 \u0301Ada@b.c ﷺ\xff", 50_000)
	contact := grapevine.Contact{
		LastName: long, FirstName: strings.Repeat("山", 100_000), Nickname: strings.Repeat("ﷺ", 100_000), Company: strings.Repeat("a", 1_000_000),
		Owner: long, Title: long, Notes: long,
	}
	for i := range 10_000 {
		contact.Emails = append(contact.Emails, grapevine.Entry{Value: strconv.Itoa(i) + long[:10_000]})
		contact.Phones = append(contact.Phones, grapevine.Entry{Value: strings.Repeat(strconv.Itoa(i), 1000)})
		contact.Tags = append(contact.Tags, "tag"+strconv.Itoa(i))
	}
	form := Of(&contact)
	require.LessOrEqual(t, len(form.Words), maxWords)
	require.LessOrEqual(t, len(form.Phones), 5*grapevine.MaxEntries)
	require.LessOrEqual(t, len(form.Facets), grapevine.MaxEntries+6)
	text, err := json.Marshal(form)
	require.NoError(t, err)
	require.Less(t, len(text), 150_000)
}

// All words of a contact with full lists are found.
func TestOfHoldsFullLists(t *testing.T) {
	contact := typicalContact()
	for i := len(contact.Emails); i < grapevine.MaxEntries; i++ {
		contact.Emails = append(contact.Emails, grapevine.Entry{Value: "first" + strconv.Itoa(i) + ".last" + strconv.Itoa(i) + "@mail" + strconv.Itoa(i) + ".example"})
		contact.Tags = append(contact.Tags, "tag"+strconv.Itoa(i))
	}
	require.Contains(t, Of(&contact).Words, "c:tag48")
}

func TestIsNewer(t *testing.T) {
	contact := typicalContact()
	of := Of(&contact).Of
	require.True(t, IsNewer(strconv.Itoa(Version+1)+".other"))
	for _, not := range []string{"", "x", of, of + "x", strconv.Itoa(Version), strconv.Itoa(Version-1) + of[1:], strings.Split(of, ".")[1]} {
		require.False(t, IsNewer(not), "%q", not)
	}
}

// The hash covers what Of reads, and Sources names it.
func TestSourcesAreWhatTheFormIsMadeOf(t *testing.T) {
	require.Subset(t, Sources(), []string{"email", "emails", "phone", "phones"})
	sources := map[string]bool{}
	for _, name := range Sources() {
		sources[name] = true
	}
	for _, field := range grapevine.ContactFields {
		contact := typicalContact()
		before := Of(&contact)
		switch field.Type {
		case grapevine.TextsField:
			*field.Texts(&contact) = append(*field.Texts(&contact), "other")
		case grapevine.RecordsField:
			field.Records.Append(&contact)
			last := field.Records.Len(&contact) - 1
			for i := range field.Records.SubFields() {
				*field.Records.Text(&contact, last, i) = "other 123"
			}
		case grapevine.TextField, grapevine.IDField:
			*field.Text(&contact) = "other"
		}
		after := Of(&contact)
		require.Equal(t, sources[field.Name], before.Of != after.Of, field.Name)
		before.Of, after.Of = "", ""
		require.Equal(t, sources[field.Name], !reflect.DeepEqual(before, after), field.Name)
	}
	require.Subset(t, Sources(), []string{"createdAt", "updatedAt"})
	contact := typicalContact()
	of := Of(&contact).Of
	contact.UpdatedAt = contact.CreatedAt
	require.NotEqual(t, of, Of(&contact).Of)
	contact = typicalContact()
	contact.CreatedAt = contact.UpdatedAt
	require.NotEqual(t, of, Of(&contact).Of)
}

func BenchmarkOf(b *testing.B) {
	contact := typicalContact()
	for b.Loop() {
		Of(&contact)
	}
}
