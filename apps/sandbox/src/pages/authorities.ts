import { createHash } from "node:crypto";
import { html } from "hono/html";
import type { Authority } from "../ca/authority.ts";
import { kinds } from "../ca/kind.ts";
import { jlisUrl } from "../jlis/verifier-token.ts";
import { municipalities } from "../people/municipalities.ts";
import { countRevoked, countRevokedByMunicipality } from "../store/certificates.ts";
import { findTown } from "../store/town.ts";
import { listVerifiers } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";

/** The two authorities, their generations and lists, where they answer, and who may ask. */
export function authoritiesPage(world: World, reader: Reader): Html {
  const { say } = reader;
  const titles = {
    signature: say("署名用認証局", "Authority for digital signature"),
    authentication: say("利用者証明用認証局", "Authority for user authentication"),
  };
  return layout(reader, {
    title: say("認証局と検証者", "Authorities and verifiers"),
    section: "authorities",
    body: html`
      <h1>${say("認証局と検証者", "Authorities and verifiers")}</h1>
      <p class="lead">${say(
        "電子証明書を発行する模擬の認証局と、有効性を照会できる検証者です。証明書の形式は本物と同じですが、発行者は O=SIM-JPKI です。",
        "The simulated authorities, and who may ask about certificates. They have the real profile, but the issuer is O=SIM-JPKI.",
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
      ${verifiersSection(world, reader)}
    `,
  });
}

function generationSection(world: World, reader: Reader, authority: Authority, isIssuing: boolean): Html {
  const { say, day } = reader;
  const { kind, generation, certificate, keyIdentifier, notBefore, notAfter } = authority;
  const fingerprint = createHash("sha256").update(certificate).digest("hex").toUpperCase();
  const revoked = countRevoked(world.database, kind, generation);
  const hasEnded = notAfter < world.clock();
  return html`<section class="generation">
    <h3>${say(`第${generation}世代`, `Generation ${generation}`)}
      ${
        isIssuing
          ? html`<span class="chip good">${say("発行中", "Issuing")}</span>`
          : hasEnded
            ? html`<span class="chip expired">${say("期限切れ", "Expired")}</span>`
            : html`<span class="chip none">${say("検証のみ", "Verifying only")}</span>`
      }</h3>
    <dl class="register">
      <div><dt>${say("有効期間", "Valid")}</dt>
        <dd>${day(notBefore)}${say("から", " to ")}${day(notAfter)}${say("まで", "")}</dd></div>
      <div><dt>${findTown(world.database) ? say("失効した証明書（町の過去を除く）", "Revoked, besides the town's past") : say("失効した証明書", "Revoked")}</dt><dd>${revoked}${say("件", "")}</dd></div>
      <div><dt>${say("鍵識別子", "Key identifier")}</dt><dd class="code fingerprint">${keyIdentifier}</dd></div>
      <div><dt>SHA-256</dt><dd class="code fingerprint">${fingerprint.match(/.{8}/g)?.join(" ")}</dd></div>
    </dl>
    <p class="downloads">
      <a class="download" href="/jpki/ca/${kind}/${keyIdentifier}.cer">${say("認証局の証明書（DER）", "CA certificate (DER)")}</a>
      <a class="download" href="/jpki/crl/${kind}/${keyIdentifier}.crl">${say("失効リスト（全件）", "Revocation list (all)")}</a>
    </p>
    ${partitions(world, reader, authority)}
  </section>`;
}

/** Each municipality's own list: the one that a certificate's distribution point names. */
function partitions(world: World, { say }: Reader, { kind, generation, keyIdentifier }: Authority): Html {
  const counts = countRevokedByMunicipality(world.database, kind, generation);
  return html`<details>
    <summary>${say(`市区町村ごとの失効リスト（${municipalities.length}）`, `Revocation lists by municipality (${municipalities.length})`)}</summary>
    <ul class="partitions">
      ${municipalities.map(({ code, prefecture, name }) => {
        const count = counts.get(code) ?? 0;
        return html`<li>
          <a href="/jpki/crl/${kind}/${keyIdentifier}/${code}.crl"><span lang="ja">${prefecture}${name}</span></a>
          <span class="code">${code}</span>
          ${count > 0 ? html`<strong>${say(`${count}件`, `${count} revoked`)}</strong>` : ""}
        </li>`;
      })}
    </ul>
  </details>`;
}

function verifiersSection(world: World, { say }: Reader): Html {
  const verifiers = listVerifiers(world.database);
  return html`<section class="panel" id="verifiers">
    <h2>${say("登録されている検証者", "Registered verifiers")}</h2>
    <p>${say(
      "署名検証者・利用者証明検証者として登録されたものだけが、J-LISへの照会とOCSP・失効リストの利用を認められます。",
      "Only those registered as verifiers may ask J-LIS, and use OCSP and the lists.",
    )}</p>
    <dl class="register">
      <div><dt>${say("照会先（J-LIS）", "J-LIS")}</dt><dd class="code">${jlisUrl(world)}</dd></div>
    </dl>
    ${
      verifiers.length === 0
        ? html`<p class="hint">${say(
            "まだありません。xIDサーバーを起動すると、自動で登録されます。",
            "None yet. The xID server registers itself when it starts.",
          )}</p>`
        : html`<ul class="verifiers">
            ${verifiers.map(({ id, name }) => html`<li><strong>${name}</strong> <span class="code fingerprint">${id}</span></li>`)}
          </ul>`
    }
  </section>`;
}
