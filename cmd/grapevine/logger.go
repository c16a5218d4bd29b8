package main

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"grapevine/internal/mongox"
)

// logger writes to `to` in the format of the settings.
func (s *settings) logger(to io.Writer) *slog.Logger {
	file, isFile := to.(*os.File)
	terminal := isFile && term.IsTerminal(int(file.Fd()))
	if s.LogFormat == "text" || s.LogFormat == "auto" && terminal {
		return slog.New(tint.NewTextHandler(to, &tint.Options{Level: s.LogLevel, TimeFormat: time.TimeOnly, NoColor: !terminal, ReplaceAttr: plainError}))
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: s.LogLevel, ReplaceAttr: plainError}))
}

// plainError replaces the driver's dump of all servers by one sentence.
func plainError(_ []string, attr slog.Attr) slog.Attr {
	err, ok := attr.Value.Any().(error)
	if !ok {
		return attr
	}
	text, ok := mongox.Unreachable(err)
	if !ok {
		return attr
	}
	before, _, _ := strings.Cut(err.Error(), "server selection error")
	return slog.String(attr.Key, before+text)
}
