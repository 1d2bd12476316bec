-- What all scripts know of the memory. Its record, their last key, is a hash:
--
-- id      the name of the server that held it
-- since   from when on it knows all that was claimed; nothing if it is still to begin
-- latest  what Redis's clock showed last, or up to LAG before that
-- was     what it had shown when it went back
local LAG = 5000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HMGET', KEYS[#KEYS], 'id', 'since', 'latest', 'was')
local id, since = record[1], tonumber(record[2])
local latest, was = tonumber(record[3]) or 0, tonumber(record[4]) or 0

local function exact(millis) return string.format('%.0f', millis) end

-- What a memory that is lost by a clock that is behind is missed from, when that is set right.
local function missed()
  local last = math.max(was, since or 0)
  return latest > now and math.max(last, latest + LAG) or last
end

-- It begins after this millisecond, in which something may have been forgotten, and by the later of
-- two clocks that nearly agree.
local function begin(name, ours)
  was, since = missed(), math.max(now, ours) + 1
  redis.call('HSET', KEYS[#KEYS], 'id', name, 'since', exact(since), 'latest', exact(now),
    'was', exact(was))
end

