package ws

import _ "embed"

// AsyncAPI describes both endpoints and all frames (AsyncAPI 3.0, JSON). Do not change it.
//
//go:embed asyncapi.json
var AsyncAPI []byte
