import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** docs/floors.md: who may stand on whom. The `dependencies` of each manifest are the floor map. */
const floors: Record<string, { folder: string; floor: number; mayUse: string[] }> = {
  "@xid/card": { folder: "packages/card", floor: 0, mayUse: [] },
  "@xid/pki": { folder: "packages/pki", floor: 0, mayUse: [] },
  "@xid/protocol": { folder: "packages/protocol", floor: 0, mayUse: [] },
  "@xid/sdk": { folder: "packages/sdk", floor: 1, mayUse: ["@xid/card", "@xid/pki", "@xid/protocol"] },
  "@xid/server": { folder: "apps/server", floor: 2, mayUse: ["@xid/pki", "@xid/protocol"] },
  "@xid/sandbox": { folder: "apps/sandbox", floor: 2, mayUse: ["@xid/card"] },
  "@xid/wallet": { folder: "apps/wallet", floor: 3, mayUse: ["@xid/card", "@xid/protocol"] },
  "@xid/bank": { folder: "apps/demos/bank", floor: 3, mayUse: ["@xid/sdk"] },
};

const root = new URL("..", import.meta.url).pathname;

/** Biome's findings for `source` as if it stood at `path`: in a copy of the house with nothing but its manifests. */
function lint(path: string, source: string): string {
  const house = mkdtempSync(join(tmpdir(), "xid-floors-"));
  try {
    for (const file of [
      "biome.json",
      "package.json",
      ...Object.values(floors).map((f) => `${f.folder}/package.json`),
    ]) {
      mkdirSync(dirname(join(house, file)), { recursive: true });
      copyFileSync(join(root, file), join(house, file));
    }
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), source);
    const biome = join(root, "node_modules/.bin/biome");
    const run = spawnSync(biome, ["lint", "--vcs-enabled=false", path], { cwd: house, encoding: "utf8" });
    return run.stdout + run.stderr;
  } finally {
    rmSync(house, { recursive: true });
  }
}

describe("the floors", () => {
  it.each(Object.entries(floors))("%s stands only on what is below it", (name, { folder, mayUse }) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    expect(manifest.name).toBe(name);
    const used = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith("@xid/"));
    expect(mayUse).toEqual(expect.arrayContaining(used));
  });

  it.each([
    ["an upward import", "packages/card/src/x.ts", 'import "@xid/server/main";', "noUndeclaredDependencies"],
    [
      "the server reaching the simulator",
      "apps/server/src/x.ts",
      'import "@xid/sandbox/main";',
      "noUndeclaredDependencies",
    ],
    [
      "a walk into another part's folder",
      "apps/server/src/x.ts",
      'import "../../../packages/pki/src/path.ts";',
      "noRestrictedImports",
    ],
    [
      "the core reaching up to the OP",
      "apps/server/src/identity/x.ts",
      'import "../oidc/provider.ts";',
      "noRestrictedImports",
    ],
    ["the OP reaching its neighbour", "apps/server/src/oidc/x.ts", 'import "../wallet/api.ts";', "noRestrictedImports"],
    ["the API reaching its neighbour", "apps/server/src/api/x.ts", 'import "../oidc/keys.ts";', "noRestrictedImports"],
    ["HTTP in the core", "apps/server/src/request/x.ts", 'import "hono";', "noRestrictedImports"],
  ])("refuses %s", (_, path, source, rule) => {
    expect(lint(path, source)).toContain(rule);
  });

  it("lets a downward import pass", () => {
    expect(lint("apps/server/src/x.ts", 'import "@xid/pki";\n')).not.toMatch(/noUndeclared|noRestricted/);
  });
});
