package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/contactfiles"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/store"
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
		contacts = append(contacts, decoded(i.t, mustMarshal(i.t, contact)))
	}
	return contacts
}

func mustMarshal(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}

func decoded(t testing.TB, text []byte) (v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &v))
	return v
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
			got.Answer, _ = decoded(t, answer.Body).(map[string]any)
			require.Empty(t, file.Differences(got))
			require.Equal(t, preview.Status, answer.Status, "%s %s", preview.Body, answer.Body)
			if answer.Status != http.StatusOK {
				return
			}
			previewed, _ := decoded(t, preview.Body).(map[string]any)
			for _, name := range []string{"format", "encoding", "read", "created", "skipped", "notes"} {
				require.Equal(t, got.Answer[name], previewed[name], name)
			}
			again := i.importFile(workspace, "", file.MediaType(), file.Body)
			require.Len(t, i.imported(workspace), len(got.Contacts), "a file imported twice adds nothing: %s", again.Body)
		})
	}
}
