package ws

import (
	"encoding/json"
	"errors"
	"strings"

	"grapevine"
)

// maxContact is the longest JSON of a contact that travels in a frame; a longer one is `null` with
// `"truncated":true`, so that one huge note cannot fill every client's queue.
const maxContact = 64 << 10

// record is one entry of the history as it lies in Redis. Followers deliver it without parsing the
// contact: a frame is `{"event":…,"room":…,` followed by body (or left, in a room that was left).
type record struct {
	at   grapevine.Position
	op   grapevine.Op
	to   string // one room a line, each after its [verdict]
	body string
	left string
	anew bool
}

func (r *record) size() int { return len(r.to) + len(r.body) + len(r.left) + 64 }

// verdict is what a change means to one room.
type verdict byte

const (
	entered verdict = '+' // the contact is in the room now, and was not before
	stayed  verdict = '='
	removed verdict = '-' // the contact is deleted
	left    verdict = '<' // the contact moved elsewhere
)

// render turns a change into its entry. The error is a *grapevine.DeadLetter: the contact has no JSON form.
func render(c *grapevine.Change) (record, error) {
	r := record{at: c.Position, op: c.Op, anew: c.Restart}
	var err error
	switch {
	case c.Op == grapevine.Heartbeat:
	case c.Op == grapevine.Created && c.After != nil:
		r.to = rooms(c.ID, nil, c.After)
		r.body, err = ending(c, c.After, false, true)
	case c.Op == grapevine.Updated && c.After != nil:
		r.to = rooms(c.ID, orElse(c.Before, c.After), c.After)
		r.body, err = ending(c, c.After, true, true)
		if err == nil && strings.Contains("\n"+r.to, "\n"+string(left)) {
			r.left, err = ending(c, c.Before, false, true)
		}
	case c.Op == grapevine.Deleted && c.Before != nil:
		r.to = rooms(c.ID, c.Before, nil)
		r.body, err = ending(c, c.Before, false, false)
	default:
		r.op = grapevine.Resync
		r.body = resyncBody(c.Position, c.Reason)
	}
	if err != nil {
		return record{}, &grapevine.DeadLetter{Position: c.Position, Reason: err.Error()}
	}
	return r, nil
}

func orElse(c, other *grapevine.Contact) *grapevine.Contact {
	if c != nil {
		return c
	}
	return other
}

// rooms lists who is concerned: before is nil for a contact that was not there, after for one that is
// gone.
func rooms(id string, before, after *grapevine.Contact) string {
	var b strings.Builder
	line := func(v verdict, room string) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteByte(byte(v))
		b.WriteString(room)
	}
	pair := func(prefix, was, is string) {
		switch {
		case was == is && is != "":
			line(stayed, prefix+is)
		case was == is:
		default:
			if was != "" {
				line(leaving(after), prefix+was)
			}
			if is != "" {
				line(entered, prefix+is)
			}
		}
	}
	pair("workspace:", workspaceOf(before), workspaceOf(after))
	pair("owner:", ownerOf(before), ownerOf(after))
	switch {
	case before == nil:
		line(entered, "contact:"+id)
	case after == nil:
		line(removed, "contact:"+id)
	default:
		line(stayed, "contact:"+id)
	}
	return b.String()
}

func leaving(after *grapevine.Contact) verdict {
	if after == nil {
		return removed
	}
	return left
}

func workspaceOf(c *grapevine.Contact) string {
	if c == nil || !grapevine.ValidWorkspace(c.Workspace) {
		return "" // nobody can join such a room
	}
	return c.Workspace
}

func ownerOf(c *grapevine.Contact) string {
	if c == nil || !validOwner(c.Owner) {
		return ""
	}
	return c.Owner
}

// ending is the end of a frame, after its event and room.
func ending(c *grapevine.Change, contact *grapevine.Contact, changed, source bool) (string, error) {
	text, err := contactJSON(contact)
	if err != nil {
		return "", err
	}
	b := make([]byte, 0, len(text)+160)
	b = append(b, `"position":"`...)
	b = append(b, c.Position.String()...)
	b = append(b, `","at":"`...)
	at := c.At
	if at.IsZero() {
		at = c.Position.Wall()
	}
	b = append(b, grapevine.Time{Time: at}.String()...)
	b = append(b, `","contact":`...)
	if len(text) > maxContact {
		b = append(b, `null,"truncated":true`...)
	} else {
		b = append(b, text...)
	}
	if changed {
		b = append(b, `,"changed":`...)
		fields := c.Changed
		if fields == nil {
			fields = []string{}
		}
		names, err := json.Marshal(fields)
		if err != nil {
			return "", err
		}
		b = append(b, names...)
	}
	if source && c.Source != "" {
		b = append(b, `,"source":"`...)
		b = append(b, c.Source...)
		b = append(b, '"')
	}
	return string(append(b, '}')), nil
}

func contactJSON(c *grapevine.Contact) ([]byte, error) {
	shown := *c
	if shown.FullName == "" {
		shown.FullName = c.DisplayName()
	}
	if shown.Tags == nil {
		shown.Tags = []string{}
	}
	if shown.Addresses == nil {
		shown.Addresses = []grapevine.Address{}
	}
	text, err := json.Marshal(&shown)
	if err != nil {
		return nil, errors.New("the contact has no JSON form: " + err.Error())
	}
	return text, nil
}

// resyncBody is what follows `{"event":"resync",`.
func resyncBody(at grapevine.Position, reason string) string {
	if reason == "" {
		reason = "what changed is not known"
	}
	text, _ := json.Marshal(reason) // a string always has a JSON form
	return `"position":"` + at.String() + `","reason":` + string(text) + `}`
}

// previous is the position just before p.
func previous(p grapevine.Position) grapevine.Position {
	switch {
	case p.N > 0:
		return grapevine.Position{Time: p.Time, N: p.N - 1}
	case p.Time > 0:
		return grapevine.Position{Time: p.Time - 1}.End()
	}
	return p
}
