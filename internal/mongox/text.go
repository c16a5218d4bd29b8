package mongox

import (
	"errors"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// maxText bounds the text of an error in a log or on a terminal.
const maxText = 600

// Text is the text of an error for people: a refused right is named in a sentence, and no text is longer than a few
// lines. The driver's own text of a refusal quotes the whole command.
func Text(err error) string {
	text := err.Error()
	if denial, ok := DenialOf(err); ok {
		if command, ok := errors.AsType[mongo.CommandError](err); ok {
			text = strings.Replace(text, command.Error(), denial.Message(), 1)
		}
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
