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

var csvFile = as{"Content-Type": "text/csv; charset=utf-8"}

func TestImportIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	a := w.do("POST", "/contacts/import", csvFile, "First Name,email\nAda,ada@example.com\n,bob@example.com\n\"two\nlines\",x\nEve,nobody\n")
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/lines/3/firstName", "/lines/4/email", "/lines/4/firstName", "/lines/6/email"}, a.pointers(t))

	a = w.do("POST", "/contacts/import", as{"Content-Type": "application/x-ndjson"}, `{"firstName":"A"}`+"\n\n"+`{"firstname":"B"}`+"\n"+`{"a":`+"\n")
	require.Equal(t, 422, a.status)
	require.ElementsMatch(t, []string{"/lines/3/firstName", "/lines/3/firstname", "/lines/4"}, a.pointers(t))

	// Only MongoDB knows that there is no such organization.
	a = w.do("POST", "/contacts/import", csvFile, "firstName,organizationId\nAda,\nBob,000000000000000000000000\n")
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/lines/3/organizationId"}, a.pointers(t))

	a = w.do("POST", "/contacts/import", csvFile, "firstName\n"+strings.Repeat("A\n", store.MaxCreateMany+1))
	require.Equal(t, 413, a.status, a.body)
	require.Empty(t, w.stored(t))

	many := w.do("POST", "/contacts/import", csvFile, "email\n"+strings.Repeat("x\n", 500))
	require.Len(t, many.pointers(t), 101, "bounded")
}

func TestImportAnswersWithTheEndOfItsTime(t *testing.T) {
	w := newWorld(t)
	a := w.do("POST", "/contacts/import", as{"Content-Type": "text/vcard", "Workspace": "cards"}, "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lovelace;Ada;;;\r\nFN:Ada Lovelace\r\nEND:VCARD\r\n")
	require.Equal(t, 200, a.status, a.body)
	p, err := grapevine.ParsePosition(a.header.Get("Position"))
	require.NoError(t, err)
	require.Equal(t, p.End(), p)
	list := w.get("/contacts", as{"Workspace": "cards", "Min-Position": a.header.Get("Position")})
	require.Equal(t, []string{"Ada Lovelace"}, list.names(t))
}

// Every contact of more than one page comes out, and goes in again as it was.
func TestExportAndImportAgain(t *testing.T) {
	w := newWorld(t)
	w.create(`{"kind":"organization","name":"Engines; Co","tags":["x"]}`)
	a := w.create(`{"firstName":"Ada","lastName":"=1+1","phone":"+49 30 123","notes":"a \"quoted\"\nline; and, more","addresses":[{"label":"home","street":"a;b","city":"c"}],"tags":["x","y"]}`)
	w.fill(t, grapevine.MaxLimit+5)
	for format, media := range map[string]string{"csv": "text/csv", "vcard": "text/vcard"} {
		p, err := w.store.Ping(t.Context())
		require.NoError(t, err)
		now := as{"Min-Position": p.String()}
		file := w.get("/contacts/export?format="+format, now)
		require.Equal(t, 200, file.status)
		require.Contains(t, file.header.Get("Content-Disposition"), `attachment; filename="contacts-default.`)
		require.Equal(t, "nosniff", file.header.Get("X-Content-Type-Options"))
		require.Equal(t, 200, w.do("HEAD", "/contacts/export?format="+format, now, "").status)
		if format == "csv" {
			require.Contains(t, file.body, ",'=1+1,")
			require.Contains(t, file.body, ",'+49 30 123,")
		}
		into := w.do("POST", "/contacts/import", as{"Content-Type": media, "Workspace": format}, file.body)
		require.Equal(t, 200, into.status, into.body)
		require.EqualValues(t, grapevine.MaxLimit+7, into.json(t)["imported"])
		copied := w.get("/contacts?tag=y", as{"Workspace": format, "Min-Position": into.header.Get("Position")}).json(t)["items"].([]any)[0].(map[string]any)
		original := a.json(t)
		for _, field := range []string{"fullName", "phone", "notes", "tags"} {
			require.Equal(t, original[field], copied[field], format)
		}
		require.Equal(t, "c", copied["addresses"].([]any)[0].(map[string]any)["city"])
		orgs := w.get("/contacts?kind=organization", as{"Workspace": format, "Min-Position": into.header.Get("Position")})
		require.Len(t, orgs.names(t), 1, format)
	}
	filtered := w.get("/contacts/export?format=csv&tag=y", nil)
	require.Equal(t, 1, strings.Count(filtered.body, ",person,"), filtered.body)
}

// A client that goes away in the middle must not hold its place for ever.
func TestExportsEnd(t *testing.T) {
	w := newWorld(t)
	w.fill(t, 300)
	for range 30 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/contacts/export?format=vcard", nil)
		require.NoError(t, err)
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode, "one that has ended is counted no more")
		_, _ = io.CopyN(io.Discard, resp.Body, 100)
		require.NoError(t, resp.Body.Close())
	}
	require.Contains(t, w.get("/contacts/export?format=vcard", nil).body, fmt.Sprintf("FN:P%03d", 299))
}
