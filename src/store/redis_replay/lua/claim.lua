-- One claim, as one step. Answers {what, Redis's clock}: 0 used, 1 fresh, 2 expired, 3 the clocks
-- differ.
--
-- KEYS: 1 the claim; 2 the memory's record.
-- ARGV: 1 until; 2 when to forget; 3 the caller's clock; 4 how far clocks may differ; 5 how long keys
-- outlive their `until`; 6 the token; 7 the memory's name; 8 since when to remember, or nothing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ours, tolerance, margin = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local function exact(millis) return string.format('%.0f', millis) end

-- No record: the memory was emptied. A clock that was further ahead than keys outlive their `until`:
-- Redis has dropped keys that are needed now. Either way, it remembers from the next millisecond on:
-- in this one it may have forgotten something.
local record = redis.call('HMGET', KEYS[2], 'since', 'ahead')
local since, ahead = tonumber(record[1]), tonumber(record[2])
if not since or not ahead or math.max(since, ahead) - margin >= now then
  since, ahead = now + 1, 0
  redis.call('HSET', KEYS[2], 'since', exact(since), 'ahead', '0', 'id', ARGV[7])
end

if ours - now > tolerance then return {3, now} end
if now - ours > tolerance then
  if now > ahead then redis.call('HSET', KEYS[2], 'ahead', exact(now)) end
  return {3, now}
end
if tonumber(ARGV[1]) < now then return {2, now} end
if ARGV[8] ~= '' and tonumber(ARGV[8]) < since then return {2, now} end

-- c and a token: claimed. r: released. u: claimed after its release, for good.
local held = redis.call('GET', KEYS[1])
if held == 'r' then
  local longest = math.max(tonumber(ARGV[2]), now + redis.call('PTTL', KEYS[1]))
  redis.call('SET', KEYS[1], 'u', 'PXAT', exact(longest))
  return {1, now}
end
if held then return {0, now} end
redis.call('SET', KEYS[1], 'c' .. ARGV[6], 'NX', 'PXAT', ARGV[2])
return {1, now}
