import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { browse, startTestProvider } from "./testing/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

it("the README's relying party signs a person in as it stands there", async () => {
  const provider = await startTestProvider();
  provider.person.claims = { name: "山田　花子", birthdate: "1990-01-31" };
  const directory = mkdtempSync(join(tmpdir(), "readme-"));
  const port = await freePort();
  // told from the outside where to keep its file and when it listens, and nothing else
  const example = /```js\n([\s\S]*?)```/.exec(readme)![1]!.replace(".xid-client.json", join(directory, "client.json"));
  const told = `${example}\nserver.once("listening", () => console.log("listening"));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", told], {
    cwd: new URL("..", import.meta.url),
    env: { PATH: process.env.PATH, PORT: String(port), XID_ISSUER: provider.issuer },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    const origin = `http://localhost:${port}`;
    expect(await (await fetch(origin)).text()).toContain('href="/sign-in"');

    const started = await fetch(`${origin}/sign-in`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const callback = await browse(started.headers.get("location")!, `${origin}/callback`);
    expect(await (await fetch(callback)).text()).toBe("WRONG_BROWSER");
    const finished = await fetch(callback, { headers: { cookie } });
    expect(await finished.json()).toMatchObject({ name: "山田　花子", birthdate: "1990-01-31" });
  } finally {
    child.kill();
    await once(child, "exit");
    rmSync(directory, { recursive: true });
    await provider.close();
  }
});
