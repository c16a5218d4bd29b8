-- Stores a value if the scope still holds the reader's lease, that is, if it was not invalidated since the
-- miss. Returns 'stored', 'refused' or 'full'.
-- KEYS: scope. ARGV: lease, field, value, maximum of fields, maximum of bytes.
local scope_key = KEYS[1]
local lease, field, value, max_fields, max_bytes = unpack(ARGV)

if redis.call('HGET', scope_key, 'lease') ~= lease then return 'refused' end
-- The scope also holds its lease and its size.
if redis.call('HLEN', scope_key) >= tonumber(max_fields) + 2 then return 'full' end
if redis.call('HINCRBY', scope_key, 'size', #value) > tonumber(max_bytes) then
  redis.call('HINCRBY', scope_key, 'size', -#value)
  return 'full'
end
redis.call('HSET', scope_key, field, value)
return 'stored'
