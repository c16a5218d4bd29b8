package api_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

var csvFile = header{"Content-Type": "text/csv; charset=utf-8"}

func TestWhatAnImportRefuses(t *testing.T) {
	h := newHarness(t)
	for name, test := range map[string]struct {
		path, media, body string
		status            int
		says              string
	}{
		"a form":                {"", "multipart/form-data; boundary=x", "--x", 415, "not a form"},
		"no body":               {"", "text/csv", "", 422, "is empty"},
		"an unknown parameter":  {"?dryrun=true", "text/csv", "a", 400, "dryrun"},
		"a wrong parameter":     {"?onMatch=replace", "text/csv", "a", 400, "onMatch"},
		"an unknown encoding":   {"?encoding=klingon", "text/csv", "a", 400, "klingon"},
		"an unknown column":     {"?columns=firstName,shoe", "text/csv", "a,b", 400, "shoe"},
		"columns of vCards":     {"?columns=firstName", "text/vcard", "BEGIN:VCARD\nFN:A\nEND:VCARD", 400, "vCards"},
		"an empty file":         {"", "text/csv", " \n", 422, "is empty"},
		"a workbook":            {"", "application/octet-stream", "PK\x03\x04", 422, "workbook"},
		"a compressed file":     {"", "text/vcard", "\x1f\x8b\x08", 422, "gzip"},
		"a calendar":            {"", "text/plain", "BEGIN:VCALENDAR\nEND:VCALENDAR", 422, "calendar"},
		"a page":                {"", "text/plain", "<!doctype html>", 422, "HTML"},
		"titles and no contact": {"", "text/csv", "First Name,Email\n", 422, "no contacts"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, dryRun := range []string{"", "dryRun=true"} {
				path := "/contacts/import" + test.path
				if dryRun != "" {
					path += map[bool]string{true: "?", false: "&"}[test.path == ""] + dryRun
				}
				if name == "titles and no contact" && dryRun != "" {
					continue // a preview shows the columns
				}
				a := h.do("POST", path, header{"Content-Type": test.media}, test.body)
				require.Equal(t, test.status, a.status, a.body)
				require.Contains(t, a.body, test.says)
			}
		})
	}
	require.Empty(t, h.stored(t))
}

func TestAnImportReportsWhatItLeavesOut(t *testing.T) {
	h := newHarness(t)
	file := "First Name,email,organizationId\nAda,ada@example.com,\n,,\nBob,b@example.com,000000000000000000000000\n" + strings.Repeat("\"\",,,x\n", 2)
	a := h.do("POST", "/contacts/import", csvFile, file)
	require.Equal(t, 200, a.status, a.body)
	report := a.json(t)
	require.Equal(t, "done", report["state"])
	require.EqualValues(t, 2, report["created"], a.body)
	require.Contains(t, a.body, `{"line":4,"field":"organizationId"`)
	require.Equal(t, a.body, h.get(a.header.Get("Location"), nil).body)
	require.Equal(t, 404, h.get(a.header.Get("Location"), header{"Workspace": "other"}).status)
	require.Equal(t, 400, h.get("/imports/x", nil).status)
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
	for format, media := range map[string]string{"csv": "text/csv", "vcard": "text/vcard", "vcard4": "text/vcard", "ndjson": "application/x-ndjson"} {
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
		require.EqualValues(t, grapevine.MaxLimit+7, into.json(t)["created"])
		copied := h.get("/contacts?tag=y", header{"Workspace": format, "Min-Position": into.header.Get("Position")}).json(t)["items"].([]any)[0].(map[string]any)
		original := a.json(t)
		for _, field := range []string{"fullName", "phone", "notes", "tags", "addresses"} {
			require.Equal(t, original[field], copied[field], format)
		}
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
