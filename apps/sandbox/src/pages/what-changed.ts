import { html } from "hono/html";
import { parseSerial } from "../ca/certificate.ts";
import { certificateDetails } from "../ca/certificate-details.ts";
import { type Kind, reasonCodes } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";
import { kindWords, mediumWords, reasonWords } from "../people/certificate-words.ts";
import { presentCertificate } from "../people/present.ts";
import type { TimelineEntry } from "../people/timeline.ts";
import { findCertificate, type IssuedCertificate } from "../store/certificates.ts";
import type { World } from "../world.ts";
import { statusChip } from "./certificates.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { changeWords, errorWords, fieldWords, pinWords, toldWords } from "./words.ts";

/** Everything that an event has changed: register, certificates side by side, revocation lists, passwords, who was told. */
export function whatChanged(world: World, reader: Reader, entry: TimelineEntry): Html {
  const { say, language } = reader;
  const { changes, pins, told, child, failure } = entry;
  const pairs = certificatePairs(world, entry);
  const unchanged = Object.keys(changes).length + pairs.length + pins.length === 0 && !child && !failure;
  return html`<div class="what-changed">
    ${failure ? html`<p class="reason">${errorWords(failure.code)[language]}</p>` : ""}
    ${Object.keys(changes).length === 0 ? "" : registerChanges(reader, changes)}
    ${pairs.map((pair) => comparison(world, reader, pair))}
    ${pairs.some(({ before }) => before?.revocation) ? revocationEntries(world, reader, pairs) : ""}
    ${
      pins.length === 0
        ? ""
        : html`<p>${say("新しく設定した暗証番号：", "Passwords set anew: ")}${pins
            .map((pin) => pinWords[pin as keyof typeof pinWords]?.[language] ?? pin)
            .join(say("、", ", "))}</p>`
    }
    ${child ? html`<p><a href="/people/${child}">${say("生まれた子のページへ", "To the child's page")}</a></p>` : ""}
    ${unchanged && entry.state === "done" ? html`<p>${say("登録内容と電子証明書に変わりはありません。", "Register and certificates are as before.")}</p>` : ""}
    ${
      told.length === 0
        ? ""
        : html`<h3>${say("知らせた先", "Who was told")}</h3>
          <ul class="told">${told.map((office) => html`<li>${toldWords[office]?.[language] ?? office}</li>`)}</ul>`
    }
  </div>`;
}

function registerChanges({ say, language }: Reader, changes: TimelineEntry["changes"]): Html {
  return html`<table class="changes">
    <caption>${say("変わった登録内容", "What the register says now")}</caption>
    <thead><tr><th scope="col">${say("項目", "Item")}</th><th scope="col">${say("前", "Before")}</th><th scope="col">${say("後", "After")}</th></tr></thead>
    <tbody>
      ${Object.entries(changes).map(
        ([field, { from, to }]) => html`<tr>
          <th scope="row">${fieldWords[field]?.[language] ?? field}</th>
          <td lang="ja">${shown(field, from)}</td><td lang="ja"><strong>${shown(field, to)}</strong></td>
        </tr>`,
      )}
    </tbody>
  </table>`;

  function shown(field: string, value: string | null): string {
    if (value === null) return say("なし", "None");
    return changeWords[field]?.[value]?.[language] ?? value;
  }
}

type Pair = { kind: Kind; medium: Medium; before: IssuedCertificate | undefined; after: IssuedCertificate | undefined };

/** Each certificate that was issued with the one whose place it takes, and those that ended without another. */
function certificatePairs({ database }: World, { issued, revoked }: TimelineEntry): Pair[] {
  const find = (kind: Kind, serial: string | null) => {
    const number = serial === null ? undefined : parseSerial(serial);
    return number === undefined ? undefined : findCertificate(database, kind, number);
  };
  const replaced = issued.map(({ kind, medium, serial, replaces }) => ({
    ...{ kind, medium },
    before: find(kind, replaces),
    after: find(kind, serial),
  }));
  const ended = revoked
    .filter(({ kind, serial }) => !issued.some((one) => one.kind === kind && one.replaces === serial))
    .map(({ kind, medium, serial }) => ({ kind, medium, before: find(kind, serial), after: undefined }));
  return [...replaced, ...ended];
}

function comparison(world: World, reader: Reader, { kind, medium, before, after }: Pair): Html {
  const { say, language, day } = reader;
  const now = world.clock();
  const cells = (certificate: IssuedCertificate | undefined) => {
    if (!certificate) return undefined;
    const { serial } = presentCertificate(certificate, now);
    // A former certificate of the town has no bytes before its holder was first met.
    const { subject, keyIdentifier } = certificate.der
      ? certificateDetails(certificate.der)
      : { subject: "―", keyIdentifier: "―" };
    const validity = say(
      `${day(certificate.notBefore)}から${day(certificate.notAfter)}まで`,
      `${day(certificate.notBefore)} to ${day(certificate.notAfter)}`,
    );
    return { serial, validity, subject, keyIdentifier };
  };
  const [old, young] = [cells(before), cells(after)];
  const row = (title: string, name: "serial" | "validity" | "subject" | "keyIdentifier", code = true) => {
    const isNew = young && old?.[name] !== young[name];
    return html`<tr>
      <th scope="row">${title}</th>
      <td class="${code ? "code" : ""}">${old?.[name] ?? say("なし", "None")}</td>
      <td class="${code ? "code" : ""}">${isNew ? html`<strong>${young[name]}</strong>` : (young?.[name] ?? say("なし", "None"))}</td>
    </tr>`;
  };
  const status = (certificate: IssuedCertificate | undefined) =>
    statusChip(reader, certificate && presentCertificate(certificate, now));
  return html`<table class="comparison">
    <caption>${kindWords[kind][language]}${medium === "phone" ? say(`（${mediumWords.phone.ja}）`, ` (${mediumWords.phone.en})`) : ""}</caption>
    <thead><tr><td></td><th scope="col">${say("前の証明書", "Before")}</th><th scope="col">${say("今の証明書", "After")}</th></tr></thead>
    <tbody>
      <tr><th scope="row">${say("状態", "Status")}</th><td>${status(before)}</td><td>${status(after)}</td></tr>
      ${row(say("発行番号", "Serial"), "serial")}
      ${row(say("有効期間", "Valid"), "validity", false)}
      ${row(say("主体者", "Subject"), "subject")}
      ${row(say("鍵識別子", "Key identifier"), "keyIdentifier")}
    </tbody>
  </table>`;
}

/** As the list of the certificate's municipality has them, which is renewed with each revocation. */
function revocationEntries(world: World, { say, second }: Reader, pairs: Pair[]): Html {
  return html`<h3>${say("失効リスト（CRL）の項目", "Entries of the revocation lists")}</h3>
    <ul class="crl-entries">
      ${pairs.map(({ kind, before }) => {
        if (!before?.revocation) return "";
        const { at, reason } = before.revocation;
        const authority = world.authorities
          .generations(kind)
          .find(({ generation }) => generation === before.generation);
        const { serial } = presentCertificate(before, world.clock());
        return html`<li>
          <span class="code">${serial}</span> ${second(at)}
          ${say(reasonWords[reason]?.ja, reasonWords[reason]?.en)} <span class="code">${reason} (${reasonCodes[reason]})</span>
          <a class="download" href="/jpki/crl/${kind}/${authority?.keyIdentifier}/${before.municipality}.crl">${say("この失効リスト", "That list")}</a>
        </li>`;
      })}
    </ul>`;
}
