package transfer_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/transfer"
	"grapevine/transfer/record"
)

func openText(text, encoding string) (*transfer.File, error) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	return transfer.Open(open, transfer.Options{Workspace: "default", Encoding: encoding})
}

func readText(t *testing.T, text, encoding string) (rows []record.Row) {
	t.Helper()
	file, err := openText(text, encoding)
	require.NoError(t, err)
	for {
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		rows = append(rows, row)
	}
}

// Who sends JSON in another form is told which form is read.
func TestJSONThatIsNotOneObjectALine(t *testing.T) {
	for text, what := range map[string]string{
		"[{\"firstName\":\"Ada\"}]":         "a JSON array",
		"[\n  {\"firstName\":\"Ada\"}\n]\n": "a JSON array",
		"[]":                                "a JSON array",
		"[\"Ada\"]":                         "a JSON array",
		"{\n  \"firstName\": \"Ada\"\n}\n":  "several lines",
		"{ \r\n\"firstName\": \"Ada\"}\r\n{\r\n\"a\":1": "several lines",
	} {
		_, err := openText(text, "")
		require.ErrorContains(t, err, what, text)
		require.ErrorContains(t, err, "one object on a line of its own", text)
	}
	require.Len(t, readText(t, "[old] Name,E-mail\nAda,ada@example.com\n", ""), 1)
}

// An import keeps what the API would refuse.
func TestALineOfJSONIsReadWherePossible(t *testing.T) {
	for line, test := range map[string]struct{ name, note, skipped string }{
		`{"firstName":"A\ud800B"}`:                      {name: "A\ufffdB", note: "half a surrogate pair"},
		`{"firstName":"Al","firstName":"Bo"}`:           {name: "Bo", note: "twice"},
		`{"firstName":"Al","x":` + nested(50) + `}`:     {name: "Al", note: "nests deeper"},
		`{"firstName":"Al"`:                             {skipped: "The JSON of the line breaks off"},
		`{"firstName":"Al"} {"firstName":"Bo"}`:         {skipped: "more after its JSON value"},
		`{"firstName":"Al","x":` + nested(9999) + `}`:   {name: "Al", note: "nests deeper"},
		`{"a":[` + strings.Repeat("1,", 20_000) + `1]}`: {skipped: "more than 10000 values"},
	} {
		rows := readText(t, line+"\n{\"firstName\":\"Last\"}\n", "")
		require.Len(t, rows, 2, "%.80s", line)
		require.Equal(t, "Last", rows[1].Contact.FirstName)
		require.Equal(t, test.name, rows[0].Contact.FirstName, "%.80s", line)
		require.Contains(t, rows[0].Skipped, test.skipped, "%.80s", line)
		if test.note != "" {
			require.NotEmpty(t, rows[0].Notes, "%.80s", line)
			require.Contains(t, rows[0].Notes[0].Note, test.note)
			require.NotContains(t, rows[0].Notes[0].Note, "body")
		}
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
