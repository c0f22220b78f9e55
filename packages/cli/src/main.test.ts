import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { end, freePortBase, xid, xidUntil } from "./test-xid.ts";

describe("the command line", () => {
  it("lists every verb when nothing is asked", async () => {
    const { status, stdout } = await xid([]);
    expect(status).toBe(0);
    for (const name of Object.keys(commands)) expect(stdout).toContain(`xid ${name} `);
  });

  it("lists the verbs of a group", async () => {
    const { status, stdout } = await xid(["wallet", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("xid wallet sign-in");
    expect(stdout).not.toContain("xid person create");
  });

  it("explains a verb with its options", async () => {
    const { status, stdout } = await xid(["wallet", "sign-in", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/--person ID[\s\S]*--url URL[\s\S]*--json/);
  });

  it.each([
    ["an unknown verb", ["person", "destroy"]],
    ["an unknown option", ["person", "list", "--colour"]],
    ["an argument too many", ["person", "list", "hanako"]],
    ["a missing argument", ["person", "show"]],
    ["a missing option", ["wallet", "sign-in", "--person", "hanako"]],
    ["a port base out of range", ["person", "list", "--port-base", "65535"]],
    ["a platform that is no URL", ["person", "list", "--platform", "localhost"]],
    ["an event that does not exist", ["person", "event", "hanako", "fly"]],
    ["an option of another event", ["person", "event", "hanako", "renew", "--to", "高松市"]],
    ["a certificate that does not exist", ["card", "read", "--person", "hanako", "--certificate", "root"]],
    ["a person's card and a reader", ["card", "info", "--person", "hanako", "--reader", "0"]],
    ["a phone that is nobody's", ["card", "info", "--phone"]],
    ["a PIN on the command line for a real card", ["card", "sign", "package.json", "--pin", "ABC123"]],
    ["a new PIN on the command line for a real card", ["card", "pin", "text", "--new-pin", "1234"]],
    ["a PIN that does not exist", ["card", "pin", "everything"]],
    ["a file that cannot be read", ["card", "sign", "/nowhere"]],
    ["another algorithm in CMS", ["card", "sign", "package.json", "--form", "cms", "--algorithm", "PS256"]],
    ["a language that is neither", ["card", "info", "--lang", "fr"]],
    ["a card for vpcd that is nobody's", ["card", "attach"]],
    ["an item that does not exist", ["wallet", "approve", "x", "--person", "hanako", "--items", "shoe_size"]],
    ["items and all items", ["wallet", "approve", "x", "--person", "hanako", "--items", "name", "--all"]],
    ["a sign-out of nothing", ["wallet", "sign-out", "--person", "hanako"]],
    [
      "a sign-out of one service and of all",
      ["wallet", "sign-out", "--person", "hanako", "--service", "x", "--everywhere"],
    ],
    ["a person whose id leads out of the directory", ["wallet", "services", "--person", "../hanako"]],
    ["a client without redirect URI", ["client", "register"]],
    ["a profile that does not exist", ["client", "register", "--redirect-uri", "http://localhost/", "--profile", "x"]],
    ["a relying party that begins nowhere", ["test-relying-party"]],
    ["a fault that does not exist", ["fault", "set", "weather"]],
    ["an option of another fault", ["fault", "set", "jlis-down", "--seconds", "3"]],
    ["a card's fault for a verifier", ["fault", "set", "card-torn", "--apdu", "3", "--verifier", "xID"]],
    ["a card torn at no command", ["fault", "set", "card-torn", "--person", "hanako"]],
    ["a delay that is no number", ["fault", "set", "jlis-slow", "--seconds", "long"]],
    ["faults of a kind that does not exist", ["fault", "clear", "--kind", "weather"]],
    ["a part that does not exist", ["up", "--only", "everything"]],
  ])("refuses %s with status 2", async (_, args) => {
    const { status, stdout, stderr } = await xid(args);
    expect(stderr).toMatch(/^USAGE: \S/);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  it("takes the id of a request that begins with a hyphen", async () => {
    const { stderr } = await xid(["wallet", "decline", `-${"B".repeat(42)}`, "--person", "nobody", "--data", tmpdir()]);
    expect(stderr).toMatch(/^NOT_ENROLLED: /);
  });

  it("tells errors as JSON with --json", async () => {
    const { status, stderr } = await xid(["person", "show", "--json"]);
    expect(status).toBe(2);
    expect(JSON.parse(stderr)).toEqual({ code: "USAGE", message: expect.stringContaining("xid person show ID") });
  });

  it("says with status 1 that nobody answers", async () => {
    const base = await freePortBase();
    const { status, stderr } = await xid(["person", "list", "--json", "--port-base", String(base)]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toEqual({ code: "UNREACHABLE", message: expect.stringContaining(String(base + 6)) });
  });

  it("says that a person has no wallet", async () => {
    const { status, stderr } = await xid(["wallet", "services", "--person", "nobody", "--data", tmpdir()]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^NOT_ENROLLED: /);
  });
});

const olderNode = findOlderNode();

describe.skipIf(olderNode === undefined)("on a Node too old for TypeScript (none is installed: skipped)", () => {
  it("hands over to the newer one that it brings along, exit status included", async () => {
    expect(await xid(["person", "show"], olderNode)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^USAGE/),
    });
  });

  it("passes signals on", async () => {
    const data = tmpdir();
    const args = ["up", "--json", "--only", "start", "--port-base", String(await freePortBase()), "--data", data];
    const child = await xidUntil('"ready":true', args, olderNode);
    expect(await end(child, "SIGTERM")).toBe(0);
  });
});

function findOlderNode(): string | undefined {
  return ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
    try {
      const version = execFileSync(path, ["--version"], { encoding: "utf8" });
      return /^v(1\d|20|21|22\.([0-9]|1[0-7]))\./.test(version);
    } catch {
      return false;
    }
  });
}
