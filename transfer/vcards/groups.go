package vcards

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// Limits of the groups of one file. Together they take tens of megabytes.
const (
	maxGroups  = 10_000
	maxMembers = 500_000
	maxOfOne   = grapevine.MaxEntries // groups of one member, because a contact has no more tags
)

// Groups are the groups of a file: their names become tags of their members. The zero value has none.
type Groups struct {
	names   []string
	members map[uint64][]int32 // places in names, by the hash of what names the member
	count   int                // of members
	seed    maphash.Seed
	full    bool // the file has more groups or members than are kept
}

// FindGroups reads a file for its groups. A group is a card of its own that can stand before or behind its members, so
// this takes a pass of its own, before that of a [Reader]. decoded is as in [NewReader].
func FindGroups(r io.Reader, decoded bool) (Groups, error) {
	groups := Groups{members: map[uint64][]int32{}, seed: maphash.MakeSeed()}
	cards := newCardReader(r, decoded)
	for {
		card, err := cards.Next()
		if _, ok := errors.AsType[*vcard.Problem](err); ok {
			continue
		}
		if errors.Is(err, io.EOF) {
			return groups, nil
		}
		if err != nil {
			return Groups{}, fmt.Errorf("read the groups of the vCards: %w", err)
		}
		if isGroup(&card) {
			groups.add(&card)
		}
	}
}

func (g *Groups) add(card *vcard.Card) {
	name := groupName(card)
	if name == "" || record.IsNoTag(name) {
		return
	}
	if len(g.names) == maxGroups {
		g.full = true
		return
	}
	g.names = append(g.names, name)
	for i := range card.Properties {
		p := &card.Properties[i]
		if p.Name != "MEMBER" && p.Name != "X-ADDRESSBOOKSERVER-MEMBER" {
			continue
		}
		if g.count == maxMembers {
			g.full = true
			return
		}
		g.count++
		hash := g.hash(card.Text(p.Value))
		places, place := g.members[hash], int32(len(g.names)-1) //nolint:gosec // at most maxGroups
		switch last := len(places) - 1; {
		case last >= 0 && places[last] == place: // it is named twice
		case len(places) == maxOfOne:
			g.full = true
		default:
			g.members[hash] = append(places, place)
		}
	}
}

// hash of a UID or of the URI of an e-mail address. Some programs write urn:uuid: before a UID, others do not.
func (g *Groups) hash(member string) uint64 {
	member = strings.ToLower(strings.TrimSpace(member))
	return maphash.String(g.seed, strings.TrimPrefix(member, "urn:uuid:"))
}

// tagsOf returns the names of the groups that a contact belongs to, in the order of the file.
func (g *Groups) tagsOf(c *grapevine.Contact) []string {
	if len(g.members) == 0 {
		return nil
	}
	var places []int32
	if c.UID != "" {
		places = append(places, g.members[g.hash(c.UID)]...)
	}
	for _, e := range c.Emails {
		places = append(places, g.members[g.hash("mailto:"+e.Value)]...)
	}
	slices.Sort(places)
	var tags []string
	for _, place := range slices.Compact(places) {
		tags = append(tags, g.names[place])
	}
	return tags
}

// groupName is cut to what a tag holds, because each member would tell about it.
func groupName(card *vcard.Card) string {
	name := ""
	if p := card.First("FN"); p != nil {
		name = record.OneLine(card.Text(p.Value))
	}
	if p := card.First("N"); p != nil && name == "" {
		name = record.OneLine(strings.Join(card.Parts(p.Value), " "))
	}
	if runes := []rune(name); len(runes) > grapevine.MaxTag {
		name = strings.TrimSpace(string(runes[:grapevine.MaxTag]))
	}
	return name
}

// kindOf is the kind that a card names, in lower case. Apple's name for it is its own.
func kindOf(card *vcard.Card) string {
	for _, name := range []string{"KIND", "X-ADDRESSBOOKSERVER-KIND"} {
		if p := card.First(name); p != nil {
			if kind := strings.ToLower(record.OneLine(card.Text(p.Value))); kind != "" {
				return kind
			}
		}
	}
	return ""
}

func isGroup(card *vcard.Card) bool { return kindOf(card) == "group" }
