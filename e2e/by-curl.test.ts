import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";

const document = readFileSync(new URL("../docs/by-curl.md", import.meta.url), "utf8");
const root = new URL("..", import.meta.url).pathname;
const tools = ["bash", "curl", "jq", "jose", "openssl"];
const isHere = (tool: string) => spawnSync("which", [tool]).status === 0;

/** The commands of the document's blocks, in their order. */
const commands = (text: string) => [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join("");

describe("the seven services with curl and openssl", () => {
  it("have each their commands in the document", () => {
    const services = document.split(/^## (?=\d\. )/m).slice(1);
    expect(services.map((service) => service[0])).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    for (const service of services) expect(commands(service)).toContain("curl ");
  });

  it.skipIf(!tools.every(isHere))(
    "work as the document has it",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "xid-by-curl-"));
      const { platform, sandbox, portBase, data } = inject("places");
      const xid = join(folder, "xid");
      const program = join(root, "packages/cli/bin/xid.js");
      writeFileSync(xid, `#!/bin/sh\nexec "${program}" "$@" --port-base ${portBase} --data "${data}"\n`, {
        mode: 0o755,
      });
      const { status, stderr } = spawnSync("bash", ["-euxo", "pipefail", "-c", commands(document)], {
        cwd: root,
        env: {
          ...process.env,
          ISSUER: platform,
          SANDBOX: sandbox,
          PORT: String(portBase + 90),
          XID: xid,
          TMPDIR: folder,
        },
        encoding: "utf8",
      });
      rmSync(folder, { recursive: true });
      expect(status, stderr.split("\n").slice(-12).join("\n")).toBe(0);
    },
    120_000,
  );
});
