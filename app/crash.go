//go:build !fault

package app

// crashPoint returns nil here. The build of the fault suite has another crashPoint, which ends the process.
func crashPoint() func(string) { return nil }
