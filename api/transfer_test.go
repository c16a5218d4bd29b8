package api_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/store"
)

var csvFile = header{"Content-Type": "text/csv; charset=utf-8"}

func TestImportIsAllOrNothing(t *testing.T) {
	h := newHarness(t)
	a := h.do("POST", "/contacts/import", csvFile, "First Name,email\nAda,ada@example.com\n,bob@example.com\n\"two\nlines\",x\nEve,nobody\n")
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/lines/3/firstName", "/lines/4/email", "/lines/4/firstName", "/lines/6/email"}, a.pointers(t))

	a = h.do("POST", "/contacts/import", header{"Content-Type": "application/x-ndjson"}, `{"firstName":"A"}`+"\n\n"+`{"firstname":"B"}`+"\n"+`{"a":`+"\n")
	require.Equal(t, 422, a.status)
	require.ElementsMatch(t, []string{"/lines/3/firstName", "/lines/3/firstname", "/lines/4"}, a.pointers(t))

	// Only MongoDB knows that there is no such organization.
	a = h.do("POST", "/contacts/import", csvFile, "firstName,organizationId\nAda,\nBob,000000000000000000000000\n")
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/lines/3/organizationId"}, a.pointers(t))

	a = h.do("POST", "/contacts/import", csvFile, "firstName\n"+strings.Repeat("A\n", store.MaxCreateMany+1))
	require.Equal(t, 413, a.status, a.body)
	require.Empty(t, h.stored(t))

	many := h.do("POST", "/contacts/import", csvFile, "email\n"+strings.Repeat("x\n", 500))
	require.Len(t, many.pointers(t), 101, "the list of errors is limited")
}

func TestImportAnswersWithTheEndOfItsTime(t *testing.T) {
	h := newHarness(t)
	a := h.do("POST", "/contacts/import", header{"Content-Type": "text/vcard", "Workspace": "cards"}, "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lovelace;Ada;;;\r\nFN:Ada Lovelace\r\nEND:VCARD\r\n")
	require.Equal(t, 200, a.status, a.body)
	p, err := grapevine.ParsePosition(a.header.Get("Position"))
	require.NoError(t, err)
	require.Equal(t, p.End(), p)
	list := h.get("/contacts", header{"Workspace": "cards", "Min-Position": a.header.Get("Position")})
	require.Equal(t, []string{"Ada Lovelace"}, list.names(t))
}

// An export of several pages has every contact, and an import creates the same contacts.
func TestExportAndImportAgain(t *testing.T) {
	h := newHarness(t)
	h.create(`{"kind":"organization","name":"Engines; Co","tags":["x"]}`)
	a := h.create(`{"firstName":"Ada","lastName":"=1+1","phone":"+49 30 123","notes":"a \"quoted\"\nline; and, more","addresses":[{"label":"home","street":"a;b","city":"c"}],"tags":["x","y"]}`)
	h.importPeople(t, grapevine.MaxLimit+5)
	for format, media := range map[string]string{"csv": "text/csv", "vcard": "text/vcard"} {
		p, err := h.store.Ping(t.Context())
		require.NoError(t, err)
		now := header{"Min-Position": p.String()}
		file := h.get("/contacts/export?format="+format, now)
		require.Equal(t, 200, file.status)
		require.Contains(t, file.header.Get("Content-Disposition"), `attachment; filename="contacts-default.`)
		require.Equal(t, "nosniff", file.header.Get("X-Content-Type-Options"))
		require.Equal(t, 200, h.do("HEAD", "/contacts/export?format="+format, now, "").status)
		if format == "csv" {
			require.Contains(t, file.body, `,"'=1+1",`)
			require.Contains(t, file.body, ",+49 30 123,", "a phone number is no formula")
		}
		into := h.do("POST", "/contacts/import", header{"Content-Type": media, "Workspace": format}, file.body)
		require.Equal(t, 200, into.status, into.body)
		require.EqualValues(t, grapevine.MaxLimit+7, into.json(t)["imported"])
		copied := h.get("/contacts?tag=y", header{"Workspace": format, "Min-Position": into.header.Get("Position")}).json(t)["items"].([]any)[0].(map[string]any)
		original := a.json(t)
		for _, field := range []string{"fullName", "phone", "notes", "tags"} {
			require.Equal(t, original[field], copied[field], format)
		}
		require.Equal(t, "c", copied["addresses"].([]any)[0].(map[string]any)["city"])
		orgs := h.get("/contacts?kind=organization", header{"Workspace": format, "Min-Position": into.header.Get("Position")})
		require.Len(t, orgs.names(t), 1, format)
	}
	filtered := h.get("/contacts/export?format=csv&tag=y", nil)
	require.Equal(t, 1, strings.Count(filtered.body, ",Ada,")+strings.Count(filtered.body, "\r\nAda,"), filtered.body)
}

// An export ends when its client disconnects.
func TestExportsEnd(t *testing.T) {
	h := newHarness(t)
	h.importPeople(t, 300)
	for range 30 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/contacts/export?format=vcard", nil)
		require.NoError(t, err)
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode, "an export that has ended is not counted")
		_, _ = io.CopyN(io.Discard, resp.Body, 100)
		require.NoError(t, resp.Body.Close())
	}
	require.Contains(t, h.get("/contacts/export?format=vcard", nil).body, fmt.Sprintf("FN:P%03d", 299))
}
