import { expect, test } from "vitest";
import { routeOf } from "./log.ts";

test("a route shows neither ids nor what follows the path", () => {
  expect(routeOf("/interaction/Vz3_kM-1aB/events?lang=ja")).toBe("/interaction/:id/events");
  expect(routeOf("/wallet/v1/requests/abc123/open")).toBe("/wallet/v1/requests/:id/open");
  expect(routeOf("/authorize?client_id=x&login_hint=%E8%8A%B1")).toBe("/authorize");
  expect(routeOf("/.well-known/openid-configuration")).toBe("/.well-known/openid-configuration");
});
