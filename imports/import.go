// Package imports brings the contacts of a file into MongoDB. A request keeps the file and a document in MongoDB; a job
// reads the file, and can go on where another run of it was killed.
package imports

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/transfer"
	"grapevine/transfer/record"
)

// State is the state of an import.
type State string

// The states of an import. The last two are final.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Ended reports whether nothing more will happen.
func (s State) Ended() bool { return s == Done || s == Failed }

// OnMatch says what happens to a row whose contact is there already.
type OnMatch string

// What happens to a row whose contact is there already.
const (
	Skip   OnMatch = "skip"   // the contact stays as it is
	Update OnMatch = "update" // the contact gets the values of the row
	Add    OnMatch = "add"    // the row is one more contact
)

// Options are what a client says about an import.
type Options struct {
	OnMatch  OnMatch  `bson:"onMatch"`
	Welcome  bool     `bson:"welcome,omitempty"`  // the created contacts get a mail
	Encoding string   `bson:"encoding,omitempty"` // empty: guess
	Columns  []string `bson:"columns,omitempty"`  // see [tables.Options]; nil: guess
}

func (o Options) forFile(workspace string) transfer.Options {
	return transfer.Options{Workspace: workspace, Encoding: o.Encoding, Columns: o.Columns}
}

// Import is one import as clients see it.
type Import struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	Report
	Size    int64  `json:"size"`              // of the file, in bytes
	Message string `json:"message,omitempty"` // why it failed, or what it waits for

	Workspace string             `json:"-"`
	Offset    int64              `json:"-"` // bytes of the file that were read; a hint
	Position  grapevine.Position `json:"-"` // of the last write
}

// Report says what an import did.
type Report struct {
	Format    string        `json:"format" bson:"format,omitempty"`
	Encoding  string        `json:"encoding" bson:"encoding,omitempty"`
	Read      int           `json:"read" bson:"read"` // rows of the file, those that were skipped too
	Created   int           `json:"created" bson:"created"`
	Updated   int           `json:"updated" bson:"updated"`
	Unchanged int           `json:"unchanged" bson:"unchanged"`
	Skipped   []SkippedRow  `json:"skipped" bson:"skipped"`
	Notes     []record.Note `json:"notes" bson:"notes"`
	More      int           `json:"more" bson:"more"` // skipped rows and notes beyond the lists
}

// SkippedRow is a row that gave no contact.
type SkippedRow struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

const (
	maxListed = 200 // skipped rows, and notes
	maxText   = 300 // bytes of a reason or a note
)

func newReport() Report {
	return Report{Skipped: []SkippedRow{}, Notes: []record.Note{}}
}

func (r *Report) skip(line int, reason string) {
	if len(r.Skipped) == maxListed {
		r.More++
		return
	}
	r.Skipped = append(r.Skipped, SkippedRow{Line: line, Reason: shorten(reason)})
}

func (r *Report) note(notes ...record.Note) {
	for _, n := range notes {
		if len(r.Notes) == maxListed {
			r.More++
			continue
		}
		r.Notes = append(r.Notes, record.Note{Line: n.Line, Field: shorten(n.Field), Note: shorten(n.Note)})
	}
}

func shorten(text string) string {
	if short := grapevine.CutText(text, maxText); len(short) < len(text) {
		return short + "…"
	}
	return text
}

// contactID is the id of the contact that the n-th row of an import makes. A repeated run makes the same ids, so it makes no
// contact twice. Its time is that of the import.
func contactID(id bson.ObjectID, created time.Time, n int) string {
	made := bson.NewObjectIDFromTimestamp(created)
	hash := fnv.New32a()
	_, _ = hash.Write(id[:]) // it takes everything
	binary.BigEndian.PutUint32(made[4:], hash.Sum32())
	binary.BigEndian.PutUint32(made[8:], uint32(n)) //nolint:gosec // a file of 256 MiB has fewer rows
	return made.Hex()
}

// clone returns a report whose lists can grow without a change of r.
func (r *Report) clone() Report {
	c := *r
	c.Skipped, c.Notes = c.Skipped[:len(c.Skipped):len(c.Skipped)], c.Notes[:len(c.Notes):len(c.Notes)]
	return c
}
