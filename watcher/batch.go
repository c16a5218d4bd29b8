package watcher

import (
	"time"

	"grapevine"
)

// batch is a group of changes that are applied together and checkpointed once.
type batch struct {
	parts         []*part
	position      grapevine.Position // of the last numbered change; zero if there is none
	token         string             // of the last change
	deadLetters   []DeadLetterRecord // of changes that could not be decoded and are Resyncs in parts
	readAt        time.Time          // when the first change was read
	heartbeat     int64              // the newest heartbeat in it, 0 if there is none
	dropped       string             // not empty: one of our collections was dropped or renamed, and the stream ends here
	withoutImages bool               // its one change is oversized, and was read without its images
}

func (b *batch) add(collection *Collection, change grapevine.Change) {
	for _, p := range b.parts {
		if p.collection == collection {
			p.changes = append(p.changes, change)
			return
		}
	}
	b.parts = append(b.parts, &part{collection: collection, changes: []grapevine.Change{change}})
}

// size is the number of changes, heartbeats included.
func (b *batch) size() (n int) {
	for _, p := range b.parts {
		n += len(p.changes)
	}
	return n
}

// steps is the number of steps that the batch has to pass.
func (b *batch) steps() (n int) {
	for _, p := range b.parts {
		n = max(n, len(p.collection.Steps))
	}
	return n
}

// contacts are the changes of contacts, with the heartbeats.
func (b *batch) contacts() []grapevine.Change {
	for _, p := range b.parts {
		if p.collection.numbered() {
			return p.changes
		}
	}
	return nil
}
