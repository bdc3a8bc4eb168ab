-- Decides rate, quota and concurrency of one call together, so that no two processes can spend the
-- same unit and a refused call consumes nothing. The same arithmetic as limit-arithmetic.ts.
--
-- KEYS  1 bucket   hash {tokens, at}: units, and when they were counted, in microseconds of Redis
--       2 quota    units used in the period that stands in the key's name
--       3 slots    sorted set: lease id by the time it ends, in ms of Redis
-- ARGV  1 cost
--       2 burst, 3 units per second            (burst 0: no rate limit)
--       4 quota units, 5 ms until its end      (units 0: no quota)
--       6 units spent elsewhere that this quota does not know of yet
--       7 calls at a time                      (0: no concurrency limit)
--       8 lease id, 9 ms until a lease ends by itself
-- returns {allowed, tokens, quota used, calls in flight}, as they stand afterwards
--
-- Time is Redis's own: the processes' clocks need not agree.
local SLACK = 0.000001
-- Keys outlive their use a little: an early loss would give units away.
local GRACE_MS = 60000

local cost = tonumber(ARGV[1])
local burst, perSecond = tonumber(ARGV[2]), tonumber(ARGV[3])
local units, quotaLeftMs, owed = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local slots, leaseId, leaseMs = tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9])

local time = redis.call('TIME')
local nowMicros = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowMicros / 1000)
local allowed = true

local tokens = burst
local countedAt = nowMicros
if burst > 0 then
  local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
  if bucket[1] then
    countedAt = tonumber(bucket[2])
    local elapsed = math.max(0, nowMicros - countedAt) / 1000000
    tokens = math.min(burst, tonumber(bucket[1]) + elapsed * perSecond)
  end
  if tokens + SLACK < math.min(burst, cost) then allowed = false end
end

local used = 0
if units > 0 then
  used = tonumber(redis.call('GET', KEYS[2]) or 0)
  if owed ~= 0 then
    used = redis.call('INCRBY', KEYS[2], owed)
    redis.call('PEXPIRE', KEYS[2], quotaLeftMs + GRACE_MS)
  end
  if used + cost > units then allowed = false end
end

local inFlight = 0
if slots > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', nowMs)
  -- A lease beyond the longest possible one stems from a clock that has since been set back.
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '(' .. string.format('%.0f', nowMs + leaseMs), '+inf')
  inFlight = redis.call('ZCARD', KEYS[3])
  if inFlight >= slots then allowed = false end
end

if allowed then
  tokens = tokens - cost
  if units > 0 then
    used = redis.call('INCRBY', KEYS[2], cost)
    redis.call('PEXPIRE', KEYS[2], quotaLeftMs + GRACE_MS)
  end
  if slots > 0 then
    redis.call('ZADD', KEYS[3], string.format('%.0f', nowMs + leaseMs), leaseId)
    redis.call('PEXPIRE', KEYS[3], leaseMs + GRACE_MS)
    inFlight = inFlight + 1
  end
end

-- Written when refused only if the clock was set back: waiting for it to catch up would block.
if burst > 0 and (allowed or nowMicros < countedAt) then
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.0f', nowMicros))
  redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / perSecond * 1000) + GRACE_MS)
end

return { allowed and 1 or 0, string.format('%.9f', tokens), used, inFlight }
