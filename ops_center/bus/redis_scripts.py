"""What must happen at once on the Redis server, as Lua. Called by ``redis_streams`` alone.

Leases: one hash per group, field ``topic/partition`` → ``owner|epoch|expires_ms``. The epoch grows each time a
partition changes hands: it is the fencing token. Time is the server's, so that clocks of machines don't matter.
``allow-oom``: when the server is full, reading and finishing must go on, since nothing else makes room.
"""

APPEND = """
-- KEYS: stream, totals; ARGV: body, records in it. The entry carries how many records lie before its end: the lag.
local total = redis.call('HINCRBY', KEYS[2], KEYS[1], ARGV[2])
return redis.call('XADD', KEYS[1], '*', 'b', ARGV[1], 'e', total)
"""

REGISTER = """#!lua flags=allow-oom
-- KEYS: progress; ARGV: fields … Says that a group exists, so that nothing is trimmed before it has read it.
for i = 1, #ARGV do redis.call('HSETNX', KEYS[1], ARGV[i], '0-0/0') end
return 1
"""

RENEW = """#!lua flags=allow-oom
-- KEYS: members, leases; ARGV: member, time to live in ms, partitions …
-- Keeps the member alive, shares the partitions fairly among the living, returns {partition, epoch, …} of its own.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, ttl = ARGV[1], tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now + ttl, me)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local count = #ARGV - 2
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(members)
local share = math.floor(count / #members)
for rank = 1, count % #members do
  if members[rank] == me then share = share + 1 end
end
local mine, free, wanted = {}, {}, {}
for i = 3, #ARGV do
  local partition = ARGV[i]
  local lease = redis.call('HGET', KEYS[2], partition)
  local owner, epoch, expires = '', '0', '0'
  if lease then owner, epoch, expires = string.match(lease, '^(.*)|(%d+)|(%d+)$') end
  if owner == me then
    mine[#mine + 1] = {partition, tonumber(epoch)}
  elseif tonumber(expires) <= now or not redis.call('ZSCORE', KEYS[1], owner) then
    free[#free + 1] = {partition, tonumber(epoch) + 1}
  end
end
while #mine > share do
  local given = table.remove(mine)
  redis.call('HSET', KEYS[2], given[1], '|' .. given[2] .. '|0')
end
while #mine < share and #free > 0 do
  mine[#mine + 1] = table.remove(free, 1)
end
local answer = {}
for _, own in ipairs(mine) do
  redis.call('HSET', KEYS[2], own[1], me .. '|' .. own[2] .. '|' .. (now + ttl))
  answer[#answer + 1] = own[1]
  answer[#answer + 1] = own[2]
end
return answer
"""

EXTEND = """#!lua flags=allow-oom
-- KEYS: members, leases; ARGV: member, time to live in ms, partitions … Keeps what is held while its worker is busy.
local time = redis.call('TIME')
local expires = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], 'XX', expires, ARGV[1])
for i = 3, #ARGV do
  local lease = redis.call('HGET', KEYS[2], ARGV[i])
  if lease then
    local owner, epoch = string.match(lease, '^(.*)|(%d+)|%d+$')
    if owner == ARGV[1] then redis.call('HSET', KEYS[2], ARGV[i], owner .. '|' .. epoch .. '|' .. expires) end
  end
end
return 1
"""

DONE = """#!lua flags=allow-oom
-- KEYS: leases, progress; ARGV: member, group, then partition, epoch, stream, position, … Answers who was refused.
-- All or nothing: a member that lost one partition has to look at all of them again.
local refused = {}
for i = 3, #ARGV, 4 do
  local lease = redis.call('HGET', KEYS[1], ARGV[i])
  local owner, epoch = '', ''
  if lease then owner, epoch = string.match(lease, '^(.*)|(%d+)|%d+$') end
  if owner ~= ARGV[1] or epoch ~= ARGV[i + 1] then refused[#refused + 1] = ARGV[i] end
end
if #refused == 0 then
  for i = 3, #ARGV, 4 do redis.call('HSET', KEYS[2], ARGV[2] .. '|' .. ARGV[i + 2], ARGV[i + 3]) end
end
return refused
"""

LEAVE = """#!lua flags=allow-oom
-- KEYS: members, leases; ARGV: member, partitions … Gives everything back so that others take over at once.
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 2, #ARGV do
  local lease = redis.call('HGET', KEYS[2], ARGV[i])
  if lease then
    local owner, epoch = string.match(lease, '^(.*)|(%d+)|%d+$')
    if owner == ARGV[1] then redis.call('HSET', KEYS[2], ARGV[i], '|' .. epoch .. '|0') end
  end
end
return 1
"""
