-- For wrk: POSTs the file BENCH_BODY with the token BENCH_TOKEN, and counts what is not a completed run.
local file = assert(io.open(os.getenv("BENCH_BODY")))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
wrk.headers["Accept"] = "application/json"
file:close()

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  failed = 0
end

function response(status, headers, body)
  if status ~= 200 or not body:find('"status":"completed"', 1, true) then
    if failed == 0 then
      io.stderr:write(status, " ", body:sub(1, 400), "\n")
    end
    failed = failed + 1
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(threads) do
    failures = failures + thread:get("failed")
  end
  io.write(string.format(
    '\n{"runs": %d, "seconds": %f, "failed": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, failures,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
