package derived

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"grapevine"
)

// Version is the version of [Of]. Whoever changes what Of returns raises it, and all contacts are formed anew.
const Version = 1

const hashLength = 12 // bytes

// sourceTexts, sourceLists and sourceTimes name the fields that [Of] reads, as in MongoDB.
var (
	sourceTexts = []string{"kind", "prefix", "firstName", "middleName", "lastName", "suffix", "nickname", "name", "company", "title", "organizationId", "owner"}
	sourceLists = []string{"emails", "phones", "tags"}
	sourceTimes = []string{"createdAt", "updatedAt"}
)

// Sources returns the names of the stored fields that [Of] reads, with the shorthand fields. A write of the derived part is
// conditional on them.
func Sources() []string {
	names := append(append([]string{}, sourceTexts...), sourceTimes...)
	for _, list := range sourceLists {
		names = append(names, list)
		if shorthand := grapevine.FieldNamed(list).Shorthand; shorthand != "" {
			names = append(names, shorthand)
		}
	}
	return names
}

// IsNewer reports whether a later version of [Of] made the derived part with this [Form.Of]. Such a part counts as right,
// so that instances of two versions do not undo each other's work.
func IsNewer(of string) bool {
	text, _, _ := strings.Cut(of, ".")
	version, err := strconv.Atoi(text)
	return err == nil && version > Version
}

// sourceHash is the version, a point, and a hash of what [Of] reads.
func sourceHash(c *grapevine.Contact) string {
	source := make([]byte, 0, 512)
	addLength := func(n int) { source = binary.AppendUvarint(source, uint64(n)) }
	add := func(text string) {
		addLength(len(text))
		source = append(source, text...)
	}
	for _, text := range []string{
		string(c.Kind), c.Prefix, c.FirstName, c.MiddleName, c.LastName, c.Suffix, c.Nickname, c.Name, c.Company, c.Title, c.OrganizationID, c.Owner,
	} {
		add(text)
	}
	for _, list := range [][]grapevine.Entry{c.Emails, c.Phones} {
		addLength(len(list))
		for _, entry := range list {
			add(entry.Value)
		}
	}
	addLength(len(c.Tags))
	for _, tag := range c.Tags {
		add(tag)
	}
	for _, time := range []grapevine.Time{c.CreatedAt, c.UpdatedAt} {
		source = binary.AppendVarint(source, time.UnixMilli())
	}
	sum := sha256.Sum256(source)
	return strconv.Itoa(Version) + "." + base64.RawURLEncoding.EncodeToString(sum[:hashLength])
}
