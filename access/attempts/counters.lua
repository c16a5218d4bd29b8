-- Counters of the tries to sign in. limits.go says the same in Go, and what the counters mean.
-- KEYS: address, pair (a hash with counter and turn), new, account. ARGV[1] is the time in ms, or '' for that of Redis.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function rate(at) return {burst = tonumber(ARGV[at]), every = tonumber(ARGV[at + 1])} end
local rates = {address = rate(2), pair = rate(4), new = rate(6), account = rate(8)}
local seen, keep, longest = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])

local pair_values = redis.call('HMGET', KEYS[2], 'counter', 'turn')
local counter = {
  address = tonumber(redis.call('GET', KEYS[1]) or 0),
  pair = tonumber(pair_values[1] or 0),
  new = tonumber(redis.call('GET', KEYS[3]) or 0),
  account = tonumber(redis.call('GET', KEYS[4]) or 0),
}
local turn = tonumber(pair_values[2] or 0)

local function wait(name)
  return math.max(0, math.max(counter[name], now) - (rates[name].burst - 1) * rates[name].every - now)
end
local function use(name) counter[name] = math.max(counter[name], now) + rates[name].every end
local function text(number) return string.format('%.0f', number) end
local function store(key, name)
  if counter[name] > now then
    redis.call('SET', key, text(counter[name]), 'PX', text(counter[name] - now))
  else
    redis.call('DEL', key)
  end
end
local function store_pair()
  redis.call('HSET', KEYS[2], 'counter', text(counter.pair), 'turn', text(turn))
  redis.call('PEXPIRE', KEYS[2], text(math.max(seen, counter.pair - now)))
end
