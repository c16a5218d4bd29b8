package app

import (
	"context"
	"log/slog"

	"grapevine/internal/mongox"
)

// errorText is a log handler. It writes the errors of MongoDB in the words of [mongox.Text]: the driver's own text of
// a refused right has thousands of characters. It drops lines about errors that the part mongodb speaks about.
type errorText struct {
	slog.Handler
	isSaid func(error) bool
}

// Handle shortens the errors among the attributes.
func (h errorText) Handle(ctx context.Context, record slog.Record) error {
	short := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	said := false
	record.Attrs(func(attr slog.Attr) bool {
		if err, ok := attr.Value.Any().(error); ok {
			said = said || h.isSaid(err)
			attr = slog.String(attr.Key, mongox.Text(err))
		}
		short.AddAttrs(attr)
		return true
	})
	if said {
		return nil
	}
	return h.Handler.Handle(ctx, short)
}

// WithAttrs keeps the handler.
func (h errorText) WithAttrs(attrs []slog.Attr) slog.Handler {
	return errorText{h.Handler.WithAttrs(attrs), h.isSaid}
}

// WithGroup keeps the handler.
func (h errorText) WithGroup(name string) slog.Handler {
	return errorText{h.Handler.WithGroup(name), h.isSaid}
}
