-- Names the memory after the server that holds it. Answers 1 if it begins anew: there is none, or it
-- has come from another server or from before a restart, and may lack what was claimed last.
--
-- KEYS: 1 the memory's record. ARGV: 1 its name, or nothing if it is not known.
local id = redis.call('HGET', KEYS[1], 'id')
if id and (ARGV[1] == '' or ARGV[1] == id) then return 0 end
local time = redis.call('TIME')
local since = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + 1)
redis.call('HSET', KEYS[1], 'since', since, 'ahead', '0', 'id', ARGV[1])
return 1
