-- Takes a try back. ARGV[13] is its lane, ARGV[14] is the ms until the turn that the address keeps, or 0.
counter.address = counter.address - rates.address.every
store(KEYS[1], 'address')
counter.pair = counter.pair - rates.pair.every
if ARGV[13] ~= '2' then
  counter.new = counter.new - rates.new.every
  store(KEYS[3], 'new')
  if ARGV[14] ~= '0' then
    redis.call('DEL', KEYS[2])
    return
  end
elseif ARGV[14] ~= '0' then
  turn = now + tonumber(ARGV[14])
else
  counter.account = counter.account - rates.account.every
  store(KEYS[4], 'account')
end
store_pair()
