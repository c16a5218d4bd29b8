package watcher

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// splitLargeEvent makes the server send an event of more than 16 MB as several fragments. It has to be the last stage.
var splitLargeEvent = bson.D{{Key: "$changeStreamSplitLargeEvent", Value: bson.D{}}}

// fragments collects the fragments of one event. Each fragment holds some of the event's fields.
type fragments struct{ received []bson.Raw }

// join returns the whole event, or nil until its last fragment has come. An event in one piece is returned as it is.
func (f *fragments) join(fragment bson.Raw) bson.Raw {
	number, _ := fragment.Lookup("splitEvent", "fragment").AsInt64OK()
	count, split := fragment.Lookup("splitEvent", "of").AsInt64OK()
	if !split {
		return fragment
	}
	f.received = append(f.received, slices.Clone(fragment)) // the cursor uses its memory again
	if number < count {
		return nil
	}
	var event bson.D
	for n, part := range f.received {
		elements, _ := part.Elements()
		for _, element := range elements {
			// The token of the last fragment is that of the event.
			if key := element.Key(); key != "splitEvent" && (key != "_id" || n == len(f.received)-1) {
				event = append(event, bson.E{Key: key, Value: element.Value()})
			}
		}
	}
	f.received = nil
	whole, _ := bson.Marshal(event) // cannot fail: the values are BSON already
	return whole
}
