-- Takes a claim back, as one step. Answers 1 if it did.
--
-- KEYS: 1 the claim. ARGV: 1 until; 2 the token.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(ARGV[1]) < now or redis.call('GET', KEYS[1]) ~= 'c' .. ARGV[2] then return 0 end
redis.call('SET', KEYS[1], 'r', 'KEEPTTL')
return 1
