import { afterAll, beforeAll, expect, test } from "vitest";
import { readMyNumber } from "../store/people.ts";
import { startTestWorld, type TestWorld } from "../test-world.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
  await sandbox.register("default");
});
afterAll(() => sandbox.close());

const own = { "sec-fetch-site": "same-origin" };
const submit = (path: string, fields: Record<string, string>, headers: Record<string, string> = own) =>
  fetch(sandbox.url + path, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
const read = async (path: string, headers: Record<string, string> = {}) =>
  (await fetch(sandbox.url + path, { headers })).text();

test("the pages are Japanese until English is chosen, which is remembered", async () => {
  expect(await read("/")).toContain('<html lang="ja">');
  const english = await fetch(`${sandbox.url}/?lang=en`);
  expect(await english.text()).toContain('<html lang="en">');
  const cookie = english.headers.get("set-cookie")!.split(";")[0]!;
  expect(await read("/people/new", { cookie })).toContain("Register a resident");
});

test("no page holds a script or a style of its own, nor lets one in", async () => {
  for (const path of [
    "/",
    "/people/new",
    "/people/hanako",
    "/town",
    "/clock",
    "/authorities",
    "/faults",
    "/clock",
    "/town",
  ]) {
    const response = await fetch(sandbox.url + path);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'self'; img-src 'self'/,
    );
    expect(await response.text()).not.toMatch(/<script|<style|style="|onclick|http:\/\/(?!127\.0\.0\.1|localhost)/);
  }
});

test("a resident is registered by the form and shown with the passwords", async () => {
  const response = await submit("/people", { persona: "one-try-left", name: "", address: "高松市" });
  expect(response.status).toBe(303);
  const location = response.headers.get("location")!;
  expect(location).toBe("/people/nozomi?done=registered");
  const page = await read(location);
  expect(page).toContain("小川　望");
  expect(page).toContain("残り1回");
});

test("what was typed is shown again with the reason when it is refused, as text", async () => {
  const response = await submit("/people", {
    persona: "default",
    name: '"><script>alert(1)</script>',
    address: "どこか",
  });
  expect(response.status).toBe(422);
  const page = await response.text();
  expect(page).toContain("この模擬環境にありません");
  expect(page).toContain("&quot;&gt;&lt;script&gt;");
  expect(page).not.toContain("<script>");
});

test("a name is text wherever it is shown", async () => {
  const { id } = await sandbox.register("default", { name: "<b>太郎</b>", kana: "<i>タロウ</i>" });
  for (const path of ["/", `/people/${id}`]) expect(await read(path)).not.toMatch(/<b>|<i>/);
});

/** The counter's page after an event was entered by its form. */
async function enter(id: string, fields: Record<string, string>): Promise<string> {
  const response = await submit(`/people/${id}/events`, fields);
  expect([fields.type, response.status]).toEqual([fields.type, 303]);
  return read(response.headers.get("location")!);
}
/** The cells of a row in the comparison of a certificate with the one before. */
const compared = (page: string, title: string) => {
  const row = new RegExp(`<th scope="row">${title}</th>\\s*<td[^>]*>(.*?)</td>\\s*<td[^>]*>(.*?)</td>`, "s").exec(
    page,
  )!;
  return row.slice(1).map((cell) => cell.replace(/<[^>]+>/g, "").trim());
};

test("every event happens at the counter, with a clear result", async () => {
  const { id } = await sandbox.register("default");
  for (const type of ["move", "reissue-signature", "reissue-certificates", "reset-pins", "new-card", "revoke"]) {
    expect(await enter(id, { type })).toContain('class="notice success"');
  }
  const refused = await submit(`/people/${id}/events`, { type: "revoke", kind: "signature" });
  expect(refused.status).toBe(409);
  const page = await refused.text();
  expect(page).toContain("失効させる有効な電子証明書がありません");
  expect(page).toMatch(/<option value="signature" selected>/);
});

test("after a move the clerk sees old and new address, the certificate that ended, its entry in the list, and who was told", async () => {
  const { id, address, card } = await sandbox.register("default", { address: "清瀬市" });
  const serial = card.certificates.find(({ kind }) => kind === "signature")!.serial;
  const page = await enter(id, { type: "move", address: "高松市" });
  expect(page).toMatch(new RegExp(`<td lang="ja">${address}</td><td lang="ja"><strong>香川県高松市`));
  expect(compared(page, "状態")).toEqual(["失効", "なし"]);
  expect(compared(page, "発行番号")).toEqual([serial, "なし"]);
  expect(compared(page, "主体者")[0]).toMatch(/^C=JP, L=Tokyo-to, L=Kiyose-shi, CN=/);
  expect(page).toContain("affiliationChanged (3)");
  const list = /href="(\/jpki\/crl\/signature\/[0-9a-f]{40}\/13221\.crl)"/.exec(page)![1]!;
  const crl = Buffer.from(await (await fetch(sandbox.url + list)).arrayBuffer()).toString("hex");
  expect(crl).toContain(`0204${serial}`);
  for (const office of ["転出元の市区町村", "署名用認証局（J-LIS）", "住民基本台帳ネットワーク"])
    expect(page).toContain(office);
});

test("a new certificate is shown beside the one before, with what differs", async () => {
  const { id } = await sandbox.register("moved-last-week");
  const page = await enter(id, { type: "reissue-signature" });
  expect(compared(page, "状態")).toEqual(["失効", "有効"]);
  for (const title of ["発行番号", "主体者", "鍵識別子"]) {
    const [before, after] = compared(page, title);
    expect(after).not.toBe(before);
  }
  expect(compared(page, "主体者")[1]).toContain("L=Takamatsu-shi");
});

test("what can't happen to a resident now says why before anyone tries", async () => {
  const { id } = await sandbox.register("under-15");
  const page = await read(`/people/${id}/counter`);
  const form = (type: string) =>
    new RegExp(`<details[^>]*>(?:(?!</details>).)*value="${type}".*?</details>`, "s").exec(page)![0];
  expect(form("reissue-signature")).toContain("15歳未満の方には署名用電子証明書を発行できません");
  expect(form("move")).not.toContain("今はできません");
});

test("an event can be planned, is listed until its day, and cancelled", async () => {
  const { id } = await sandbox.register("default");
  const page = await enter(id, { type: "marriage", familyName: "佐藤", at: "2029-04-01" });
  expect(page).toContain("予定に入れました");
  expect(await read("/clock?by=P5Y")).toMatch(new RegExp(`2029年4月1日[^<]*<a href="/people/${id}/timeline"`));
  const [, cancel] = /action="(\/people\/[^"]+\/cancel)"/.exec(page)!;
  expect((await submit(cancel!, {})).status).toBe(303);
  expect(await read(`/people/${id}/timeline`)).toContain("取り消し");
  expect(await read("/clock?by=P5Y")).not.toContain("2029年4月1日");
});

test("the timeline has everything that happened, and a child that was born has a page and no card", async () => {
  const { id } = await sandbox.register("default");
  const page = await enter(id, { type: "birth" });
  const child = /href="(\/people\/[^"]+)">生まれた子のページへ/.exec(page)![1]!;
  expect(await read(child)).toContain("カードはまだありません");
  expect(await (await submit(`${child}/my-number`, {})).text()).toContain("個人番号：");
  const timeline = await read(`/people/${id}/timeline`);
  expect(timeline.indexOf("子の出生")).toBeLessThan(timeline.indexOf("カードの交付"));
});

test("certificates of a phone stand beside those of the card, with the phone's own passwords", async () => {
  const { id } = await sandbox.register("default");
  await enter(id, { type: "get-phone", model: "iphone" });
  const page = await read(`/people/${id}`);
  expect(page.match(/class="certificate good"/g)).toHaveLength(4);
  expect(page).toContain("スマートフォン（iPhone）の暗証番号");
});

test("an event of somebody else, or of nobody, is not told", async () => {
  const { id } = await sandbox.register("default");
  for (const event of ["1", "0", "x", "%3Cscript%3E", "99999999999"]) {
    expect(await read(`/people/${id}/counter?event=${event}`)).not.toMatch(/notice success|<script/);
  }
});

test.each([
  [{ "sec-fetch-site": "cross-site" }],
  [{ "sec-fetch-site": "same-site" }],
  [{ origin: "http://evil.example" }],
  [{ origin: "null" }],
  [{}],
])("a form sent with %j is refused", async (headers) => {
  const response = await submit("/people/hanako/events", { type: "revoke" }, headers as Record<string, string>);
  expect(response.status).toBe(403);
  expect(await response.text()).toContain("notice failure");
});

test("a browser that tells only its origin may send forms from our own pages", async () => {
  expect((await submit("/people/hanako/events", { type: "reset-pins" }, { origin: sandbox.url })).status).toBe(303);
});

test("the My Number is on the page only after the button, and that answer is not stored", async () => {
  const number = readMyNumber(sandbox.world.database, "hanako").replace(/(.{4})(?=.)/g, "$1 ");
  expect(await read("/people/hanako")).not.toContain(number);
  const response = await submit("/people/hanako/my-number", {});
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.text()).toContain(number);
});

test("a certificate can be taken away as a file", async () => {
  const path = /href="(\/certificates\/signature\/[0-9a-f]+\.cer)"/.exec(await read("/people/hanako"))![1]!;
  const response = await fetch(sandbox.url + path);
  expect(response.headers.get("content-type")).toBe("application/pkix-cert");
  expect((await fetch(`${sandbox.url}/certificates/signature/0fffffff.cer`)).status).toBe(404);
});

test("a page that is not there says so to people in their language", async () => {
  const response = await fetch(`${sandbox.url}/nowhere`, { headers: { accept: "text/html" } });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain("ページが見つかりません");
});

test("the address of an answered form leads back to the resident, and nobody's leads nowhere", async () => {
  const again = await fetch(`${sandbox.url}/people/hanako/my-number`, { redirect: "manual" });
  expect([again.status, again.headers.get("location")]).toEqual([302, "/people/hanako"]);
  for (const id of ["%0d%0aX:y", "%2f%2fevil.example"]) {
    expect((await fetch(`${sandbox.url}/people/${id}/my-number`, { redirect: "manual" })).status).toBe(404);
  }
});

test("many residents are shown in pages", async () => {
  await Promise.all(Array.from({ length: 30 }, () => sandbox.register("under-15")));
  expect((await read("/")).match(/class="resident"/g)).toHaveLength(30);
  expect(await read("/?page=2")).toContain("2 / 2");
  expect(await read("/?page=99999999999999999999")).toContain("2 / 2");
  expect(await read("/?page=x")).toContain("1 / 2");
});

test.each([
  ["花子", true],
  ["山田花子", true],
  ["ﾔﾏﾀﾞ", true],
  ["やまだ はなこ", true],
  ["HANA", true],
  ["%", false],
  ["佐々木小次郎", false],
])("who looks for %s among the residents finds her: %j", async (text, isFound) => {
  const page = await read(`/?q=${encodeURIComponent(text)}`);
  expect(page.includes('href="/people/hanako"')).toBe(isFound);
  if (!isFound) expect(page).toContain(`「${text}」にあてはまる住民はいません`);
});

test("what was looked for is text, and goes along to the next page", async () => {
  expect(await read(`/?q=${encodeURIComponent('"><b>')}`)).not.toContain("<b>");
  expect(await read("/?q=%E9%99%BD%E8%8F%9C")).toMatch(/id="q"[^>]*value="陽菜"/);
});

test("a fault is switched on and off at its page, and every page says so meanwhile", async () => {
  const set = await submit("/faults", {
    kind: "card-torn",
    apdu: "3",
    person: "hanako",
    carriedOut: "true",
    count: "2",
  });
  expect([set.status, set.headers.get("location")]).toEqual([303, "/faults?done=set"]);
  expect(sandbox.world.faults.list()).toMatchObject([
    { kind: "card-torn", person: "hanako", apdu: 3, carriedOut: true, count: 2 },
  ]);
  expect(await read("/faults")).toContain("hanako・3番目のコマンドの実行後・あと2回");
  expect(await read("/people/hanako")).toContain("障害を起こしています");
  const cleared = await submit("/faults/clear", { kind: "card-torn", person: "hanako" });
  expect([cleared.status, cleared.headers.get("location")]).toEqual([303, "/faults?done=cleared"]);
  expect(await read("/people/hanako")).not.toContain("障害を起こしています");
});

test.each([
  [{ kind: "card-torn", apdu: "0" }, 400],
  [{ kind: "card-torn", apdu: "1", person: "nobody" }, 404],
  [{ kind: "jlis-slow", seconds: "fast" }, 400],
  [{ kind: "nothing" }, 400],
])("a fault %j is refused with the reason", async (fields, status) => {
  const response = await submit("/faults", fields as Record<string, string>);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain('role="alert"');
  expect(sandbox.world.faults.list()).toEqual([]);
});

test("the authorities' page has every generation's lists by municipality, and who may ask", async () => {
  const page = await read("/authorities");
  const path = /href="(\/jpki\/crl\/signature\/[0-9a-f]{40}\/13221\.crl)"/.exec(page)![1]!;
  expect((await fetch(sandbox.url + path)).headers.get("content-type")).toBe("application/pkix-crl");
  expect(page).toContain("まだありません。xIDサーバーを起動すると");
});

test("the clock is moved forward at its page after what will happen was shown, with a clear result", async () => {
  const asked = await read("/clock?by=P1D");
  const to = /name="to" value="([^"]+)"/.exec(asked)![1]!;
  expect(asked).toContain("期限の切れる電子証明書");
  expect((await submit("/clock", { to })).headers.get("location")).toBe("/clock?done=moved");
  for (const path of ["/clock?to=2020-01-01", "/clock?by=P11Y", "/clock?by=soon"]) {
    expect(await read(path)).toContain('role="alert"');
  }
  const moved = await submit("/clock", { by: "P1D" });
  expect(moved.headers.get("location")).toBe("/clock?done=moved");
  expect(await read("/clock?done=moved")).toContain("時計を進めました");
  const refused = await submit("/clock", { to: "2020-01-01" });
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain("時計を戻すことはできません");
});

test("a town is founded by the form, searched by name, and its residents opened like all others", async () => {
  expect(await read("/town")).toContain("町をつくる");
  const none = await submit("/town", { residents: "0", seed: "7" });
  expect([none.status, await none.text()]).toEqual([400, expect.stringContaining('role="alert"')]);
  const founded = await submit("/town", { residents: "500", seed: "7" });
  expect([founded.status, founded.headers.get("location")]).toEqual([303, "/town?done=founded"]);
  const first = await read("/town");
  expect(first.match(/class="resident"/g)).toHaveLength(30);
  expect(await read(/href="(\/town\?after[^"]+)"/.exec(first)![1]!.replaceAll("&amp;", "&"))).toContain("/people/t-31");
  expect(await read("/town?name=%E3%81%AA%E3%81%84")).toContain("該当する住民はいません");
  const found = await read(`/town?name=${encodeURIComponent("佐藤")}`);
  const path = /href="(\/people\/t-\d+)"/.exec(found)![1]!;
  expect(await read(path)).toContain("佐藤");
});
