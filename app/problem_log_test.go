package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/mongox"
)

func TestProblemsAreLoggedOnceAndTogether(t *testing.T) {
	byName := mongox.Problem{Name: "by_name", State: mongox.Unauthorized, Message: "by_name needs createIndex"}
	inText := mongox.Problem{Name: "in_texts", State: mongox.Unauthorized, Message: "in_texts needs createIndex"}
	hidden := mongox.Problem{Name: "by_tag", State: mongox.Hidden, Message: "by_tag is hidden"}
	building := mongox.Problem{Name: "by_owner", State: mongox.Building, Message: "by_owner is built"}
	log := problemLog{}

	fresh, mended := log.changes([]mongox.Problem{byName, hidden, inText, building})
	require.Equal(t, map[string][]mongox.Problem{mongox.Unauthorized: {byName, inText}, mongox.Hidden: {hidden}}, fresh)
	require.Empty(t, mended)

	fresh, mended = log.changes([]mongox.Problem{byName, hidden, inText})
	require.Empty(t, fresh)
	require.Empty(t, mended)

	hidden.Message = "by_tag is hidden again"
	fresh, mended = log.changes([]mongox.Problem{hidden})
	require.Equal(t, map[string][]mongox.Problem{mongox.Hidden: {hidden}}, fresh)
	require.Equal(t, []string{"by_name", "in_texts"}, mended)
}
