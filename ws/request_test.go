package ws

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestParseRequest(t *testing.T) {
	q, err := parseRequest([]byte(`{"op":"join","ref":"a","room":"owner:Ann B.","since":"12-3","presence":true}`), contactsNamespace)
	require.NoError(t, err)
	require.Equal(t, "a", *q.ref)
	require.Equal(t, "owner:Ann B.", q.room)
	require.Equal(t, grapevine.Position{Time: 12, N: 3}, *q.since)
	require.True(t, q.presence)

	q, err = parseRequest([]byte(`{"op":"join","room":"pipeline","since":null}`), pipelineNamespace)
	require.NoError(t, err)
	require.Nil(t, q.ref)
	require.Nil(t, q.since)

	_, err = parseRequest([]byte(`{"op":"join","room":"workspace:a"}`), pipelineNamespace)
	var r *requestError
	require.ErrorAs(t, err, &r)
	require.Equal(t, unknownRoom, r.code)
}

// An owner that the API accepts is the name of a room, in any script.
func TestEveryOwnerCanBeJoined(t *testing.T) {
	longest := strings.Repeat("😀", grapevine.MaxName)
	frame, err := json.Marshal(map[string]string{"op": "join", "room": "owner:" + longest})
	require.NoError(t, err)
	require.Less(t, len(frame), maxRequest)
	_, err = parseRequest(frame, contactsNamespace)
	require.NoError(t, err)
	require.False(t, contactsNamespace.validRoom("owner:"+longest+"x"))
}

func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{
		`{"op":"join","ref":"1","room":"workspace:default","since":"7571873042433146881-0","presence":true}`,
		`{"op":"leave","room":"contact:0123456789abcdef01234567"}`, `{"op":"ping","ref":""}`,
		`{"OP":"ping"}`, `{"op":"ping","op":"join"}`, `null`, `{}`, `{"since":null}`, `{"room":"owner:\u0000"}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, frame []byte, toContacts bool) {
		ns := pipelineNamespace
		if toContacts {
			ns = contactsNamespace
		}
		q, err := parseRequest(frame, ns)
		var r *requestError
		switch {
		case err == nil:
			require.Contains(t, []string{"join", "leave", "ping"}, q.op)
			require.True(t, q.op == "ping" || ns.validRoom(q.room))
			if q.since != nil {
				_, err := grapevine.ParsePosition(q.since.String())
				require.NoError(t, err)
			}
		case errors.As(err, &r):
			require.NotEmpty(t, payload(encodeFrame(errorReply{"error", q.ref, r.code, r.message})))
		default:
			require.ErrorIs(t, err, errNotObject)
		}
	})
}
