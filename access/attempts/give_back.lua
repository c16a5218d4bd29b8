-- Takes a try back. ARGV[13] is its lane, ARGV[14] is 1 if the address keeps its turn.
counter.address = counter.address - rates.address.every
store(KEYS[1], 'address')
counter.pair = counter.pair - rates.pair.every
if ARGV[14] == '1' then
  turn = now
elseif ARGV[13] == '1' then
  counter.new = counter.new - rates.new.every
  store(KEYS[3], 'new')
else
  counter.account = counter.account - rates.account.every
  store(KEYS[4], 'account')
end
store_pair()
