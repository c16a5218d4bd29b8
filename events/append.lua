-- Appends entries to the event log and stops at the first one that fails.
-- KEYS  1 event log  2 lease
-- ARGV  1 nonce that the lease must hold ('' = not checked)
--       2 position that the log must have reached ('' = not checked)
--       3, 4 id and body of the resync that starts a new log ('' = the first entry is a resync itself)
--       5 '1' = the first entry starts the log again
--       6… entries: id, op, to, body, left; five each ('' = no such field)
-- Returns status, number of appended entries, number of entries that were already there, error text.
-- Begins with PositionLua.
local key = KEYS[1]

local function last_id()
  local info = redis.call('XINFO', 'STREAM', key)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

local function add(id, op, to, body, left, restart)
  local fields = { 'op', op }
  if to ~= '' then fields[#fields + 1] = 'to'; fields[#fields + 1] = to end
  if body ~= '' then fields[#fields + 1] = 'body'; fields[#fields + 1] = body end
  if left ~= '' then fields[#fields + 1] = 'left'; fields[#fields + 1] = left end
  if restart then fields[#fields + 1] = 'restart'; fields[#fields + 1] = '1' end
  return redis.pcall('XADD', key, id, unpack(fields))
end

local function failed(reply) return type(reply) == 'table' and reply.err end

-- Whether the log already has the entry with this id, written as the start of the log.
local function has_restart(id)
  local found = redis.call('XRANGE', key, id, id)
  if #found == 0 then return false end
  for i = 1, #found[1][2], 2 do
    if found[1][2][i] == 'restart' then return true end
  end
  return false
end

if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return { 'fenced', 0, 0, '' }
end

local restart = ARGV[5] == '1'
local exists = redis.call('EXISTS', key) == 1
if restart then
  -- A log that goes on past the new start belongs to another cluster, unless an earlier try of this append
  -- wrote that start.
  if exists and not position_before(last_id(), ARGV[6]) and not has_restart(ARGV[6]) then
    redis.call('UNLINK', key)
  end
else
  if ARGV[2] ~= '' and (not exists or position_before(last_id(), ARGV[2])) then
    return { 'tail-lost', 0, 0, '' }
  end
  if not exists and ARGV[3] ~= '' then
    local reply = add(ARGV[3], 'resync', '', ARGV[4], '', false)
    if failed(reply) then return { 'error', 0, 0, reply.err } end
  end
end

local appended, repeated = 0, 0
for i = 6, #ARGV, 5 do
  local reply = add(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], restart and i == 6)
  if not failed(reply) then
    appended = appended + 1
  elseif string.find(reply.err, 'equal or smaller', 1, true) then
    repeated = repeated + 1
  else
    return { 'error', appended, repeated, reply.err }
  end
end
return { 'done', appended, repeated, '' }
