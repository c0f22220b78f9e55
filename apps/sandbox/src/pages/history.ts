import { html } from "hono/html";
import type { LifeEventRecord } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { kindWords, reasonWords } from "./words.ts";

/** What happened to a resident, newest first. */
export function historySection(reader: Reader, events: LifeEventRecord[]): Html {
  const { say, moment } = reader;
  return html`<section class="panel happened">
    <h2>${say("これまでの手続き", "History")}</h2>
    <ol class="history">
      ${events.map((event) => {
        const { title, detail } = describe(reader, event);
        return html`<li>
          <time datetime="${event.at.toISOString()}">${moment(event.at)}</time>
          <p><strong>${title}</strong>${detail ? html`<span lang="ja">${detail}</span>` : ""}</p>
        </li>`;
      })}
    </ol>
  </section>`;
}

function describe({ say, language }: Reader, { type, detail }: LifeEventRecord): { title: string; detail: string } {
  switch (type) {
    case "card-issued":
      return { title: say("カードの交付", "Card issued"), detail: "" };
    case "move":
      return { title: say("引っ越し", "Moved"), detail: `${detail.from} → ${detail.to}` };
    case "revoke": {
      const which = (detail.kinds ?? "")
        .split(",")
        .map((kind) => kindWords[kind as keyof typeof kindWords]?.[language]);
      const reason = reasonWords[detail.reason ?? ""]?.[language];
      return { title: say("電子証明書の失効", "Certificates revoked"), detail: `${which.join("・")}（${reason}）` };
    }
    case "reissue-signature":
      return { title: say("署名用電子証明書の発行", "Signature certificate issued"), detail: "" };
    case "renew":
      return { title: say("電子証明書の更新", "Certificates renewed"), detail: "" };
    case "reset-pins":
      return { title: say("暗証番号の初期化", "Passwords reset"), detail: "" };
    case "new-card":
      return { title: say("カードの再交付", "Card replaced"), detail: "" };
    default:
      return { title: type, detail: "" };
  }
}

/** What to tell right after an event; nothing when something else has happened since. */
export function outcome({ say }: Reader, type: string, events: LifeEventRecord[]) {
  const event = events[0];
  if (type !== event?.type) return undefined;
  const ended = say(
    "古い住所を記載した署名用電子証明書は失効しました。署名するには、署名用電子証明書の発行を受けてください。",
    " The signature certificate with the old one is revoked; to sign again, issue a new one.",
  );
  const outcomes: Record<string, { title: string; text: string }> = {
    move: {
      title: say("住所を変更しました", "The address is changed"),
      text:
        say(`新しい住所：${event?.detail.to}。`, `New address: ${event?.detail.to}.`) +
        (event?.detail.kinds ? ended : ""),
    },
    revoke: {
      title: say("電子証明書を失効させました", "Revoked"),
      text: say("OCSPとCRLにはすでに反映されています。", "OCSP and CRL say so already."),
    },
    "reissue-signature": {
      title: say("署名用電子証明書を発行しました", "A signature certificate is issued"),
      text: say("パスワードは変わりません。", "The password has not changed."),
    },
    renew: {
      title: say("電子証明書を更新しました", "The certificates are renewed"),
      text: say("暗証番号は変わりません。", "The passwords have not changed."),
    },
    "reset-pins": {
      title: say("暗証番号を初期化しました", "The passwords are reset"),
      text: say("ロックも解除されています。", "Nothing is blocked any more."),
    },
    "new-card": {
      title: say("カードを再交付しました", "A new card is issued"),
      text: say(
        "古いカードとその電子証明書は使えません。暗証番号は同じです。",
        "The old card and its certificates are void. The passwords are the same.",
      ),
    },
  };
  return outcomes[type];
}
