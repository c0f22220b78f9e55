import { html } from "hono/html";
import { kinds } from "../ca/kind.ts";
import { kindWords, reasonWords } from "../people/certificate-words.ts";
import { type PresentedCertificate, presentCertificate } from "../people/present.ts";
import { certificateOnCard, certificateOnPhone, type IssuedCertificate } from "../store/certificates.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { statusWords } from "./words.ts";

/** A certificate's status in one word and colour. */
export function statusChip({ say, language }: Reader, certificate: PresentedCertificate | undefined): Html {
  if (!certificate) return html`<span class="chip none">${say("なし", "None")}</span>`;
  return html`<span class="chip ${certificate.status}">${statusWords[certificate.status][language]}</span>`;
}

/** The certificates on the card and, where there is one, on the phone; under them those that were held before. */
export function certificatesSection(reader: Reader, certificates: IssuedCertificate[], now: Date): Html {
  const { say } = reader;
  const former = certificates.filter(({ held }) => !held).reverse();
  const hasPhone = certificates.some(({ medium, held }) => medium === "phone" && held);
  return html`<section class="panel">
    <h2>${say("電子証明書", "Certificates")}</h2>
    ${hasPhone ? html`<h3 class="medium">${say("カード", "Card")}</h3>` : ""}
    ${heldCertificates(reader, certificates, certificateOnCard, now)}
    ${
      hasPhone
        ? html`<h3 class="medium">${say("スマートフォン", "Phone")}</h3>
          ${heldCertificates(reader, certificates, certificateOnPhone, now)}`
        : ""
    }
    ${
      former.length === 0
        ? ""
        : html`<details>
          <summary>${say(`以前の電子証明書（${former.length}件）`, `Former certificates (${former.length})`)}</summary>
          <div class="certificates former">
            ${former.map((certificate) => certificateCard(reader, presentCertificate(certificate, now), certificate))}
          </div>
        </details>`
    }
  </section>`;
}

function heldCertificates(
  reader: Reader,
  certificates: IssuedCertificate[],
  find: typeof certificateOnCard,
  now: Date,
): Html {
  return html`<div class="certificates">
    ${kinds.map((kind) => {
      const held = find(certificates, kind);
      return held ? certificateCard(reader, presentCertificate(held, now), held) : absent(reader, kind);
    })}
  </div>`;
}

function certificateCard(reader: Reader, presented: PresentedCertificate, { revocation }: IssuedCertificate): Html {
  const { say, day, language } = reader;
  const { kind, serial, status, notBefore, notAfter } = presented;
  return html`<article class="certificate ${status}">
    <h3>${kindWords[kind][language]} ${statusChip(reader, presented)}</h3>
    <dl>
      <div><dt>${say("発行番号", "Serial")}</dt><dd class="code">${serial}</dd></div>
      <div><dt>${say("発行日", "Issued")}</dt><dd>${day(notBefore)}</dd></div>
      <div><dt>${say("有効期限", "Valid until")}</dt><dd>${day(notAfter)}</dd></div>
      ${
        revocation
          ? html`<div><dt>${say("失効日", "Revoked")}</dt><dd>${day(revocation.at)}</dd></div>
            <div><dt>${say("失効理由", "Reason")}</dt>
              <dd>${reasonWords[revocation.reason]?.[language]} <small class="code">${revocation.reason}</small></dd></div>`
          : ""
      }
    </dl>
    <a class="download" href="/certificates/${kind}/${serial}.cer">${say("証明書ファイル（DER）", "Certificate file (DER)")}</a>
  </article>`;
}

function absent({ say, language }: Reader, kind: PresentedCertificate["kind"]): Html {
  return html`<article class="certificate absent">
    <h3>${kindWords[kind][language]} <span class="chip none">${say("なし", "None")}</span></h3>
    <p>${say("記録されていません。", "There is none.")}</p>
  </article>`;
}
