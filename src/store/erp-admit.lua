-- Lets one request out to an ERP, if the budget that all processes share has room for its work class.
--
-- KEYS  1 … n      sent.<class>   sorted set: request id by when it left, in microseconds of Redis
--       n+1 … 2n   under.<class>  sorted set: request id by when it has ended at the latest, in ms
-- ARGV  1 which of the n classes asks
--       2 request id, 3 ms until it has ended at the latest
--       4 requests in a window (0: any number), 5 the window in ms
--       6 requests at a time
--       7 … 6+n    what is set aside for a class in a window
--       7+n … 6+2n what is set aside for a class at a time
-- returns {1, 0} or {0, ms until there may be room}
--
-- Time is Redis's own: the processes' clocks need not agree.
local n = #KEYS / 2
local mine = tonumber(ARGV[1])
local id, leaseMs = ARGV[2], tonumber(ARGV[3])
local most, windowMs, places = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
-- How soon a place may come free that nobody announces.
local LOOK_AGAIN_MS = 5

local time = redis.call('TIME')
local nowMicros = time[1] * 1000000 + time[2]
local nowMs = nowMicros / 1000

-- What is taken, and what is kept free for the other classes.
local function taken(first, aside, horizon)
  local sum = 0
  for i = 1, n do
    local key = KEYS[first + i]
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', horizon))
    local used = redis.call('ZCARD', key)
    sum = sum + used
    if i ~= mine then sum = sum + math.max(0, tonumber(ARGV[aside + i]) - used) end
  end
  return sum
end

if taken(n, 6 + n, nowMs) >= places then return { 0, LOOK_AGAIN_MS } end
if most > 0 and taken(0, 6, nowMicros - windowMs * 1000) >= most then
  local freeAt = nowMicros + windowMs * 1000
  for i = 1, n do
    local oldest = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
    if oldest[2] then freeAt = math.min(freeAt, tonumber(oldest[2]) + windowMs * 1000) end
  end
  return { 0, math.max(1, math.ceil((freeAt - nowMicros) / 1000)) }
end

if most > 0 then
  redis.call('ZADD', KEYS[mine], string.format('%.0f', nowMicros), id)
  redis.call('PEXPIRE', KEYS[mine], math.ceil(windowMs) + 60000)
end
redis.call('ZADD', KEYS[n + mine], string.format('%.0f', nowMs + leaseMs), id)
redis.call('PEXPIRE', KEYS[n + mine], leaseMs + 60000)
return { 1, 0 }
