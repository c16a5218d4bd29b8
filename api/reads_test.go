package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestNewReadPlan(t *testing.T) {
	early, late := grapevine.NewPosition(1, 1, 1), grapevine.NewPosition(1, 1, 2)
	for name, test := range map[string]struct {
		watermark, minimum grapevine.Position
		recent             bool
		want               readPlan
	}{
		"no minimum":                     {watermark: early, recent: true, want: readPlan{position: early, cached: true}},
		"the watermark at the minimum":   {watermark: late, minimum: late, recent: true, want: readPlan{position: late, cached: true}},
		"the watermark past the minimum": {watermark: late, minimum: early, recent: true, want: readPlan{position: late, cached: true}},
		"an old watermark":               {watermark: early, want: readPlan{position: early}},
		"the watermark behind":           {watermark: early, minimum: late, recent: true, want: readPlan{position: late}},
	} {
		require.Equal(t, test.want, newReadPlan(test.watermark, test.minimum, test.recent), name)
	}
}

func TestShortKey(t *testing.T) {
	short := string(make([]byte, 128))
	require.Equal(t, short, shortKey(short))
	require.Len(t, shortKey(short+"a"), 16+64)
	require.NotEqual(t, shortKey(short+"a"), shortKey(short+"b"))
}
