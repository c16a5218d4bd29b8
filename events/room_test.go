package events

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARoomIsAKeyOfAnAnnouncement(t *testing.T) {
	members := map[Room]int{
		{"", "pipeline"}:          1,
		{"a", "workspace:a"}:      2,
		{"a", "owner:ann/b"}:      3,
		{"b", "owner:ann/b"}:      4,
		{"b", "contact:0123abcd"}: 5,
	}
	text, err := json.Marshal(members)
	require.NoError(t, err)
	require.JSONEq(t, `{"pipeline":1,"workspace:a":2,"a/owner:ann/b":3,"b/owner:ann/b":4,"b/contact:0123abcd":5}`, string(text))
	var read map[Room]int
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, members, read)

	read = nil
	require.NoError(t, json.Unmarshal([]byte(`{"owner:ann/b":3,"workspace:a":1}`), &read))
	require.Equal(t, map[Room]int{{"", "owner:ann/b"}: 3, {"a", "workspace:a"}: 1}, read, "an earlier program names no workspace")
}
