import { credentialTypeUri, type ItemName, itemNames } from "@xid/protocol";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Platform } from "../platform.ts";

/** How the items are called, for whoever shows a credential. */
const labels: Record<ItemName, { ja: string; en: string }> = {
  name: { ja: "氏名", en: "Name" },
  family_name: { ja: "氏", en: "Family name" },
  given_name: { ja: "名", en: "Given name" },
  birthdate: { ja: "生年月日", en: "Date of birth" },
  age_over_18: { ja: "18歳以上", en: "Aged 18 or over" },
  age_over_20: { ja: "20歳以上", en: "Aged 20 or over" },
  gender: { ja: "性別", en: "Sex" },
  address: { ja: "住所", en: "Address" },
  municipality: { ja: "住所の市区町村", en: "Municipality of residence" },
};

/**
 * What everybody needs who verifies a credential of ours: the issuer's keys (draft-ietf-oauth-sd-jwt-vc §5) and the
 * metadata of its type (§6).
 */
export function credentialApi({ config, credentialKeys }: Pick<Platform, "config" | "credentialKeys">): Hono {
  const app = new Hono();
  app.use(cors({ origin: "*" }));
  const { issuer } = config;
  const keys = credentialKeys.map(({ publicJwk, kid }) => ({ ...publicJwk, kid, alg: "ES256", use: "sig" }));
  app.get("/.well-known/jwt-vc-issuer", (context) => {
    context.header("cache-control", "max-age=300");
    return context.json({ issuer, jwks: { keys } });
  });
  const texts = (text: { ja: string; en: string }, as: "name" | "label") =>
    (["ja", "en"] as const).map((locale) => ({ locale, [as]: text[locale] }));
  const type = {
    vct: credentialTypeUri(issuer),
    name: "xID person",
    description: "What the signature certificate of a My Number Card says of its holder, item by item.",
    display: texts({ ja: "xIDの本人情報", en: "xID person" }, "name"),
    claims: itemNames.map((name) => ({ path: [name], sd: "always", display: texts(labels[name], "label") })),
  };
  app.get(new URL(type.vct).pathname, (context) => {
    context.header("cache-control", "max-age=300");
    return context.json(type);
  });
  return app;
}
