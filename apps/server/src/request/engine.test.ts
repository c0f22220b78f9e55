import { approvalType, contentDigest, type RequestDisplay, signJws } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unlinkService } from "../consent/unlink.ts";
import { openDatabase } from "../store/database.ts";
import { refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { approveRequest } from "./approve.ts";
import { declineRequest } from "./decline.ts";
import { cancelRequest, proximityCode, readRequest, startRequest, takeApproved } from "./engine.ts";
import { openRequest } from "./open.ts";
import type { Request } from "./request.ts";
import { type Transition, transitions } from "./transition.ts";

const stateOf = async (world: TestWorld, { requestId }: { requestId: string }) =>
  (await readRequest(world.platform, requestId))?.state;

const secretOf = ({ returnTo }: { returnTo: string | null }) => new URL(returnTo!).hash.slice(1);

describe("a request", () => {
  let world: TestWorld;
  let device: TestDevice;
  let other: TestDevice;

  beforeAll(async () => {
    world = await TestWorld.start();
    [{ device }, { device: other }] = [await world.enrolled(), await world.enrolled()];
  });
  afterAll(() => world.close());

  describe("begins", () => {
    it("once: the same question under the same id is the same request", async () => {
      const first = await world.request();
      const { requestId, clientId, asked } = first;
      expect(await startRequest(world.platform, { requestId, clientId, asked })).toEqual(first);
    });

    it.each<[string, (request: Request) => Partial<Request>]>([
      ["another client", () => ({ clientId: "shop" })],
      ["another question", ({ asked }) => ({ asked: { ...asked, offlineAccess: true } })],
    ])("not for %s under an id that is taken", async (_, change) => {
      const request = await world.request();
      const again = startRequest(world.platform, { ...request, ...change(request) });
      await expect(again).rejects.toMatchObject({ code: "ID_TAKEN" });
    });

    it("not twice, of ten at once in two processes", async () => {
      const second = openDatabase(world.test.connection);
      const { clientId, asked } = await world.request();
      const requestId = crypto.randomUUID();
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, n) => {
          const database = n % 2 ? second.database : world.platform.database;
          return startRequest({ ...world.platform, database }, { requestId, clientId, asked });
        }),
      );
      await second.close();
      expect(new Set(all.map(({ proximitySecret }) => proximitySecret.toString("hex"))).size).toBe(1);
    });
  });

  describe("in every state", () => {
    /** Brings a fresh request to a state as it would get there. */
    const ways: Record<Request["state"], () => Promise<Request>> = {
      created: () => world.request(),
      opened: async () => {
        const request = await world.request();
        await device.open(request);
        return request;
      },
      approved: async () => {
        const request = await ways.opened();
        await device.approve(request);
        return request;
      },
      completed: async () => {
        const request = await world.request();
        await takeApproved(world.platform, request.requestId, {
          returnSecret: secretOf(await device.approve(request)),
        });
        return request;
      },
      declined: async () => {
        const request = await ways.opened();
        await device.client.declineRequest(request.requestId);
        return request;
      },
      cancelled: async () => {
        const request = await world.request();
        await cancelRequest(world.platform, request.requestId);
        return request;
      },
      failed: async () => {
        const request = await world.request();
        await tenWrongCodes(request);
        return request;
      },
      expired: async () => {
        const request = await world.request();
        await world.platform.database
          .updateTable("requests")
          .set({ expires_at: new Date(Date.now() - 1) })
          .where("request_id", "=", request.requestId)
          .execute();
        return request;
      },
    };

    const steps: Partial<Record<Transition, (request: Request) => Promise<unknown>>> = {
      open: ({ requestId }) => openRequest(world.platform, device.asDevice, requestId, { via: "link" }),
      decline: ({ requestId }) => declineRequest(world.platform, device.asDevice, requestId),
      cancel: ({ requestId }) => cancelRequest(world.platform, requestId),
    };
    /** What doing it twice is the same as doing once. */
    const repeated: Record<string, string> = { decline: "declined", cancel: "cancelled" };

    const states = Object.keys(ways) as Request["state"][];
    const cases = states.flatMap((state) => (Object.keys(steps) as Transition[]).map((step) => [state, step] as const));

    it.each(cases)("%s: %s does what the table says, or nothing", async (state, step) => {
      const request = await ways[state]();
      const outcome = await steps[step]!(request).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      const allowed = (transitions[step].from as readonly string[]).includes(state);
      if (allowed) {
        expect([outcome, await stateOf(world, request)]).toEqual(["done", transitions[step].to]);
      } else {
        const neverOpened = step === "decline" && ["created", "cancelled", "failed", "expired"].includes(state);
        const ended = state === "expired" ? "EXPIRED" : "WRONG_STATE";
        const refused = neverOpened ? "OTHER_DEVICE" : ended;
        expect(outcome).toEqual(repeated[step] === state ? "done" : refused);
        expect(await stateOf(world, request)).toBe(state);
      }
    });

    it.each(states.filter((state) => state !== "approved"))("%s: there is no approval to take", async (state) => {
      const request = await ways[state]();
      const taking = takeApproved(world.platform, request.requestId);
      await expect(taking).rejects.toMatchObject({ code: state === "expired" ? "EXPIRED" : "WRONG_STATE" });
      expect(await stateOf(world, request)).toBe(state);
    });

    it.each(["declined", "cancelled", "failed", "expired"] as const)(
      "%s: it is not approved any more",
      async (state) => {
        const opened = await world.request();
        const display = await device.open(opened);
        await world.platform.database
          .updateTable("requests")
          .set(state === "expired" ? { expires_at: new Date(Date.now() - 1) } : { state })
          .where("request_id", "=", opened.requestId)
          .execute();
        const refused = refusalOf(device.client.approveRequest(display, ["name"], "app_pin"));
        expect(await refused).toBe(state === "expired" ? "REQUEST_EXPIRED" : "REQUEST_WRONG_STATE");
      },
    );
  });

  async function tenWrongCodes({ requestId }: Request): Promise<string[]> {
    const codes: string[] = [];
    for (let n = 0; n < 10; n++) {
      const attempt = openRequest(world.platform, device.asDevice, requestId, { via: "qr", code: "A".repeat(16) });
      codes.push(
        await attempt.then(
          () => "opened",
          (error: { code: string }) => error.code,
        ),
      );
    }
    return codes;
  }

  describe("on another screen", () => {
    const code = (request: Request, age = 0) => proximityCode(request, world.platform.clock() - age);

    it("opens with the code of the moment, and both screens show one number", async () => {
      const request = await world.request();
      const display = await device.client.openRequest(request.requestId, { via: "qr", code: code(request) });
      expect(display).toMatchObject({ via: "qr", checkNumber: expect.stringMatching(/^\d\d$/) });
      expect((await readRequest(world.platform, request.requestId))?.checkNumber).toBe(display.checkNumber);
    });

    it.each<[string, (request: Request) => { code?: string }]>([
      ["a code of four seconds ago", (request) => ({ code: code(request, 4000) })],
      ["a wrong code", () => ({ code: "A".repeat(16) })],
      ["no code", () => ({})],
    ])("does not open with %s", async (_, opening) => {
      const request = await world.request();
      const attempt = device.client.openRequest(request.requestId, { via: "qr", ...opening(request) });
      expect(await refusalOf(attempt)).toBe("PROXIMITY_CODE_WRONG");
      expect(await stateOf(world, request)).toBe("created");
    });

    it("ends after ten wrong codes, for the right one, too", async () => {
      const request = await world.request();
      expect(await tenWrongCodes(request)).toEqual([...Array(9).fill("WRONG_CODE"), "TOO_MANY_CODES"]);
      expect(await stateOf(world, request)).toBe("failed");
      const right = { via: "qr", code: code(request) } as const;
      expect(await refusalOf(device.client.openRequest(request.requestId, right))).toBe("REQUEST_WRONG_STATE");
    });

    it("opens again on the same device without a new code", async () => {
      const request = await world.request();
      const first = await device.client.openRequest(request.requestId, { via: "qr", code: code(request) });
      expect(await device.client.openRequest(request.requestId, { via: "qr" })).toEqual(first);
    });

    it("does not open as a request on another screen because it was open as one on this", async () => {
      const request = await world.request();
      await device.open(request);
      const attempt = device.client.openRequest(request.requestId, { via: "qr" });
      expect(await refusalOf(attempt)).toBe("PROXIMITY_CODE_WRONG");
    });
  });

  it("that wants one person is opened by nobody else", async () => {
    const { accountId } = device.ids;
    const { database } = world.platform;
    const request = await world.request();
    await database
      .updateTable("requests")
      .set({ account_id: accountId })
      .where("request_id", "=", request.requestId)
      .execute();
    expect(await refusalOf(other.open(request))).toBe("REQUEST_OF_ANOTHER_PERSON");
    expect(await stateOf(world, request)).toBe("created");
    expect((await device.open(request)).requestId).toBe(request.requestId);
  });

  describe("belongs to the device that opened it", () => {
    it("so another device neither opens nor decides it", async () => {
      const request = await world.request();
      const display = await device.open(request);
      expect(await refusalOf(other.open(request))).toBe("REQUEST_OF_ANOTHER_DEVICE");
      expect(await refusalOf(other.client.approveRequest(display, ["name"], "app_pin"))).toBe(
        "REQUEST_OF_ANOTHER_DEVICE",
      );
      expect(await refusalOf(other.client.declineRequest(request.requestId))).toBe("REQUEST_OF_ANOTHER_DEVICE");
      expect(await stateOf(world, request)).toBe("opened");
    });

    it("and another device's wrong codes do not count against it", async () => {
      const request = await world.request();
      await device.open(request);
      const attempt = other.client.openRequest(request.requestId, { via: "qr", code: "A".repeat(16) });
      expect(await refusalOf(attempt)).toBe("REQUEST_OF_ANOTHER_DEVICE");
      expect((await readRequest(world.platform, request.requestId))?.wrongCodes).toBe(0);
    });

    it("and of two that open it at once one gets it", async () => {
      const request = await world.request();
      const attempts = await Promise.allSettled([device.open(request), other.open(request)]);
      expect(attempts.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });
  });

  describe("is approved", () => {
    const open = async () => {
      const request = await world.request();
      return { request, display: await device.open(request) };
    };
    const approve = (display: RequestDisplay, items: ("name" | "birthdate" | "address")[] = ["name"]) =>
      device.client.approveRequest(display, items, "app_pin");

    it.each<[string, (display: RequestDisplay) => RequestDisplay]>([
      [
        "another name of the service",
        (it) => ({ ...it, client: { ...it.client, name: { ...it.client.name, ja: "別の銀行" } } }),
      ],
      [
        "another name in another language",
        (it) => ({ ...it, client: { ...it.client, name: { ...it.client.name, en: "X" } } }),
      ],
      ["another purpose", (it) => ({ ...it, purpose: { ja: "見るだけ", en: "Just looking" } })],
      ["another value", (it) => ({ ...it, items: it.items.map((item) => ({ ...item, value: "x" }) as typeof item) })],
      ["another check number", (it) => ({ ...it, checkNumber: "42" })],
    ])("not when %s was shown", async (_, alter) => {
      const { request, display } = await open();
      expect(await refusalOf(approve(alter(display)))).toBe("DISPLAY_MISMATCH");
      expect(await stateOf(world, request)).toBe("opened");
    });

    it("not when it was never shown", async () => {
      const request = await world.request();
      const { display } = await open();
      expect(await refusalOf(approve({ ...display, requestId: request.requestId }))).toBe("REQUEST_WRONG_STATE");
    });

    it("not by the approval of another request", async () => {
      const [one, two] = [await open(), await open()];
      const approval = await approvalOf(device, one.display);
      const attempt = approveRequest(world.platform, device.asDevice, two.request.requestId, { approval });
      await expect(attempt).rejects.toMatchObject({ code: "DISPLAY_MISMATCH" });
    });

    it("not without a required item", async () => {
      const { display } = await open();
      expect(await refusalOf(approve(display, ["address"]))).toBe("ITEM_REQUIRED");
    });

    it.each<[string, ("name" | "birthdate")[]]>([
      ["an item that was not asked for", ["name", "birthdate"]],
      ["an item twice", ["name", "name"]],
    ])("not with %s", async (_, items) => {
      const { display } = await open();
      expect(await refusalOf(approve(display, items))).toBe("ITEM_REQUIRED");
    });

    it.each([
      ["made too long ago", 121_000],
      ["from the future", -125_000],
    ])("not by an approval %s", async (_, later) => {
      const { request, display } = await open();
      const approval = await approvalOf(device, display);
      const attempt = world.later(later, () =>
        approveRequest(world.platform, device.asDevice, request.requestId, { approval }),
      );
      await expect(attempt).rejects.toMatchObject({ code: "APPROVAL_STALE" });
    });

    it.each<[string, (approval: string) => string]>([
      ["cut short", (approval) => approval.slice(0, -4)],
      ["without a signature", (approval) => approval.replace(/[^.]*$/, "")],
      ["that is none", () => "approval"],
    ])("not by an approval %s", async (_, spoil) => {
      const { request, display } = await open();
      const approval = spoil(await approvalOf(device, display));
      const attempt = approveRequest(world.platform, device.asDevice, request.requestId, { approval });
      await expect(attempt).rejects.toMatchObject({ code: "APPROVAL_INVALID" });
    });

    it("not by an approval that another key signed", async () => {
      const { request, display } = await open();
      const approval = await approvalOf(other, display);
      const attempt = approveRequest(world.platform, device.asDevice, request.requestId, { approval });
      await expect(attempt).rejects.toMatchObject({ code: "APPROVAL_INVALID" });
    });

    it("not when the card was read again in between and the address is another", async () => {
      const { device: moving, resident } = await world.enrolled();
      const request = await world.request();
      const display = await moving.open(request);
      await world.happens(resident, { type: "move" });
      await moving.enrol(await world.happens(resident, { type: "reissue-signature" }));
      expect(await refusalOf(moving.client.approveRequest(display, ["name"], "app_pin"))).toBe("DISPLAY_MISMATCH");
      expect(await moving.approve(request)).toMatchObject({ state: "approved" });
    });

    it("twice with the same answer, and not otherwise than before", async () => {
      const { display } = await open();
      const first = await approve(display);
      expect(await approve(display)).toEqual(first);
      expect(await refusalOf(approve(display, ["name", "address"]))).toBe("REQUEST_WRONG_STATE");
      expect(await refusalOf(device.client.approveRequest(display, ["name"], "biometric"))).toBe("REQUEST_WRONG_STATE");
      expect(await refusalOf(device.client.declineRequest(display.requestId))).toBe("REQUEST_WRONG_STATE");
    });

    it("once of ten at the same moment: one consent, one evidence, one answer", async () => {
      const { request, display } = await open();
      const answers = await Promise.all(Array.from({ length: 10 }, () => approve(display)));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      const evidence = await world.platform.database
        .selectFrom("evidence")
        .select("evidence_id")
        .where("account_id", "=", device.ids.accountId)
        .where("request_id", "=", request.requestId)
        .execute();
      expect(evidence).toHaveLength(1);
    });
  });

  describe("that is approved", () => {
    it("goes back only with its return secret, which is never given out twice", async () => {
      const request = await world.request();
      const decision = await device.approve(request);
      const take = (returnSecret?: string) =>
        takeApproved(world.platform, request.requestId, returnSecret === undefined ? {} : { returnSecret });
      await expect(take()).rejects.toMatchObject({ code: "WRONG_SECRET" });
      await expect(take("A".repeat(43))).rejects.toMatchObject({ code: "WRONG_SECRET" });
      await expect(take("")).rejects.toMatchObject({ code: "WRONG_SECRET" });
      expect(await take(secretOf(decision))).toMatchObject({ ...device.ids, items: ["name", "address"] });
      await expect(take(secretOf(decision))).rejects.toMatchObject({ code: "WRONG_STATE" });
    });

    it("is not taken with the secret of another request", async () => {
      const [one, two] = [await world.request(), await world.request()];
      const decision = await device.approve(one);
      await device.approve(two);
      const taking = takeApproved(world.platform, two.requestId, { returnSecret: secretOf(decision) });
      await expect(taking).rejects.toMatchObject({ code: "WRONG_SECRET" });
    });

    it("is taken by one of ten callers in two processes", async () => {
      const second = openDatabase(world.test.connection);
      const request = await world.request();
      const returnSecret = secretOf(await device.approve(request));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => {
          const database = n % 2 ? second.database : world.platform.database;
          return takeApproved({ ...world.platform, database }, request.requestId, { returnSecret });
        }),
      );
      await second.close();
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason.code);
      expect(refused).toEqual(Array(9).fill("WRONG_STATE"));
    });

    it("is over when its time is", async () => {
      const request = await world.request();
      const returnSecret = secretOf(await device.approve(request));
      const taking = world.later(301_000, () => takeApproved(world.platform, request.requestId, { returnSecret }));
      await expect(taking).rejects.toMatchObject({ code: "EXPIRED" });
    });

    it("is not taken once the service was unlinked", async () => {
      const request = await world.request({ clientId: "unlinked-in-between" });
      const returnSecret = secretOf(await device.approve(request));
      await unlinkService(world.platform, device.ids.accountId, request.clientId);
      const taking = takeApproved(world.platform, request.requestId, { returnSecret });
      await expect(taking).rejects.toMatchObject({ code: "WRONG_STATE" });
    });
  });

  describe("of somebody whose certificate was revoked after enrolment", () => {
    it("shows nothing, stays open, and goes on once the card was read again", async () => {
      const { device: moving, resident } = await world.enrolled();
      const request = await world.request();
      await world.happens(resident, { type: "move" });
      expect(await refusalOf(moving.open(request))).toBe("CERTIFICATE_REVOKED");
      expect(await stateOf(world, request)).toBe("opened");
      const moved = await world.happens(resident, { type: "reissue-signature" });
      await moving.enrol(moved);
      const display = await moving.open(request);
      expect(display.items.find(({ name }) => name === "address")?.value).toMatchObject({
        formatted: moved.address,
      });
      expect(await moving.client.approveRequest(display, ["name"], "app_pin")).toMatchObject({ state: "approved" });
    });

    it("is not approved when that happened while it was on the screen", async () => {
      const { device: revoked, resident } = await world.enrolled();
      const request = await world.request();
      const display = await revoked.open(request);
      await world.happens(resident, { type: "revoke" });
      expect(await refusalOf(revoked.client.approveRequest(display, ["name"], "app_pin"))).toBe("CERTIFICATE_REVOKED");
      expect(await stateOf(world, request)).toBe("opened");
      expect((await revoked.client.me()).certificate.status).toBe("revoked");
    });
  });
});

/** The approval that a device would send. */
function approvalOf(device: TestDevice, display: RequestDisplay): Promise<string> {
  const statement = {
    requestId: display.requestId,
    clientId: display.client.clientId,
    kind: display.kind,
    displayDigest: contentDigest(display),
    items: ["name"],
    userVerification: "app_pin",
    time: Math.floor(Date.now() / 1000),
  };
  const header = { typ: approvalType, kid: device.client.deviceId };
  return signJws(header, statement, device.keys.authentication);
}
