package mongox

import (
	"errors"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// maxText bounds the text of an error in a log or on a terminal.
const maxText = 600

// Text is the text of an error for people: a refused right is named in a sentence, servers that cannot be reached are
// named with the reason, and no text is longer than a few lines. The driver's own text of a refusal quotes the whole
// command.
func Text(err error) string {
	text := err.Error()
	if denial, ok := DenialOf(err); ok {
		if command, ok := errors.AsType[mongo.CommandError](err); ok {
			text = strings.Replace(text, command.Error(), denial.Message(), 1)
		}
	}
	if servers, ok := noServer(err); ok {
		before, _, _ := strings.Cut(text, "server selection error")
		text = before + servers
	}
	if len(text) <= maxText {
		return text
	}
	cut := maxText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
