// Package asyncapi matches WebSocket frames with an AsyncAPI 3.0 document. It is for tests.
package asyncapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// Document is the messages of a document with their schemas resolved.
type Document struct {
	messages map[string]*openapi3.Schema
}

// Load reads a document. Each message must have at least one example, and each example must match its
// message. Every schema must be closed: an object lists its properties, or the schema of their values.
func Load(t testing.TB, text []byte) Document {
	t.Helper()
	var doc struct {
		AsyncAPI   string
		Components struct {
			Schemas  map[string]json.RawMessage
			Messages map[string]struct {
				Payload  json.RawMessage
				Examples []struct{ Payload any }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	require.Equal(t, "3.0.0", doc.AsyncAPI)

	schemas := doc.Components.Schemas
	for name, message := range doc.Components.Messages {
		schemas["message-"+name] = message.Payload
	}
	wrapped, err := json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]string{"title": "frames", "version": "1"}, "paths": map[string]any{},
		"components": map[string]any{"schemas": schemas},
	})
	require.NoError(t, err)
	resolved, err := openapi3.NewLoader().LoadFromData(wrapped)
	require.NoError(t, err)

	d := Document{messages: map[string]*openapi3.Schema{}}
	for name, message := range doc.Components.Messages {
		d.messages[name] = resolved.Components.Schemas["message-"+name].Value
		require.NotEmpty(t, message.Examples, "message %s has no example", name)
		for _, example := range message.Examples {
			require.NoError(t, d.messages[name].VisitJSON(example.Payload), "example of %s", name)
		}
	}
	for name, schema := range resolved.Components.Schemas {
		requireClosed(t, name, schema.Value)
	}
	return d
}

// Names are the names of the messages, sorted.
func (d Document) Names() []string { return slices.Sorted(maps.Keys(d.messages)) }

// Match returns the name of the one message that describes a frame. A frame that no message describes, or
// more than one, fails the test.
func (d Document) Match(t testing.TB, frame []byte) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(frame, &value), "%s", frame)
	var matches, reasons []string
	for _, name := range d.Names() {
		if err := d.messages[name].VisitJSON(value); err == nil {
			matches = append(matches, name)
		} else {
			reasons = append(reasons, fmt.Sprintf("%s: %.300v", name, err))
		}
	}
	require.Len(t, matches, 1, "messages that describe %s\n%s", frame, strings.Join(reasons, "\n"))
	return matches[0]
}

func requireClosed(t testing.TB, at string, s *openapi3.Schema) {
	t.Helper()
	if s.Type.Includes(openapi3.TypeObject) {
		open := s.AdditionalProperties.Schema == nil && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has)
		require.False(t, open, "schema %s is open: it allows properties that it does not describe", at)
	}
	for name, property := range s.Properties {
		if property.Ref == "" {
			requireClosed(t, at+"."+name, property.Value)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		requireClosed(t, at+"[]", s.Items.Value)
	}
}
