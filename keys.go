package grapevine

// KeyPrefix is the prefix of every Redis key that belongs to a MongoDB database. Two databases can
// share one Redis.
func KeyPrefix(database string) string { return "grapevine:" + database + ":" }

// Redis keys, each after [KeyPrefix]. The folder that writes a key is named behind it.
const (
	KeyLease      = "lease"      // watcher
	KeyCheckpoint = "checkpoint" // watcher
	KeyReconcile  = "reconcile"  // watcher
	KeyEvents     = "events"     // events
	KeySignals    = "signals"    // events
	KeyCache      = "cache:"     // cache; scopes, epoch and position follow
)

// Collections of MongoDB, with the folder that writes each.
const (
	CollectionContacts    = "contacts"     // store
	CollectionEffects     = "effects"      // ledger
	CollectionHeartbeats  = "heartbeats"   // watcher
	CollectionDeadLetters = "dead_changes" // watcher
	CollectionGaps        = "gaps"         // watcher
	CollectionControl     = "control"      // watcher
)

// Scopes of the cache. Everything that is read about one contact, or about the lists of one workspace, is
// invalidated together.
func ContactScope(id string) string          { return "contact:" + id }
func WorkspaceScope(workspace string) string { return "workspace:" + workspace }
