-- Names the memory after the server that holds it. Answers 1 if it begins anew: there is none, or it
-- has come from another server or from before a restart, and may lack what was claimed last.
--
-- KEYS: 1 the memory's record.
-- ARGV: 1 its name, or nothing if it is not known; 2 the caller's clock; 3 how far clocks may differ.
if since and (ARGV[1] == '' or ARGV[1] == id) then return 0 end
local ours, tolerance = tonumber(ARGV[2]), tonumber(ARGV[3])
if math.abs(ours - now) <= tolerance then
  begin(ARGV[1], ours)
  return 1
end
-- Nobody knows which of the clocks is wrong. The first claim for which they agree begins it.
if since then redis.call('HSET', KEYS[1], 'since', '', 'was', exact(missed())) end
return 0
