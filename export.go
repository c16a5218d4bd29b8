package grapevine

// Export is how far an export has come. It holds nothing open in MongoDB, so it may take any time.
type Export struct {
	// Moment is the position as of which the contacts are read. It is zero after MongoDB has dropped the state of that
	// moment, which it does after some minutes: each further contact is then as it is when it is read.
	Moment Position
	After  string // id of the last contact that was read; empty before the first
	End    bool   // there are no more
}
