package api_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/transfer"
	"grapevine/transfer/record/recordtest"
)

// readExport reads a file as an import does.
func readExport(t *testing.T, file string) (contacts []grapevine.Contact) {
	t.Helper()
	reader, err := transfer.Open(func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil }, transfer.Options{Workspace: "default"})
	require.NoError(t, err)
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return contacts
		}
		require.NoError(t, err)
		require.Empty(t, row.Skipped)
		require.Empty(t, row.Notes)
		contacts = append(contacts, row.Contact)
	}
}

// Whatever the contacts hold, an export of several pages has each of them, as the API shows it.
func TestExportHoldsEachContact(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(18, 7)) //nolint:gosec // the same contacts each time
	var many []grapevine.Contact
	for len(many) < grapevine.MaxLimit+50 {
		c := recordtest.NastyContact(r)
		c.OrganizationID, c.UID = "", fmt.Sprint("uid ", len(many)) // there is no such organization
		c.ID = bson.NewObjectID().Hex()
		if c.Validate() == nil {
			many = append(many, c)
		}
	}
	_, at, err := h.store.AddImported(t.Context(), grapevine.ImportedContacts{Contacts: many})
	require.NoError(t, err)
	page, err := h.store.List(t.Context(), grapevine.Query{Workspace: "default", Limit: grapevine.MaxLimit}, at)
	require.NoError(t, err)
	byUID := map[string]grapevine.Contact{}
	for _, item := range page.Items {
		if !item.Truncated {
			byUID[item.UID] = item.Contact
		}
	}
	for format, f := range transfer.Formats {
		a := h.get("/contacts/export?format="+format, header{"Min-Position": at.String()})
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, f.MediaType, a.header.Get("Content-Type"))
		require.Equal(t, `attachment; filename="contacts-default.`+f.Suffix+`"`, a.header.Get("Content-Disposition"))
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
		position, err := grapevine.ParsePosition(a.header.Get("Position"))
		require.NoError(t, err)
		require.False(t, position.Before(at))
		contacts := readExport(t, a.body)
		require.Len(t, contacts, len(many))
		compared := 0
		for _, c := range contacts {
			if want, found := byUID[c.UID]; found {
				compared++
				ignored := cmpopts.IgnoreFields(grapevine.Contact{}, "ID", "Workspace", "CreatedAt", "UpdatedAt", "ETag")
				require.Empty(t, cmp.Diff(want, c, ignored), format)
			}
		}
		require.Equal(t, len(byUID), compared)
		require.Equal(t, 200, h.do("HEAD", "/contacts/export?format="+format, nil, "").status)
	}
}

func TestExportFollowsTheFilters(t *testing.T) {
	h := newHarness(t)
	h.create(`{"firstName":"Ada","tags":["vip"]}`)
	a := h.create(`{"kind":"organization","name":"Engines","tags":["vip"]}`)
	h.create(`{"kind":"organization","name":"Other"}`)
	after := header{"Min-Position": a.header.Get("Position")}
	require.Len(t, readExport(t, h.get("/contacts/export?format=ndjson&tag=vip", after).body), 2)
	require.Len(t, readExport(t, h.get("/contacts/export?format=ndjson&tag=vip&kind=organization", after).body), 1)
	require.Empty(t, h.get("/contacts/export?format=vcard&tag=none", after).body)
	refused := h.get("/contacts/export?format=csv&sort=name", nil)
	require.Equal(t, 400, refused.status, "a file is in the order of the ids")
	require.Contains(t, h.get("/contacts/export?format=xls", nil).body, "csv, ndjson, vcard, vcard4")
}
