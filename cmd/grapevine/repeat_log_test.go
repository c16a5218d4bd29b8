package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestManyLinesOfOneMessageAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(newRepeatLog(slog.NewTextHandler(&out, nil))).With("part", "worker")
		for range 1000 {
			log.Info("welcome")
			log.Warn("trouble")
		}
		log.Info("digest")
		synctest.Wait()
		require.Equal(t, repeatsShown, strings.Count(out.String(), "msg=welcome"))
		require.Equal(t, 1000, strings.Count(out.String(), "msg=trouble"))
		require.Contains(t, out.String(), "msg=digest")
		<-time.After(repeatsWindow + time.Millisecond)
		synctest.Wait()
		require.Contains(t, out.String(), "msg=welcome part=worker more=990 within=5s")
		log.Info("welcome") // another window
		require.Equal(t, repeatsShown+2, strings.Count(out.String(), "msg=welcome"))
	})
}
