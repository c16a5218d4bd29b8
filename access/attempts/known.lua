-- The counter KEYS[1] of known browsers at one account. ARGV: time or '', burst, ms for each try, how many tries to count (1, or -1 to
-- take one back). It returns the ms to wait, or 0.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local burst, every, tries = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local counter = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = math.max(0, counter - (burst - 1) * every - now)
if tries > 0 and wait > 0 then return wait end
counter = counter + tries * every
if counter > now then
  redis.call('SET', KEYS[1], string.format('%.0f', counter), 'PX', string.format('%.0f', counter - now))
else
  redis.call('DEL', KEYS[1])
end
return 0
