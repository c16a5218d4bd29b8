package watcher

import (
	"slices"
	"time"

	"grapevine"
)

// batch is a group of changes that are applied together and checkpointed once.
type batch struct {
	groups        []*changeGroup
	position      grapevine.Position // of the last numbered change; zero if there is none
	token         string             // of the last change
	pipelineHash  string             // of the pipeline that made the token
	deadLetters   []DeadLetterRecord // of changes that could not be decoded and are Resyncs in groups
	readAt        time.Time          // when the first change was read
	heartbeat     int64              // the newest heartbeat in it, 0 if there is none
	dropped       string             // not empty: one of our collections was dropped or renamed, and the stream ends here
	withoutImages bool               // its one change is oversized, and was read without its images
}

// changeGroup is the changes of one collection in a batch.
type changeGroup struct {
	collection *Collection
	changes    []grapevine.Change
}

// add adds a change. The last Resync of a batch stands for all of its Resyncs: a script that updates 500 contacts
// whose images are missing would otherwise invalidate the whole cache 500 times.
func (b *batch) add(collection *Collection, change grapevine.Change) {
	g := b.group(collection)
	if change.Op == grapevine.Resync {
		g.changes = slices.DeleteFunc(g.changes, func(c grapevine.Change) bool { return c.Op == grapevine.Resync })
	}
	g.changes = append(g.changes, change)
}

func (b *batch) group(collection *Collection) *changeGroup {
	for _, g := range b.groups {
		if g.collection == collection {
			return g
		}
	}
	g := &changeGroup{collection: collection}
	b.groups = append(b.groups, g)
	return g
}

// size is the number of changes, heartbeats included.
func (b *batch) size() (n int) {
	for _, g := range b.groups {
		n += len(g.changes)
	}
	return n
}

// stages is the number of stages that the batch has to pass.
func (b *batch) stages() (n int) {
	for _, g := range b.groups {
		n = max(n, len(g.collection.Stages))
	}
	return n
}

// contacts are the changes of contacts, with the heartbeats.
func (b *batch) contacts() []grapevine.Change {
	for _, g := range b.groups {
		if g.collection.hasOwnPositions() {
			return g.changes
		}
	}
	return nil
}
