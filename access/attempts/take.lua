-- Takes a place. It returns {lane, 0}, or {0, ms to wait}.
local refused = math.max(wait('address'), wait('pair'))
if refused > 0 then return {0, refused} end
if turn > 0 and now > turn + keep then turn = 0 end
if turn > now then return {0, turn - now} end

local lane = 2
if turn == 0 then
  if not pair_values[1] and wait('new') == 0 then
    lane = counter.address <= now and 3 or 1
    use('new')
    store(KEYS[3], 'new')
  else
    local late = wait('account')
    if late > longest then return {0, longest} end
    use('account')
    store(KEYS[4], 'account')
    if late > 0 then
      turn = now + late
      store_pair()
      return {0, late}
    end
  end
end
use('address')
store(KEYS[1], 'address')
use('pair')
turn = 0
store_pair()
return {lane, 0}
