package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/store"
)

func TestSearchFindsWholeWordsBestFirst(t *testing.T) {
	s, _ := prepared(t)
	inNotes := organization("Other")
	inNotes.Notes = "knows will smith, anti-war"
	inNotes = create(t, s, inNotes)
	byName := ada()
	byName.FirstName, byName.LastName, byName.Tags = "Will", "Smith", nil
	byName = create(t, s, byName)
	create(t, s, organization("Smithson"))

	search := func(text string) []string {
		return ids(pages(t, s, grapevine.Query{Workspace: ws, Text: text, Limit: 10}))
	}
	items := pages(t, s, grapevine.Query{Workspace: ws, Text: "will SMITH", Limit: 1})
	require.Equal(t, []string{byName.ID, inNotes.ID}, ids(items), "Will is a name and not a stop word")
	require.Greater(t, items[0].Score, items[1].Score)
	require.Positive(t, items[1].Score)
	require.Equal(t, byName, items[0].Contact, "search returns the same contact and ETag as Get")
	require.Equal(t, []string{inNotes.ID}, search("-war"), "a hyphen does not exclude a word")
	require.Equal(t, []string{inNotes.ID}, search(`"anti war`), "quotes do not make a phrase")
	require.Len(t, search(`smith -will`), 2)
	require.Empty(t, search(`" - \ "`))
	require.Empty(t, search("$where {$gt:1}"))
	require.Equal(t, []string{inNotes.ID}, ids(pages(t, s, grapevine.Query{Workspace: ws, Text: "smith", Kind: grapevine.Organization, Limit: 10})))
	require.Empty(t, pages(t, s, grapevine.Query{Workspace: ws, Text: "will smith", Tags: []string{"none"}, Limit: 10}))
	require.Empty(t, ids(pages(t, s, grapevine.Query{Workspace: ws, Text: "smith", Company: "analytical", Limit: 10})), "the company filter matches exactly")
	require.Empty(t, ids(pages(t, s, grapevine.Query{Workspace: "other", Text: "smith", Limit: 10})))

	for _, text := range []string{"a\x00b", "\xff"} {
		_, err := s.List(deadline(t), grapevine.Query{Workspace: ws, Text: text}, grapevine.Position{})
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), "%q", text)
	}
}

func TestSearchPagesAreComplete(t *testing.T) {
	s, _ := prepared(t)
	many := make([]grapevine.Contact, 120)
	for i := range many {
		many[i] = organization("Acme")
		for range i % 4 {
			many[i].Notes += " acme"
		}
	}
	_, _, err := s.AddImported(deadline(t), grapevine.ImportedContacts{Contacts: withIDs(many...)})
	require.NoError(t, err)
	items := pages(t, s, grapevine.Query{Workspace: ws, Text: "acme", Limit: 7})
	require.Len(t, items, 120)
	require.True(t, slices.IsSortedFunc(items, func(a, b grapevine.ListItem) int {
		if a.Score != b.Score {
			return map[bool]int{true: -1, false: 1}[a.Score > b.Score]
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	}))
}

// A field named language must not affect how a document is indexed, or whether MongoDB accepts it.
func TestADocumentMayHaveAFieldNamedLanguage(t *testing.T) {
	_, db := prepared(t)
	for i, language := range []any{"klingon", 7, nil, "none"} {
		_, err := db.Collection(grapevine.CollectionContacts).InsertOne(deadline(t), bson.D{
			{Key: "workspace", Value: ws}, {Key: "kind", Value: "organization"}, {Key: "name", Value: fmt.Sprint(i)}, {Key: "language", Value: language},
		})
		require.NoError(t, err, "%v", language)
	}
}

func TestPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"ada lovelace": "ada lovelace", `"exact phrase"`: "exact phrase", "-not": "not", "a -- b": "a b",
		"jean-luc": "jean luc", `\"`: "", "  \t": "", "O'Brien": "O'Brien",
	} {
		require.Equal(t, want, store.PlainWords(text), text)
	}
}

func TestEveryReadReturnsTheSameETag(t *testing.T) {
	s, _ := prepared(t)
	c := create(t, s, ada())
	for _, q := range []grapevine.Query{{}, {Tags: []string{"vip"}}, {Text: "ada"}, {Words: "ada"}, {Sort: grapevine.ByUpdated, Owner: "charles"}} {
		q.Workspace, q.Limit = ws, 5
		items := pages(t, s, q)
		require.Len(t, items, 1)
		require.Equal(t, c, items[0].Contact, "%+v", q)
	}
}
