package access

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// cleanName is a name as it is stored: Unicode NFC, with one blank between words.
func cleanName(typed string) (string, error) {
	if !utf8.ValidString(typed) {
		return "", invalid("name", "is not valid UTF-8")
	}
	name := norm.NFC.String(strings.Join(strings.Fields(typed), " "))
	switch {
	case !strings.ContainsFunc(name, unicode.IsGraphic):
		return "", invalid("name", "is missing")
	case utf8.RuneCountInString(name) > maxName:
		return "", invalid("name", fmt.Sprintf("must not be longer than %d characters", maxName))
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", invalid("name", "must not contain control characters")
	}
	return name, nil
}

// checkOffered judges memberships of a request.
func checkOffered(memberships []Membership) error {
	seen := map[string]bool{}
	for i, m := range memberships {
		field := fmt.Sprintf("memberships/%d/", i)
		switch {
		case !grapevine.ValidWorkspace(m.Workspace):
			return invalid(field+"workspace", "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen")
		case !m.Role.IsValid():
			return invalid(field+"role", "must be viewer, editor or admin")
		case seen[m.Workspace]:
			return invalid(field+"workspace", "is there twice")
		}
		seen[m.Workspace] = true
	}
	return nil
}

// userID reads the id of a user in a path. Any other text is the id of nobody.
func userID(text string) (bson.ObjectID, error) {
	id, err := bson.ObjectIDFromHex(text)
	if err != nil {
		return id, noUser()
	}
	return id, nil
}

func noUser() error { return refuse(grapevine.NotFound, "There is no such user.") }
