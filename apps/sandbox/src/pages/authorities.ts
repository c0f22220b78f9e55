import { createHash } from "node:crypto";
import { html } from "hono/html";
import type { Authority } from "../ca/authority.ts";
import { kinds } from "../ca/kind.ts";
import { jlisUrl } from "../jlis/verifier-token.ts";
import { countRevoked } from "../store/certificates.ts";
import { countVerifiers } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";

/** The two authorities, their generations, and where they answer. */
export function authoritiesPage(world: World, reader: Reader): Html {
  const { say } = reader;
  const titles = {
    signature: say("署名用認証局", "Authority for digital signature"),
    authentication: say("利用者証明用認証局", "Authority for user authentication"),
  };
  return layout(reader, {
    title: say("認証局", "Authorities"),
    section: "authorities",
    body: html`
      <h1>${say("認証局", "Authorities")}</h1>
      <p class="lead">${say(
        "電子証明書を発行する模擬の認証局です。証明書の形式は本物と同じですが、発行者は O=SIM-JPKI です。",
        "The simulated authorities. Their certificates have the real profile, but the issuer is O=SIM-JPKI.",
      )}</p>
      <div class="authorities">
        ${kinds.map((kind) => {
          const issuing = world.authorities.issuing(kind, world.clock());
          const newestFirst = world.authorities.generations(kind).reverse();
          return html`<section class="panel">
            <h2>${titles[kind]}</h2>
            <dl class="register">
              <div><dt>OCSP</dt><dd class="code">${world.sandboxUrl}/jpki/ocsp/${kind}</dd></div>
            </dl>
            <p class="downloads">
              <a class="download" href="/jpki/ca/${kind}.pem">${say("全世代の証明書（PEM）", "All generations (PEM)")}</a>
            </p>
            ${newestFirst.map((authority) => generationSection(world, reader, authority, authority === issuing))}
          </section>`;
        })}
      </div>
      <section class="panel">
        <h2>${say("署名検証者向けの照会（J-LIS）", "Queries for verifiers (J-LIS)")}</h2>
        <dl class="register">
          <div><dt>${say("照会先", "Base URL")}</dt><dd class="code">${jlisUrl(world)}</dd></div>
          <div><dt>${say("登録済みの検証者", "Registered verifiers")}</dt><dd>${countVerifiers(world.database)}${say("者", "")}</dd></div>
        </dl>
      </section>
    `,
  });
}

function generationSection(world: World, { say, day }: Reader, authority: Authority, isIssuing: boolean): Html {
  const { kind, generation, certificate, keyIdentifier, notBefore, notAfter } = authority;
  const fingerprint = createHash("sha256").update(certificate).digest("hex").toUpperCase();
  const revoked = countRevoked(world.database, kind, generation);
  return html`<section class="generation">
    <h3>${say(`第${generation}世代`, `Generation ${generation}`)}
      ${isIssuing ? html`<span class="chip good">${say("発行中", "Issuing")}</span>` : ""}</h3>
    <dl class="register">
      <div><dt>${say("有効期間", "Valid")}</dt>
        <dd>${day(notBefore)}${say("から", " to ")}${day(notAfter)}${say("まで", "")}</dd></div>
      <div><dt>${say("失効した証明書", "Revoked")}</dt><dd>${revoked}${say("件", "")}</dd></div>
      <div><dt>${say("鍵識別子", "Key identifier")}</dt><dd class="code fingerprint">${keyIdentifier}</dd></div>
      <div><dt>SHA-256</dt><dd class="code fingerprint">${fingerprint.match(/.{8}/g)?.join(" ")}</dd></div>
    </dl>
    <p class="downloads">
      <a class="download" href="/jpki/ca/${kind}/${keyIdentifier}.cer">${say("認証局の証明書（DER）", "CA certificate (DER)")}</a>
      <a class="download" href="/jpki/crl/${kind}/${keyIdentifier}.crl">${say("失効リスト（CRL）", "Revocation list (CRL)")}</a>
    </p>
  </section>`;
}
