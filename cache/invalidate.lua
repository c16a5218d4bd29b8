-- Deletes scopes and raises the cache's position in one step. A reader that misses because of a change must not
-- get an older position than that change.
-- KEYS: position, then scopes. ARGV: position of the change.
-- unpack is limited by Lua's stack, hence the chunks.
for i = 2, #KEYS, 5000 do
  redis.call('UNLINK', unpack(KEYS, i, math.min(i + 4999, #KEYS)))
end
raise(KEYS[1], ARGV[1])
return 'done'
