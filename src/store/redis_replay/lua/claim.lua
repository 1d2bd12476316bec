-- One claim, as one step. Answers {what, Redis's clock, whether the memory began anew}: 0 used,
-- 1 fresh, 2 expired, 3 the clocks differ, 4 the memory is not the one that the caller has checked.
--
-- KEYS: 1 the claim; 2 the memory's record.
-- ARGV: 1 until; 2 when to forget; 3 the caller's clock; 4 how far clocks may differ; 5 how long keys
-- outlive their `until`; 6 the token; 7 the memory's name, or nothing if it is not known; 8 since when
-- to remember, or nothing.
local ours, tolerance, margin = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local differ = math.abs(ours - now) > tolerance

-- Not worth a refusal where it cannot be written, on a full server for example.
if since and now > latest + (differ and 0 or LAG) then
  redis.pcall('HSET', KEYS[2], 'latest', exact(now))
end
if differ then return {3, now, 0} end
if since and ARGV[7] ~= '' and ARGV[7] ~= id then return {4, now, 0} end

-- No record: the memory was emptied. A clock that was further ahead than keys outlive their `until`:
-- Redis has dropped keys that are needed now.
local begun = 0
if not since or latest - (margin - LAG) >= now then
  begin(ARGV[7], ours)
  begun = 1
end
if was > since and was - LAG <= now then since = was end

if tonumber(ARGV[1]) < now then return {2, now, begun} end
if ARGV[8] ~= '' and tonumber(ARGV[8]) < since then return {2, now, begun} end

-- c and a token: claimed. r: released. u: claimed after its release, for good.
local held = redis.call('GET', KEYS[1])
if held == 'r' then
  local longest = math.max(tonumber(ARGV[2]), now + redis.call('PTTL', KEYS[1]))
  redis.call('SET', KEYS[1], 'u', 'PXAT', exact(longest))
  return {1, now, begun}
end
if held then return {0, now, begun} end
redis.call('SET', KEYS[1], 'c' .. ARGV[6], 'NX', 'PXAT', ARGV[2])
return {1, now, begun}
