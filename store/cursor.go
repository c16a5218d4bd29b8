package store

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// plan is how the contacts of a page are found. A cursor names its plan, because each counts its parts in its own way.
type plan int32

const (
	listing   plan = iota // in the order of a list
	gathering             // of a search: all candidates, ranked
	scanning              // of a search: along the ranges of one term
	texting               // of a $text search
)

// cursor is where the next page begins: after a place in one part of the list.
type cursor struct {
	Plan plan     `bson:"p"`
	Term int      `bson:"t,omitempty"` // of the search, whose ranges are scanned
	Part int      `bson:"s,omitempty"` // segment of the order, or range of the term
	At   position `bson:"v,omitempty"` // empty: at the beginning of the part
	ID   position `bson:"i,omitempty"` // of what is after that place, the contacts after this id; see [Store.walkByID]

	stopped bool // not encoded: there may be more contacts that fit than the page has
}

// position is a place in an order: values of index fields, the last one an _id.
type position []bson.RawValue

// positionOf encodes values, which are ones that BSON has.
func positionOf(values ...any) position {
	p := make(position, len(values))
	for i, value := range values {
		if raw, ok := value.(bson.RawValue); ok {
			p[i] = raw
			continue
		}
		kind, data, err := bson.MarshalValue(value)
		if err != nil {
			panic(err)
		}
		p[i] = bson.RawValue{Type: kind, Value: data}
	}
	return p
}

// id is the contact at the position.
func (p position) id() bson.RawValue { return p[len(p)-1] }

const (
	maxCursor   = 16 << 10
	cursorCheck = 12 // bytes of the hash in front
)

// encode is opaque to clients. The hash in front binds the cursor to the workspace, filters and sort
// it came from and shows whether it was altered.
func (c cursor) encode(q grapevine.Query) (string, error) {
	body, err := bson.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(check(q, body), body...)), nil
}

func check(q grapevine.Query, body []byte) []byte {
	q.After, q.Limit, q.Expand = "", 0, false
	h := sha256.New()
	h.Write([]byte(q.Workspace + "\x00" + q.Key() + "\x00"))
	h.Write(body)
	return h.Sum(nil)[:cursorCheck]
}

// decodeCursor reads q.After, which must be of the very same list. Its numbers are not checked.
func decodeCursor(q grapevine.Query) (c cursor, err error) {
	if len(q.After) > maxCursor {
		return c, badCursor(errors.New("too long"))
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(q.After)
	if err != nil || len(data) < cursorCheck {
		return c, badCursor(err)
	}
	body := bson.Raw(data[cursorCheck:])
	if string(check(q, body)) != string(data[:cursorCheck]) {
		return c, badCursor(errors.New("its hash differs"))
	}
	if err := body.Validate(); err != nil {
		return c, badCursor(err)
	}
	if err := bson.Unmarshal(body, &c); err != nil {
		return c, badCursor(err)
	}
	if len(c.ID) > 1 {
		return c, badCursor(errors.New("several ids"))
	}
	return c, nil
}

// expect returns an error if the cursor is not of the list's order.
func (c cursor) expect(p plan, o order) error {
	if c.Plan != p || c.Part < 0 || c.Part >= len(o.segments) || len(c.At) != 0 && len(c.At) != len(o.segments[c.Part].fields) {
		return badCursor(errors.New("other parts"))
	}
	return nil
}

func badCursor(cause error) error {
	return &grapevine.Error{
		Code:    grapevine.BadRequest,
		Message: "after is not a cursor of this list: it belongs to the workspace, filters and sort it came from",
		Cause:   cause,
	}
}
