-- Answers a read: {epoch, position, 1, value} for a hit, {epoch, position, 0, lease} for a miss.
-- KEYS: scope, epoch, position. ARGV: field, random text, TTL in milliseconds.
local scope_key, epoch_key, position_key = unpack(KEYS)
local field, random, ttl = unpack(ARGV)

local epoch = redis.call('GET', epoch_key)
if not epoch or not string.match(epoch, '^.+:%d+$') then
  epoch = random .. ':0'
  redis.call('SET', epoch_key, epoch)
end
local position = redis.call('GET', position_key) or ''
local lease, value = unpack(redis.call('HMGET', scope_key, 'lease', field))
if lease and string.sub(lease, 1, #epoch + 1) == epoch .. '/' then
  if value then return {epoch, position, 1, value} end
  return {epoch, position, 0, lease}
end
-- Without the check, a Redis that is out of memory would grant a new lease, because it lets a script continue after its
-- first write.
if lease then redis.call('UNLINK', scope_key) end
lease = epoch .. '/' .. random
redis.call('HSET', scope_key, 'lease', lease)
redis.call('PEXPIRE', scope_key, ttl)
return {epoch, position, 0, lease}
