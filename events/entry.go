package events

import (
	"encoding/json"
	"strings"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// Entry is one entry of the log, ready to be delivered. It is shared and never changes.
type Entry struct {
	Position   grapevine.Position
	Resync     string     // frame that tells every socket to read again; empty for any other entry
	Deliveries []Delivery // rooms that the entry concerns
	Size       int        // memory that the entry is counted with, in bytes
}

// Delivery is the frame of an entry for one room: Head and Body joined. Body is shared by the entry's rooms.
type Delivery struct {
	Room string
	Head string
	Body string
}

// Events of the frames.
const (
	contactCreated = "contact:created"
	contactUpdated = "contact:updated"
	contactDeleted = "contact:deleted"
)

// Costs of an entry and of a delivery in memory, beside their text.
const (
	entrySize    = 160
	deliverySize = 120
)

// ResyncFrame is the frame that tells a socket to read again what it shows.
func ResyncFrame(at grapevine.Position, reason string) string {
	return resyncHead + resyncSuffix(at, reason)
}

const resyncHead = `{"event":"resync",`

// parseEntry never fails. An entry that was written by hand concerns no room.
func parseEntry(m redis.XMessage) *Entry {
	at, err := grapevine.ParsePosition(m.ID)
	if err != nil {
		return &Entry{}
	}
	op, _ := m.Values["op"].(string)
	body, _ := m.Values["body"].(string)
	leftBody, _ := m.Values["left"].(string)
	rooms, _ := m.Values["to"].(string)
	e := &Entry{Position: at, Size: entrySize + len(body) + len(leftBody) + len(rooms)}
	switch grapevine.Op(op) {
	case grapevine.Resync:
		if body != "" {
			e.Resync = resyncHead + body
		}
	case grapevine.Created, grapevine.Updated, grapevine.Deleted:
		e.Deliveries = deliveries(rooms, currentBody(body), currentBody(leftBody))
		e.Size += deliverySize * len(e.Deliveries)
	case grapevine.Heartbeat:
	}
	return e
}

func parseEntries(messages []redis.XMessage) []*Entry {
	entries := make([]*Entry, len(messages))
	for i, m := range messages {
		entries[i] = parseEntry(m)
	}
	return entries
}

func deliveries(rooms, body, leftBody string) []Delivery {
	list := make([]Delivery, 0, strings.Count(rooms, "\n")+1)
	for line := range strings.SplitSeq(rooms, "\n") {
		if len(line) < 2 {
			continue
		}
		var event, reason string
		room, end := line[1:], body
		switch roomChange(line[0]) {
		case roomJoined:
			event = contactCreated
		case roomUpdated, roomFormed:
			event = contactUpdated
		case roomDeleted:
			event = contactDeleted
		case roomLeft:
			event, reason, end = contactDeleted, `"reason":"moved",`, leftBody
		default:
			continue
		}
		if end == "" {
			continue
		}
		name, _ := json.Marshal(room) // a string can always be written as JSON
		list = append(list, Delivery{Room: room, Head: `{"event":"` + event + `","room":` + string(name) + `,` + reason, Body: end})
	}
	return list
}
