package main

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFormatOfTheLog(t *testing.T) {
	for format, want := range map[string]string{"auto": `"msg":"hello"`, "json": `"msg":"hello"`, "text": " WRN hello"} {
		var log bytes.Buffer
		(&settings{LogFormat: format, LogLevel: slog.LevelInfo}).logger(&log).Warn("hello")
		require.Contains(t, log.String(), want, format)
	}
}
