package ws

import _ "embed"

// AsyncAPI is the description of both endpoints and all frames (AsyncAPI 3.0, JSON). Not to be altered.
//
//go:embed asyncapi.json
var AsyncAPI []byte
