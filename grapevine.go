// Package grapevine holds the nouns of a shared contact list in which MongoDB is the only thing anyone
// writes to: [Contact], [Change] and [Position], MongoDB's time ([Clock]) and errors ([Error]).
//
// A change travels api → store → MongoDB → watcher → cache, then jobs and events at the same time, then the
// checkpoint; ws sends the events to the screens. Each of these is a folder that imports this package. Package app
// connects them. ARCHITECTURE.md describes the whole.
package grapevine
