package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// writtenLines takes the lines of a log.
type writtenLines chan string

func (w writtenLines) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}

// text returns the lines since the last call.
func (w writtenLines) text() string {
	var text strings.Builder
	for len(w) > 0 {
		text.WriteString(<-w)
	}
	return text.String()
}

func TestManyLinesOfOneMessageAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		written := make(writtenLines, 2000)
		log := slog.New(newRepeatLog(slog.NewTextHandler(written, nil))).With("part", "worker")
		for range 1000 {
			log.Info("welcome")
			log.Warn("trouble")
		}
		log.Info("digest")
		text := written.text()
		require.Equal(t, repeatsShown, strings.Count(text, "msg=welcome"))
		require.Equal(t, 1000, strings.Count(text, "msg=trouble"))
		require.Contains(t, text, "msg=digest")
		<-time.After(repeatsWindow + time.Millisecond)
		synctest.Wait()
		require.Contains(t, written.text(), "msg=welcome part=worker more=990 within=5s")
		log.Info("welcome") // another window
		require.Equal(t, 1, strings.Count(written.text(), "msg=welcome"))
	})
}
