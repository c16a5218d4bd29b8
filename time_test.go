package grapevine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestTimeHasAFixedLength(t *testing.T) {
	second := time.Date(2026, 11, 23, 3, 16, 4, 0, time.UTC)
	for want, at := range map[string]time.Time{
		"2026-11-23T03:16:04.000Z": second,
		"2026-11-23T03:16:04.120Z": second.Add(120 * time.Millisecond),
		"2026-11-23T03:16:04.999Z": second.Add(time.Second - time.Nanosecond),
		"2026-11-23T03:16:04.001Z": second.Add(time.Millisecond).In(time.FixedZone("", 3600)),
		"0000-01-01T00:00:00.000Z": time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		"0001-01-01T00:00:00.000Z": {},
	} {
		text, err := json.Marshal(grapevine.Time{Time: at})
		require.NoError(t, err)
		require.Equal(t, `"`+want+`"`, string(text))
		var back grapevine.Time
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, at.Truncate(time.Millisecond).UnixMilli(), back.UnixMilli())
	}
}

func TestYearsWithoutFourDigitsHaveNoJSON(t *testing.T) {
	for _, year := range []int{-1, 10_000} {
		_, err := json.Marshal(grapevine.Time{Time: time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)})
		require.Error(t, err)
	}
}

// The times of a contact have this type, in a list too.
func TestTimesOfAContactHaveAFixedLength(t *testing.T) {
	at := grapevine.Time{Time: time.UnixMilli(1_700_000_000_100)}
	item := grapevine.ListItem{Contact: grapevine.Contact{CreatedAt: at, UpdatedAt: at}, Score: 1}
	text, err := json.Marshal(item)
	require.NoError(t, err)
	require.Contains(t, string(text), `"createdAt":"2023-11-14T22:13:20.100Z","updatedAt":"2023-11-14T22:13:20.100Z","score":1`)
}
