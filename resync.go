package grapevine

import "slices"

// ResyncReason says why everybody has to read again. Sockets of every workspace are told it, so it is one of a few fixed
// words and never a text that quotes data.
type ResyncReason string

// The reasons of a [Resync].
const (
	ResyncStarted       ResyncReason = "started"        // the event log begins here
	ResyncHistoryLost   ResyncReason = "history-lost"   // MongoDB no longer has the changes, or they were not followed
	ResyncImagesMissing ResyncReason = "images-missing" // MongoDB kept no image of a document before or after its change
	ResyncUnreadable    ResyncReason = "unreadable"     // a change could not be decoded or applied; dead_changes says why
	ResyncLogLost       ResyncReason = "log-lost"       // Redis lost the end of the event log
	ResyncBehind        ResyncReason = "behind"         // the instance of the socket did not read a part of the event log in time
	ResyncUnknown       ResyncReason = "unknown"        // any other
)

var resyncReasons = []ResyncReason{
	ResyncStarted, ResyncHistoryLost, ResyncImagesMissing, ResyncUnreadable, ResyncLogLost, ResyncBehind, ResyncUnknown,
}

// ResyncReasons are all reasons.
func ResyncReasons() []ResyncReason { return slices.Clone(resyncReasons) }

// Known is the reason itself, or ResyncUnknown if it is none of the words above. An earlier program stored texts.
func (r ResyncReason) Known() ResyncReason {
	if slices.Contains(resyncReasons, r) {
		return r
	}
	return ResyncUnknown
}
