import { StatusWord, triesLeftOf } from "../status-word.ts";
import { plain, type Words, words } from "./words.ts";

const meanings: Record<number, Words> = {
  [StatusWord.verificationFailed]: words("不一致（回数の制限なし）", "wrong (no counter)"),
  [StatusWord.memoryFailure]: words("メモリーの異常", "memory failure"),
  25217: words("データの異常", "data may be corrupted"),
  25219: words("APが閉塞されています", "application locked"),
  25600: words("実行エラー", "execution error"),
  26353: words("セッション鍵の設定がありません", "no session key delivery here"),
  [StatusWord.wrongLength]: words("長さが正しくありません", "wrong length"),
  [StatusWord.channelNotSupported]: words("論理チャネルに対応していません", "logical channel not supported"),
  [StatusWord.secureMessagingNotSupported]: words(
    "セキュアメッセージングに対応していません",
    "no secure messaging here",
  ),
  [StatusWord.wrongFileStructure]: words("ファイルの種類が違います", "another kind of file"),
  [StatusWord.securityStatusNotSatisfied]: words("暗証番号の照合が必要です", "refused: its PIN has not been verified"),
  [StatusWord.authenticationMethodBlocked]: words("ロック中", "blocked"),
  [StatusWord.referenceLocked]: words("ロック中", "blocked"),
  [StatusWord.conditionsNotSatisfied]: words("使用条件が満たされていません", "conditions of use not satisfied"),
  [StatusWord.noCurrentFile]: words("ファイルが選択されていません", "no file is selected"),
  27015: words("暗号化の項目が足りません", "secure messaging objects missing"),
  27016: words("暗号化の項目が正しくありません。暗号化通信は終わりました", "secure messaging is wrong, and over"),
  27132: words("暗号化通信が始まっていません", "no secure messaging session"),
  27264: words("データの形が正しくありません", "wrong data"),
  27265: words("この機能はありません", "function not supported"),
  [StatusWord.fileNotFound]: words("見つかりません", "not found"),
  [StatusWord.recordNotFound]: words("レコードがありません", "no such record"),
  [StatusWord.wrongParameters]: words("P1・P2が正しくありません", "wrong P1 P2"),
  27271: words("長さとP1・P2が合いません", "length does not fit P1 P2"),
  27272: words("鍵またはデータがありません", "no such key or data object"),
  [StatusWord.offsetPastEnd]: words("ファイルの終わりを越えています", "past the end of the file"),
  [StatusWord.instructionNotSupported]: words("このコマンドはありません", "no such instruction"),
  [StatusWord.classNotSupported]: words("このCLAはありません", "no such class"),
  28416: words("不明なエラー", "unknown error"),
};

/** What a status word says of any command. The tries left of 63Cx are those after a comparison that failed. */
export function statusWordMeaning(statusWord: number): Words {
  const left = triesLeftOf(statusWord);
  if (left === 0) return words("不一致、ロックされました", "wrong: it is blocked now");
  if (left !== undefined) return words(`不一致、残り${left}回`, `wrong: ${triesText(left)}`);
  return meanings[statusWord] ?? plain(`SW ${statusWord.toString(16).padStart(4, "0").toUpperCase()}`);
}

/** What 63Cx says where nothing was compared. */
export function counterMeaning(left: number): Words {
  return left === 0 ? words("ロック中", "blocked") : words(`残り${left}回`, triesText(left));
}

function triesText(left: number): string {
  return left === 1 ? "1 try left" : `${left} tries left`;
}
