// Package grapevine holds the nouns of a shared contact list in which MongoDB is the only thing
// anyone writes to: what a [Contact], a [Change] and a [Position] are, how MongoDB's time is kept
// ([Clock]) and how errors are named ([Error]).
//
// The way of a change: api → store → MongoDB → watcher → cache, then jobs and ws side by side, then
// the checkpoint. Each of these is a folder that imports this package and none of the others; app
// wires them.
package grapevine
