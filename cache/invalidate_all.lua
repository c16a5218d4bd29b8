-- Ends the epoch, which invalidates every scope without a SCAN. With 'restart' the event log starts again: a new
-- generation begins, and the position is set even if that lowers it.
-- KEYS: position, epoch. ARGV: position of the change, 'restart' or 'continue', random text.
local position_key, epoch_key = unpack(KEYS)
local position, mode, random = unpack(ARGV)

local generation, purges = string.match(redis.call('GET', epoch_key) or '', '^(.+):(%d+)$')
if mode == 'restart' or not generation then
  redis.call('SET', epoch_key, random .. ':0')
else
  redis.call('SET', epoch_key, generation .. ':' .. string.format('%d', tonumber(purges) + 1))
end
if mode == 'restart' then
  redis.call('SET', position_key, position)
else
  raise(position_key, position)
end
return 'done'
