-- Appends entries to the history as a prefix: it stops at the first that fails.
-- KEYS  1 history  2 lease
-- ARGV  1 nonce the lease must hold ('' = unfenced)  2 id the history must have reached ('' = none)
--       3, 4 id and body of the resync that begins an absent history ('' = the first entry is one)
--       5 '1' = the first entry begins the history anew
--       6… entries: id, op, to, body, left, five each ('' = field absent)
-- Returns status, entries appended, entries that were there already, text of an error. Status 'lost' is a
-- history that is gone, or that somebody else wrote into: an id ahead of ours has every later entry
-- refused as if it were there already.
-- Begins with PositionLua, which compares ids as text.
local key = KEYS[1]

local function newest()
  local info = redis.call('XINFO', 'STREAM', key)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

local function add(id, op, to, body, left, anew)
  local fields = { 'op', op }
  if to ~= '' then fields[#fields + 1] = 'to'; fields[#fields + 1] = to end
  if body ~= '' then fields[#fields + 1] = 'body'; fields[#fields + 1] = body end
  if left ~= '' then fields[#fields + 1] = 'left'; fields[#fields + 1] = left end
  if anew then fields[#fields + 1] = 'anew'; fields[#fields + 1] = '1' end
  return redis.pcall('XADD', key, id, unpack(fields))
end

-- Whether the history has the entry, or had it before it was trimmed.
local function has(id)
  if #redis.call('XRANGE', key, id, id) == 1 then return true end
  local oldest = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)
  return #oldest == 1 and position_before(id, oldest[1][1])
end

if ARGV[1] ~= '' and redis.pcall('GET', KEYS[2]) ~= ARGV[1] then
  return { 'fenced', 0, 0, '' }
end

local anew = ARGV[5] == '1'
local kind = redis.call('TYPE', key).ok
local exists = kind == 'stream'
if not exists and kind ~= 'none' then
  if not anew then return { 'lost', 0, 0, '' } end
  redis.call('UNLINK', key)
end
if anew then
  if exists and not position_before(newest(), ARGV[6]) then
    -- Either an earlier try got this far, or what is there belongs to another cluster.
    local there = redis.call('XRANGE', key, ARGV[6], ARGV[6])
    local ours = false
    if #there == 1 then
      for i = 1, #there[1][2], 2 do ours = ours or there[1][2][i] == 'anew' end
    end
    if not ours then redis.call('UNLINK', key) end
  end
else
  if ARGV[2] ~= '' and (not exists or position_before(newest(), ARGV[2])) then
    return { 'lost', 0, 0, '' }
  end
  if not exists and ARGV[3] ~= '' then
    local r = add(ARGV[3], 'resync', '', ARGV[4], '', false)
    if type(r) == 'table' and r.err then return { 'error', 0, 0, r.err } end
  end
end

local added, known = 0, 0
for i = 6, #ARGV, 5 do
  local r = add(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], anew and i == 6)
  if type(r) == 'table' and r.err then
    if not string.find(r.err, 'equal or smaller', 1, true) then
      return { 'error', added, known, r.err }
    end
    if not has(ARGV[i]) then return { 'lost', added, known, '' } end
    known = known + 1
  else
    added = added + 1
  end
end
return { 'ok', added, known, '' }
