package grapevine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestETagMatches(t *testing.T) {
	const ours = `"aB-3_x"`
	for _, tag := range []string{
		`*`, ours, `W/"aB-3_x"`, // as sent, and as nginx, HAProxy, Varnish and Cloudflare send it on
		`"aB-3_x-gzip"`, `"aB-3_x--gzip"`, `"aB-3_x;br"`, `"aB-3_x-br"`, `"aB-3_x-zstd"`, `"aB-3_x-df"`, `"aB-3_x;gzip"`,
		`"aB-3_x:gzip"`, `"aB-3_x-deflate"`, `W/"aB-3_x-gzip"`, `"aB-3_x;;;"`,
	} {
		require.True(t, ETagMatches([]string{`"other"`, tag}, ours), tag)
	}
	for _, tag := range []string{
		`"aB-3_"`, `"aB-3_y"`, `"ab-3_x"`, `"aB-3_xgzip"`, `"-gzip"`, `""`, `W/""`, `"aB-3_x-gz ip"`, `"aB-3_x-"other"`, `"xaB-3_x"`,
		`"aB-3_x-12345678901234567"`, `aB-3_x`,
	} {
		require.False(t, ETagMatches([]string{tag}, ours), tag)
	}
	require.False(t, ETagMatches(nil, ours))
}
