package grapevine

// KeyPrefix is the prefix of every Redis key that belongs to a MongoDB database. Two databases can
// share one Redis.
func KeyPrefix(database string) string { return "grapevine:" + database + ":" }

// Redis keys, without their [KeyPrefix]. The comment names the folder that writes the key.
const (
	KeyLease      = "lease"      // watcher
	KeyCheckpoint = "checkpoint" // watcher
	KeyReconcile  = "reconcile"  // watcher
	KeyEvents     = "events"     // events
	KeySignals    = "signals"    // events
	KeyUnformed   = "unformed"   // forms
	KeyCache      = "cache:"     // cache; a prefix for its scopes, epoch and position
)

// Collections of MongoDB. The comment names the folder that writes each.
const (
	CollectionContacts    = "contacts"     // store
	CollectionLedger      = "effects"      // ledger; old name, kept for stored data
	CollectionHeartbeats  = "heartbeats"   // watcher
	CollectionDeadLetters = "dead_changes" // watcher
	CollectionGaps        = "gaps"         // watcher
	CollectionImports     = "imports"      // imports
	CollectionControl     = "control"      // watcher; ledger, dataversion and forms write one document each
)

// BucketImportFiles is the GridFS bucket of the files of imports: the first part of the names of two collections.
const BucketImportFiles = "import_files"

// Documents of the collection control that are not commands.
const (
	ControlStart  = "start"  // the record of the first start, of ledger
	ControlSchema = "schema" // the version of the data, of dataversion
	ControlForms  = "forms"  // which contacts have a derived part, of forms
)

// ContactScope is the cache scope of one contact. All entries of a scope are invalidated together.
func ContactScope(id string) string { return "contact:" + id }

// WorkspaceScope is the cache scope of a workspace's lists.
func WorkspaceScope(workspace string) string { return "workspace:" + workspace }
