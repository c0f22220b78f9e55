import { html } from "hono/html";
import type { LoggedExchange, LoggedSession } from "../reader/apdu-log.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";
import { personHead } from "./person-head.ts";

/** Every command to a resident's card and its answer: in words, and the bytes folded beneath. */
export function cardLogPage(world: World, reader: Reader, resident: Resident): Html {
  const { say } = reader;
  const sessions = world.reader.log.of(resident.id);
  const title = say("カードとの通信記録", "Card log");
  return layout(reader, {
    title: `${title} - ${resident.name}`,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "card-log")}
      <div class="head">
        <div>
          <h2>${title}</h2>
          <p class="lead">${say(
            "アプリやカードリーダーがこのカードに送ったコマンド（APDU）と、カードの答えです。行を開くとバイト列が見えます。暗証番号と、個人番号がわかるデータは記録の前に伏せています（••）。",
            "The commands (APDUs) that an app or a reader sent to this card, and what it answered. Open a line for the bytes. PINs, and data that tell the My Number, are masked (••) before anything is kept.",
          )}</p>
        </div>
        <a class="button secondary" href="/people/${resident.id}/card-log">${say("最新の状態にする", "Refresh")}</a>
      </div>
      ${sessions.length === 0 ? nothingYet(reader, resident) : sessions.map((session) => sessionSection(reader, session))}
    `,
  });
}

function sessionSection({ say, language, second }: Reader, { startedAt, exchanges }: LoggedSession): Html {
  const refused = exchanges.filter(({ outcome }) => outcome !== "done").length;
  return html`<section class="panel session">
    <h3><time datetime="${startedAt.toISOString()}">${second(startedAt)}</time></h3>
    <p class="hint">
      ${say(`コマンド${exchanges.length}件`, `${exchanges.length} ${exchanges.length === 1 ? "command" : "commands"}`)}${
        refused === 0 ? "" : say(`（うち${refused}件は完了せず）`, `, ${refused} of them not done`)
      }
    </p>
    <ol class="exchanges">
      ${exchanges.map(
        (exchange) => html`<li>
          <details class="exchange ${exchange.outcome}">
            <summary>
              <span class="code command">${exchange.command}</span>
              <span class="object">${exchange.object?.[language]} <span class="manner">${exchange.manner?.[language]}</span></span>
              <span class="result"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="${symbols[exchange.outcome]}"/></svg>${exchange.result[language]}</span>
            </summary>
            <dl class="bytes">
              <div><dt>${say("コマンド", "Command")}</dt><dd class="code">${spaced(exchange.sent)}</dd></div>
              <div><dt>${say("応答", "Answer")}</dt><dd class="code">${exchange.received === "" ? say("なし", "None") : answer(exchange)}</dd></div>
            </dl>
          </details>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** The data, and the status word apart from them. */
function answer({ received }: LoggedExchange): Html {
  return html`${spaced(received.slice(0, -4))} <strong>${spaced(received.slice(-4))}</strong>`;
}

function spaced(hexadecimal: string): string {
  return hexadecimal
    .toUpperCase()
    .replaceAll("**", "••")
    .replace(/..(?=.)/g, "$& ");
}

function nothingYet({ say }: Reader, { id }: Resident): Html {
  return html`<section class="panel empty">
    <h3>${say("まだ通信がありません", "Nobody has spoken to this card yet")}</h3>
    <p>${say(
      "xIDアプリでこの住民のカードを選んで読み取るか、次のコマンドを実行すると、ここに表示されます。",
      "Read this resident's card in the xID app, or run this command:",
    )}</p>
    <p class="code">npx xid card read --person ${id}</p>
    <p class="hint">${say(
      "記録はメモリーだけに置かれ、模擬環境を再起動すると消えます。",
      "The log is kept in memory only, and gone when the sandbox restarts.",
    )}</p>
  </section>`;
}

const symbols: Record<LoggedExchange["outcome"], string> = {
  done: "m9.5 16.6-4.6-4.6-1.5 1.5 6.1 6.1L21 8 19.5 6.5z",
  refused:
    "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm5 13.6-1.4 1.4-3.6-3.6L8.4 17 7 15.6l3.6-3.6L7 8.4 8.4 7l3.6 3.6L15.6 7 17 8.4 13.4 12z",
  lost: "M11 2h2v12h-2zm0 16h2v3h-2z",
};
