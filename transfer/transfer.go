// Package transfer reads and writes contacts in the formats that people and programs exchange: JSON,
// JSON lines, CSV and vCard. It is pure: bytes in, contacts out, and back. It knows no server.
package transfer
