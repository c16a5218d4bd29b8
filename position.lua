-- The order of positions. They stay decimal texts, because a Lua number is a double and rounds them.
local function compare_halves(x, y)
  if #x ~= #y then return #x - #y end
  if x == y then return 0 end
  return x < y and -1 or 1
end
local function position_before(a, b)
  local a_time, a_n = string.match(a, '^(%d+)%-(%d+)$')
  local b_time, b_n = string.match(b, '^(%d+)%-(%d+)$')
  local order = compare_halves(a_time, b_time)
  return order < 0 or order == 0 and compare_halves(a_n, b_n) < 0
end
