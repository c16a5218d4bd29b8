package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/imports"
	"grapevine/internal/asyncapi"
	"grapevine/internal/contactfiles"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
	"grapevine/ledger"
	"grapevine/store"
	"grapevine/ws"
)

// importFile sends a file. The answer may come before the import has ended.
func (i *instance) importFile(workspace, query, media string, body []byte, headers ...string) httpclient.Answer {
	i.t.Helper()
	headers = append([]string{"Content-Type", media, "Workspace", workspace}, headers...)
	answer, err := httpclient.New("http://"+i.Addr(), 0).Do(i.t.Context(), http.MethodPost, "/contacts/import"+query, string(body), headers...)
	require.NoError(i.t, err)
	return answer
}

// imported are the contacts of an import, in the order of the file.
func (i *instance) imported(workspace string) (contacts []any) {
	i.t.Helper()
	cursor, err := i.db.Collection(grapevine.CollectionContacts).Find(i.t.Context(), bson.D{{Key: "workspace", Value: workspace}}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	require.NoError(i.t, err)
	var documents []bson.Raw
	require.NoError(i.t, cursor.All(i.t.Context(), &documents))
	for _, document := range documents {
		contact, err := store.Decode(document)
		require.NoError(i.t, err)
		text, err := json.Marshal(contact)
		require.NoError(i.t, err)
		var decoded any
		require.NoError(i.t, json.Unmarshal(text, &decoded))
		contacts = append(contacts, decoded)
	}
	return contacts
}

func TestFilesOfRealProgramsAreImported(t *testing.T) {
	i := start(t, realtest.New(t))
	for _, file := range contactfiles.All(t) {
		t.Run(file.Name, func(t *testing.T) {
			workspace := "w" + strings.ToLower(strings.ReplaceAll(file.Name, ".", "-"))
			preview := i.importFile(workspace, "?dryRun=true", file.MediaType(), file.Body)
			require.Empty(t, i.imported(workspace), "a dry run writes no contact")
			answer := i.importFile(workspace, "", file.MediaType(), file.Body)
			if file.Twice {
				i.importFile(workspace, "", file.MediaType(), file.Body)
			}
			got := contactfiles.Report{Contacts: i.imported(workspace), Text: string(answer.Body)}
			got.Answer = answer.JSON(t)
			require.Empty(t, file.Differences(got))
			require.Equal(t, preview.Status, answer.Status, "%s %s", preview.Body, answer.Body)
			if answer.Status != http.StatusOK {
				return
			}
			previewed := preview.JSON(t)
			for _, name := range []string{"format", "encoding", "read", "created", "skipped", "notes"} {
				require.Equal(t, got.Answer[name], previewed[name], name)
			}
			again := i.importFile(workspace, "", file.MediaType(), file.Body)
			require.Len(t, i.imported(workspace), len(got.Contacts), "a file imported twice adds nothing: %s", again.Body)
		})
	}
}

// Who belongs to an organization does so after an export and an import, in each format, wherever it stands in the file, and
// whether or not it has a uid of its own.
func TestOrganizationsComeBack(t *testing.T) {
	i := start(t, realtest.New(t))
	var file strings.Builder
	file.WriteString(`{"Grapevine":"contacts"}` + "\n" + `{"firstName":"Ada","uid":"ada","organizationId":"urn:late"}` + "\n")
	file.WriteString(`{"firstName":"Bob","uid":"bob","organizationId":"urn:near"}` + "\n" + `{"kind":"organization","name":"Near","uid":"urn:near"}` + "\n")
	file.WriteString(`{"firstName":"Cy","uid":"cy","organizationId":"urn:nowhere"}` + "\n")
	for n := range 600 { // more than a batch
		fmt.Fprintf(&file, "{\"firstName\":\"Person\",\"uid\":\"p%d\"}\n", n)
	}
	file.WriteString(`{"kind":"organization","name":"Late","uid":"urn:late"}` + "\n" + `{"kind":"organization","name":"Plain"}` + "\n")
	answer := i.importFile("from", "", "application/x-ndjson", []byte(file.String()))
	require.Contains(t, string(answer.Body), `"created":606`)
	require.Contains(t, string(answer.Body), `"notes":[{"line":5,"field":"organizationId","note":"is no organization of this workspace, and was left out"}]`)
	belongs := func(workspace string) map[string]string {
		names, ids := map[string]string{}, map[string]string{}
		for _, v := range i.imported(workspace) {
			c, _ := v.(map[string]any)
			if c["kind"] == "organization" {
				names[c["id"].(string)] = c["name"].(string)
			} else if id, found := c["organizationId"].(string); found {
				ids[c["firstName"].(string)] = id
			}
		}
		for person, id := range ids {
			ids[person] = names[id]
		}
		return ids
	}
	want := map[string]string{"Ada": "Late", "Bob": "Near"}
	require.Equal(t, want, belongs("from"))

	contacts := i.db.Collection(grapevine.CollectionContacts)
	var plain struct {
		ID bson.ObjectID `bson:"_id"`
	}
	require.NoError(t, contacts.FindOne(t.Context(), bson.D{{Key: "workspace", Value: "from"}, {Key: "name", Value: "Plain"}}).Decode(&plain))
	changed, err := contacts.UpdateOne(t.Context(), bson.D{{Key: "workspace", Value: "from"}, {Key: "uid", Value: "cy"}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "organizationId", Value: plain.ID}}}})
	require.NoError(t, err)
	require.EqualValues(t, 1, changed.ModifiedCount)
	want["Cy"] = "Plain"
	for _, format := range []string{"ndjson", "csv", "vcard", "vcard4"} {
		export := i.get("/contacts/export?format="+format, "Workspace", "from")
		answer := i.importFile(format, "", "application/octet-stream", export.Body)
		require.Contains(t, string(answer.Body), `"created":606,"updated":0,"unchanged":0,"skipped":[],"notes":[]`, format)
		require.Equal(t, want, belongs(format), format)
		for _, workspace := range []string{format, "from"} {
			again := i.importFile(workspace, "", "application/octet-stream", export.Body)
			require.Contains(t, string(again.Body), `"created":0,"updated":0,"unchanged":606,"skipped":[],"notes":[]`, "%s into %s", format, workspace)
		}
		require.Equal(t, want, belongs(format), format)
	}
}

func TestARepeatedImportIsTheFirst(t *testing.T) {
	i := start(t, realtest.New(t))
	first := i.importFile("default", "?onMatch=add", "text/csv", []byte("First Name\nAda\n"), "Idempotency-Key", "k")
	again := i.importFile("default", "?onMatch=add", "text/csv", []byte("First Name\nAda\n"), "Idempotency-Key", "k")
	require.Equal(t, http.StatusOK, first.Status, "%s", first.Body)
	require.JSONEq(t, string(first.Body), string(again.Body))
	require.Len(t, i.imported("default"), 1)
	other := i.importFile("default", "?onMatch=add", "text/csv", []byte("First Name\nBob\n"), "Idempotency-Key", "k")
	require.Equal(t, http.StatusUnprocessableEntity, other.Status)
	elsewhere := i.importFile("other", "?onMatch=add", "text/csv", []byte("First Name\nAda\n"), "Idempotency-Key", "k")
	require.Equal(t, http.StatusOK, elsewhere.Status)
	require.Len(t, i.imported("other"), 1)
	files, err := i.db.Collection(grapevine.BucketImportFiles+".chunks").CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Zero(t, files, "no file outlives its import")
}

func TestImportedContactsAreNotWelcomed(t *testing.T) {
	i := start(t, realtest.New(t))
	states := func() map[string]string {
		cursor, err := i.db.Collection(grapevine.CollectionLedger).Find(t.Context(), bson.D{})
		require.NoError(t, err)
		var rows []struct{ State, Note string }
		require.NoError(t, cursor.All(t.Context(), &rows))
		found := map[string]string{}
		for _, row := range rows {
			found[row.State] = row.Note
		}
		return found
	}
	i.importFile("default", "", "text/csv", []byte("First Name,E-mail\nAda,ada@example.com\n"))
	require.Equal(t, map[string]string{string(ledger.Skipped): "imported"}, states())
	i.importFile("default", "?welcome=true", "text/csv", []byte("First Name,E-mail\nBob,bob@example.com\n"))
	require.Eventually(t, func() bool { _, welcomed := states()[string(ledger.Done)]; return welcomed }, patience, 20*time.Millisecond)
	require.Len(t, states(), 2)
}

// People in the workspace see how far an import is, and why it waits.
func TestImportIsShown(t *testing.T) {
	env := realtest.New(t)
	i := start(t, env, roles(roleAPI, roleWatcher))
	doc := asyncapi.Load(t, ws.AsyncAPI)
	conn, _, err := wsclient.Dial(t.Context(), "ws://"+i.Addr()+"/ws/contacts")
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	require.NoError(t, conn.Join("workspace:default", ""))
	storage := imports.NewStorage(i.db)
	started, err := storage.Start(t.Context(), imports.Request{Workspace: "default", Body: strings.NewReader("First Name\nAda\n"), Options: imports.Options{OnMatch: imports.Skip}})
	require.NoError(t, err)
	require.Contains(t, string(i.get("/imports/"+started.ID).Body), "Start one with the role worker.")
	_, part := i.part(partImports)
	require.Equal(t, "no-worker", part.State)
	require.Contains(t, part.Message, "Start one with the role worker.")
	launch(t, env, roles(roleWorker))
	for state := ""; state != "done"; {
		_, text, err := conn.ReadMessage()
		require.NoError(t, err, "the import was %q", state)
		var frame struct{ Event, State, ID string }
		require.NoError(t, json.Unmarshal(text, &frame))
		if frame.Event == ws.EventImport {
			require.Equal(t, "import", doc.Match(t, text))
			require.Equal(t, started.ID, frame.ID)
			state = frame.State
		}
	}
	eventually(t, "imports begin", func() bool { _, part := i.part(partImports); return part.Ready })
}

// An import finds what was stored directly just before it, although names are findable only after a while.
func TestAnImportFindsEarlierDirectEdits(t *testing.T) {
	i := start(t, realtest.New(t))
	const n = 2000
	var people []any
	var file strings.Builder
	file.WriteString("First Name,Last Name\n")
	for k := range n {
		people = append(people, bson.D{{Key: "workspace", Value: "default"}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Ada"}, {Key: "lastName", Value: fmt.Sprintf("Person%d", k)}})
		fmt.Fprintf(&file, "Ada,Person%d\n", k)
	}
	_, err := i.db.Collection(grapevine.CollectionContacts).InsertMany(t.Context(), people)
	require.NoError(t, err)
	answer := i.importFile("default", "", "text/csv", []byte(file.String()))
	eventually(t, "the import ends", func() bool {
		answer = i.get(answer.Header.Get("Location"))
		return strings.Contains(string(answer.Body), `"state":"done"`)
	})
	require.Contains(t, string(answer.Body), fmt.Sprintf(`"created":0,"updated":0,"unchanged":%d`, n))
	count, err := i.db.Collection(grapevine.CollectionContacts).CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, n, count)
}
