package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that nobody may read. Whatever prints, logs or encodes it gets a placeholder.
type Secret string

// Reveal is the secret, for the one who needs it.
func (s Secret) Reveal() string { return string(s) }

// String says only whether there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// Format makes every verb of fmt print what String returns.
func (s Secret) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, s.String()) }

// LogValue makes every handler of slog write what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText makes JSON hold what String returns.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
