package watcher

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// serverID is Redis' run id. It changes when Redis restarts or a replica takes over. The effects of the current batch
// may then be lost, so the batch is applied again before the checkpoint moves. It is empty if our Redis user may not
// call INFO.
type serverID string

// serverIDLua is Lua source that sets the local variable server_id.
const serverIDLua = `
local info = redis.pcall('INFO', 'server')
local server_id = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
`

var serverIDScript = redis.NewScript(serverIDLua + `return server_id`)

func readServerID(ctx context.Context, rdb *redis.Client) (serverID, error) {
	id, err := serverIDScript.Run(ctx, rdb, nil).Text()
	if err != nil {
		return "", fmt.Errorf("read the run id of Redis: %w", err)
	}
	return serverID(id), nil
}
