package ws

import (
	"encoding/json"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// entry is one entry of the history as an instance holds it, ready to be delivered. It is shared by
// every socket and never changes, but for frames that are made when first wanted.
type entry struct {
	at     grapevine.Position
	resync *frame // set for a resync; it concerns every socket
	to     []delivery
	size   int // bytes it is held to cost
}

// delivery is what an entry means to one room.
type delivery struct {
	room  string
	event string
	moved bool
	body  string // the end of the frame, shared by the entry's rooms
	made  atomic.Pointer[frame]
}

// parseEntry never fails: an entry that is not ours (somebody wrote into the stream by hand) is one
// that concerns nobody, and the follower goes on after it.
func parseEntry(m redis.XMessage) *entry {
	at, err := grapevine.ParsePosition(m.ID)
	if err != nil {
		return &entry{}
	}
	e := &entry{at: at, size: 160}
	op, _ := m.Values["op"].(string)
	body, _ := m.Values["body"].(string)
	gone, _ := m.Values["left"].(string)
	to, _ := m.Values["to"].(string)
	e.size += len(body) + len(gone) + len(to)
	switch grapevine.Op(op) {
	case grapevine.Resync:
		if body != "" {
			e.resync = text(`{"event":"resync",` + body)
		}
	case grapevine.Created, grapevine.Updated, grapevine.Deleted:
		e.to = deliveries(to, body, gone)
		e.size += 120 * len(e.to)
	}
	return e
}

func deliveries(to, body, gone string) []delivery {
	list := make([]delivery, 0, strings.Count(to, "\n")+1)
	for line := range strings.SplitSeq(to, "\n") {
		if len(line) < 2 {
			continue
		}
		d := delivery{room: line[1:], body: body}
		switch verdict(line[0]) {
		case entered:
			d.event = "contact:created"
		case stayed:
			d.event = "contact:updated"
		case removed:
			d.event = "contact:deleted"
		case left:
			d.event, d.moved, d.body = "contact:deleted", true, gone
		default:
			continue
		}
		if d.body == "" {
			continue
		}
		// An element is written once, before the entry is shared: atomic.Pointer forbids a copy after.
		list = append(list, delivery{room: d.room, event: d.event, moved: d.moved, body: d.body})
	}
	return list
}

// frame is the delivery's frame, made once and shared by all sockets in the room.
func (d *delivery) frame() *frame {
	if f := d.made.Load(); f != nil {
		return f
	}
	room, _ := json.Marshal(d.room) // a string always has a JSON form
	head := `{"event":"` + d.event + `","room":` + string(room) + `,`
	if d.moved {
		head += `"reason":"moved",`
	}
	f := split(head, d.body)
	d.made.CompareAndSwap(nil, f)
	return d.made.Load()
}
