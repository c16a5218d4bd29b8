//go:build !fault

package app

// crashPoint is nothing outside the fault suite, whose build ends the process at a named point.
func crashPoint() func(string) { return nil }
