import { expect, test } from "vitest";
import { limitHeaders, RateLimiter } from "./rate-limit.ts";

test("lets a burst through, then as much as flows in, for each key by itself", () => {
  let now = 0;
  const limiter = new RateLimiter({ burst: 2, perSecond: 0.5 }, () => now);
  limiter.take("a");
  limiter.take("a");
  expect(() => limiter.take("a")).toThrow(expect.objectContaining({ code: "RATE_LIMITED", retryAfter: 2 }));
  limiter.take("b");
  now = 2000;
  limiter.take("a");
  expect(() => limiter.take("a")).toThrow();
});

test("gives nothing for a clock that is set back", () => {
  let now = 10_000;
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, () => now);
  limiter.take("a");
  now = 0;
  expect(() => limiter.take("a")).toThrow();
});

test("remembers no more keys than it has room for", () => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, () => 0);
  limiter.take("first");
  for (let index = 0; index < 50_000; index++) limiter.take(String(index));
  expect(() => limiter.take("first")).not.toThrow();
  expect(() => limiter.take("49999")).toThrow();
});

test("says how things stand with the same three headers, allowed or refused, and looks without counting", () => {
  const limiter = new RateLimiter({ burst: 2, perSecond: 0.5 }, () => 0);
  limiter.check("a");
  expect(limitHeaders(limiter.take("a"))).toEqual({
    "ratelimit-limit": "2",
    "ratelimit-remaining": "1",
    "ratelimit-reset": "2",
  });
  limiter.check("a");
  limiter.take("a");
  const refused = {
    code: "RATE_LIMITED",
    retryAfter: 2,
    headers: { "ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "4" },
  };
  expect(() => limiter.check("a")).toThrow(expect.objectContaining(refused));
  expect(() => limiter.take("a")).toThrow(expect.objectContaining(refused));
});
