package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestPatchErrors(t *testing.T) {
	bad := patchErrors(mustDecode(t, `{"id":null,"kind":"person","createdAt":"x","score":1,"organization":null,"fullName":"x","updatedAt":1,"nope":null,"email":5}`))
	require.Equal(t, []string{"/createdAt", "/email", "/fullName", "/id", "/kind", "/nope", "/organization", "/score", "/updatedAt"}, pointers(bad.Sorted()))
	require.Empty(t, patchErrors(mustDecode(t, `{"notes":null,"workspace":"b","tags":["x"],"addresses":null}`)))
	require.Equal(t, []string{""}, pointers(patchErrors(mustDecode(t, `[]`)).Sorted()))
}

func pointers(fields []grapevine.FieldError) []string {
	got := make([]string, len(fields))
	for i, f := range fields {
		got[i] = f.Pointer
	}
	return got
}
