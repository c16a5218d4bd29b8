-- Raises a key to a position. It never lowers it. A text that is not a position is overwritten.
local function raise(key, position)
  local current = redis.call('GET', key)
  if not current or not string.match(current, '^%d+%-%d+$') or position_before(current, position) then
    redis.call('SET', key, position)
  end
end
