package mongox

// Problem says what is wrong with a collection or an index, and what to do.
type Problem struct {
	Name    string `json:"name"`    // of the index, or another noun, such as "validator"
	State   string `json:"state"`   // one word
	Message string `json:"message"` // one sentence or two
}

// States of a [Problem].
const (
	Building     = "building"     // MongoDB builds the index now
	Hidden       = "hidden"       // the index exists, but queries may not use it
	Conflict     = "conflict"     // another index is in the way
	Duplicates   = "duplicates"   // the documents break the rule of a unique index
	Limit        = "limit"        // the collection has too many indexes
	Unauthorized = "unauthorized" // a right is missing
	Failed       = "failed"       // anything else
)
