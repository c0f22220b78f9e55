/** What the error book says of one problem, beyond what every answer says. */
export type ErrorPage = {
  /** The title in Japanese. */
  title: string;
  cause: { ja: string; en: string };
  /** What to do, for whoever can mend it. */
  mend: { ja: string; en: string };
  /** What to show to the resident in plain Japanese (やさしい日本語): short sentences, few characters, spaces between words. */
  easy: string;
};

const tryAgain = "うまく いきませんでした。すこし まってから、もういちど やって ください。";
const updateApp = "アプリが ふるいかも しれません。アプリを あたらしく して、もういちど やって ください。";
const fromService = "サービスの がめんに もどって、はじめから やって ください。";

/** By code, one page each; `problem.ts` holds it to being complete. */
export const errorBook = {
  MALFORMED: {
    title: "メッセージの形式が違います",
    cause: {
      ja: "アプリから届いたメッセージが、決められた形になっていません。`detail` に場所があります。",
      en: "What the app sent is not in the form of the protocol. `detail` says where.",
    },
    mend: {
      ja: "アプリを更新してください。独自のアプリなら `packages/protocol` の形に合わせます。",
      en: "Update the app. In an app of your own, keep to the shapes of `packages/protocol`.",
    },
    easy: updateApp,
  },
  REQUEST_INVALID: {
    title: "本文・クエリ・ヘッダーの形式が違います",
    cause: {
      ja: "APIに送られたものが、リファレンスの形になっていません。`detail` に最初の場所があります。",
      en: "What was sent to the API is not in the form that the reference gives. `detail` names the first place.",
    },
    mend: {
      ja: "`detail` の項目を直して送り直します。知らない項目があっても拒否されます。",
      en: "Correct what `detail` names and send it again. Members that the route does not know are refused too.",
    },
    easy: tryAgain,
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: "Idempotency-Keyが別の内容で使われています",
    cause: {
      ja: "同じキーで、24時間以内に違う内容が送られました。",
      en: "Within a day another call came under the same key.",
    },
    mend: {
      ja: "新しい処理には新しいキー(UUIDなど)を使います。再送では、本文を1バイトも変えないでください。",
      en: "Use a new key, such as a UUID, for something new; when sending again, change no byte of the body.",
    },
    easy: tryAgain,
  },
  IDEMPOTENCY_KEY_IN_USE: {
    title: "同じIdempotency-Keyの処理が進行中です",
    cause: {
      ja: "最初の呼び出しがまだ終わっていないか、途中で切れてから30秒たっていません。",
      en: "The first call has not ended yet, or was cut off less than half a minute ago.",
    },
    mend: {
      ja: "`Retry-After` 秒待って、同じキー・同じ本文で送り直します。",
      en: "Wait for `Retry-After` seconds and send the same body under the same key.",
    },
    easy: tryAgain,
  },
  TOO_MANY: {
    title: "上限に達しています",
    cause: { ja: "作れる数の上限に達しています。", en: "There are as many of these as one relying party may have." },
    mend: { ja: "使っていないものを削除してから作ります。", en: "Delete what is not used, then create it." },
    easy: tryAgain,
  },
  UNAUTHENTICATED: {
    title: "端末の証明が確認できません",
    cause: {
      ja: "端末の署名がないか、合いません。端末の時計が1分以上ずれていることもあります。",
      en: "The device's signature is missing or does not hold; often its clock is more than a minute off.",
    },
    mend: {
      ja: "端末の日時を自動設定にして、もう一度試します。続くときは、カードで登録し直します。",
      en: "Set the device's date and time automatically and try again; if it goes on, register with the card again.",
    },
    easy: "この スマホを たしかめられませんでした。スマホの とけいが あっているか みて、もういちど やって ください。",
  },
  TOKEN_INVALID: {
    title: "アクセストークンが無効です",
    cause: {
      ja: "トークンがない・期限切れ・失効・別の宛先・別の種類(本人のもの/サービス自身のもの)です。連携の解除でも無効になります。",
      en: "The token is missing, over, revoked, for another audience, or of the other kind (a person's, the client's own). An unlink ends tokens too.",
    },
    mend: {
      ja: "トークンを取り直します。どの種類が要るかは、リファレンスの `scope` でわかります。",
      en: "Get another token. The reference says by the `scope` which kind a route takes.",
    },
    easy: tryAgain,
  },
  DPOP_PROOF_INVALID: {
    title: "DPoPの証明が無効です",
    cause: {
      ja: "鍵に結び付いたトークンに、この呼び出しのための証明(RFC 9449)がないか、合わないか、2回目です。",
      en: "A token that is bound to a key came without a proof for this very call (RFC 9449), with a wrong one, or with one that was used.",
    },
    mend: {
      ja: "呼び出しごとに新しい証明を作ります(`htm`・`htu`・`ath`・`jti`・`iat`)。サーバーの時計も確かめます。",
      en: "Make a new proof for each call (`htm`, `htu`, `ath`, `jti`, `iat`), and check the clock.",
    },
    easy: tryAgain,
  },
  SCOPE_INSUFFICIENT: {
    title: "スコープが足りません",
    cause: {
      ja: "トークンに、この操作のスコープがありません。",
      en: "The token does not have the scope of this route.",
    },
    mend: {
      ja: "`detail` のスコープを、登録とトークンの要求に加えます。",
      en: "Add the scope in `detail` to the registration and to the request for the token.",
    },
    easy: tryAgain,
  },
  PROOF_REPLAYED: {
    title: "端末の証明が2回使われました",
    cause: { ja: "同じ証明がもう一度届きました。", en: "The same proof came a second time." },
    mend: {
      ja: "アプリがやり直します。続くときは通信環境を確かめます。",
      en: "The app tries again. If it goes on, look at the network.",
    },
    easy: tryAgain,
  },
  DEVICE_REVOKED: {
    title: "端末の登録が解除されています",
    cause: {
      ja: "別の端末への切り替えなどで、この端末の登録が終わりました。",
      en: "The device was replaced by another one, or its registration has ended otherwise.",
    },
    mend: { ja: "カードで登録し直します。", en: "Register with the card again." },
    easy: "この スマホは もう つかえません。マイナンバーカードで もういちど とうろく して ください。",
  },
  FORBIDDEN: {
    title: "この呼び出し元には許されていません",
    cause: {
      ja: "別のサイトから呼ばれたか、この操作ができる立場にありません。",
      en: "It was called from another site, or by somebody who may not.",
    },
    mend: { ja: "呼び出し元と権限を確かめます。", en: "Check where the call comes from and what it may do." },
    easy: tryAgain,
  },
  NOT_FOUND: {
    title: "見つかりません",
    cause: {
      ja: "IDが違うか、期限が過ぎて消えたか、ほかのサービス・ほかの方のものです。どれなのかは区別しません。",
      en: "The id is wrong, what it named is gone after its time, or it is another relying party's or another person's. Which of these is not told.",
    },
    mend: { ja: "IDと、使っているトークンの持ち主を確かめます。", en: "Check the id, and whose token is used." },
    easy: "みつかりませんでした。はじめから やって ください。",
  },
  PAYLOAD_TOO_LARGE: {
    title: "本文が大きすぎます",
    cause: { ja: "その操作で受け取れる大きさを超えています。", en: "The body is larger than the route takes." },
    mend: { ja: "リファレンスの上限より小さくします。", en: "Keep below the limit in the reference." },
    easy: tryAgain,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "メディアタイプが違います",
    cause: {
      ja: "`Content-Type` がないか、受け取れない種類です。",
      en: "`Content-Type` is missing or not one that the route takes.",
    },
    mend: { ja: "`detail` の種類で送ります。", en: "Send the type that `detail` names." },
    easy: tryAgain,
  },
  RATE_LIMITED: {
    title: "呼び出しが多すぎます",
    cause: {
      ja: "短い時間に呼びすぎました。残りは `RateLimit-Remaining` でわかります。",
      en: "Too many calls in a short time. `RateLimit-Remaining` says how many are left.",
    },
    mend: { ja: "`Retry-After` 秒待ちます。", en: "Wait for `Retry-After` seconds." },
    easy: "なんども おしすぎました。すこし まってから、もういちど やって ください。",
  },
  ENROLMENT_EXPIRED: {
    title: "登録の有効時間が過ぎました",
    cause: {
      ja: "登録を始めてから完了までに時間がかかりました。",
      en: "Too much time has passed since the registration began.",
    },
    mend: { ja: "登録をはじめからやり直します。", en: "Begin the registration again." },
    easy: "じかんが すぎました。とうろくを はじめから やって ください。",
  },
  ENROLMENT_USED: {
    title: "登録はほかの内容で完了しています",
    cause: {
      ja: "同じ登録が、別の署名で先に完了しました。",
      en: "The same registration was completed with other signatures before.",
    },
    mend: {
      ja: "アプリを開き直します。登録されていなければ、はじめからやり直します。",
      en: "Open the app again; if it is not registered, begin again.",
    },
    easy: "とうろくは もう おわっています。アプリを もういちど ひらいて ください。",
  },
  STATEMENT_MISMATCH: {
    title: "署名された内容が違います",
    cause: {
      ja: "カードや端末が署名した文が、この登録・この操作のものではありません。",
      en: "What the card or the device has signed is not of this registration or act.",
    },
    mend: { ja: "アプリを更新して、やり直します。", en: "Update the app and try again." },
    easy: updateApp,
  },
  SIGNATURE_INVALID: {
    title: "署名が確認できません",
    cause: { ja: "署名が、内容か鍵に合いません。", en: "A signature does not fit what it is over, or its key." },
    mend: {
      ja: "カードを読み直します。続くときは、アプリを更新します。",
      en: "Read the card again; if it goes on, update the app.",
    },
    easy: "たしかめられませんでした。カードを もういちど よみとって ください。",
  },
  CERTIFICATE_UNTRUSTED: {
    title: "信頼できる認証局の証明書ではありません",
    cause: {
      ja: "証明書が署名用でないか、認証局までたどれません。模擬カードを本番で使ったときもこうなります。",
      en: "The certificate is not one for signatures, or leads to no trusted authority; so does a simulated card in production.",
    },
    mend: {
      ja: "マイナンバーカードの署名用電子証明書を使います。",
      en: "Use the signature certificate of a My Number Card.",
    },
    easy: "この カードは つかえません。マイナンバーカードか どうか みて ください。",
  },
  CERTIFICATE_EXPIRED: {
    title: "電子証明書の有効期限が切れています",
    cause: {
      ja: "証明書は、発行から5回目の誕生日で終わります。",
      en: "A certificate ends on the fifth birthday after its issue.",
    },
    mend: { ja: "市区町村の窓口で更新します。", en: "Renew it at the municipal office." },
    easy: "カードの きげんが きれています。まちの やくしょで あたらしく して ください。",
  },
  CERTIFICATE_REVOKED: {
    title: "電子証明書が失効しています",
    cause: {
      ja: "引っ越し・氏名の変更・カードの紛失などで、証明書が失効しました。",
      en: "A move, a change of name, or a lost card has ended the certificate.",
    },
    mend: {
      ja: "市区町村の窓口で新しい証明書を受け、アプリでカードを読み直します。",
      en: "Get a new certificate at the municipal office, then read the card in the app again.",
    },
    easy: "カードの しょうめいしょが つかえません。ひっこしや なまえが かわった ひとは、まちの やくしょに いって ください。",
  },
  CERTIFICATE_STATUS_UNKNOWN: {
    title: "電子証明書の有効性を確認できません",
    cause: {
      ja: "失効を確かめる先(OCSP・CRL)が、使える回答をくれません。わからないものは、有効とみなしません。",
      en: "Neither OCSP nor the revocation list gave an answer that can be used. What is not known is not taken for good.",
    },
    mend: {
      ja: "運営者が接続先を確かめます。待てば直ることもあります。",
      en: "The operator looks at the connection. It may pass by itself.",
    },
    easy: "いま カードを たしかめられません。すこし まってから、もういちど やって ください。",
  },
  JLIS_UNAVAILABLE: {
    title: "J-LISから使える回答がありません",
    cause: {
      ja: "J-LISに届かないか、回答が形になっていません。",
      en: "J-LIS cannot be reached, or its answer is not in its form.",
    },
    mend: { ja: "運営者が接続と契約を確かめます。", en: "The operator looks at connection and contract." },
    easy: "いま カードを たしかめられません。すこし まってから、もういちど やって ください。",
  },
  CARD_NOT_READ: {
    title: "カードがまだ読み取られていません",
    cause: {
      ja: "読み取りをお願いしてから、カードが読まれていません。",
      en: "The card has not been read since the person was asked to.",
    },
    mend: { ja: "アプリでカードを読み取ってから、続けます。", en: "Read the card in the app, then go on." },
    easy: "カードを よみとって から、もういちど やって ください。",
  },
  IDENTITY_CHANGED: {
    title: "カードの読み取りのあとに変更がありました",
    cause: {
      ja: "引っ越しなどで証明書が失効し、サービスは読み直しを求めています。",
      en: "The certificate has ended, as after a move, and the relying party wants the card to be read again first.",
    },
    mend: {
      ja: "アプリでカードを読み取り、サービスに入り直します。",
      en: "Read the card in the app, then sign in to the service again.",
    },
    easy: "カードの しょうめいしょが かわりました。アプリで カードを よみとって、サービスに もういちど はいって ください。",
  },
  CONSENT_MISSING: {
    title: "同意がありません",
    cause: {
      ja: "変更後の情報を受け取ることに、本人が同意していないか、取り消しています。",
      en: "The person has not agreed to your receiving later changes, or has taken it back.",
    },
    mend: {
      ja: "`latest_attributes` を求めて、もう一度同意をもらいます。",
      en: "Ask for `latest_attributes` again and let the person decide.",
    },
    easy: "あたらしい じょうほうを わたす ことに、「はい」と いって いません。わたす ときは、サービスに もういちど はいって ください。",
  },
  ACCOUNT_CONFLICT: {
    title: "証明書が別々のアカウントを指しています",
    cause: {
      ja: "同じ方の証明書が、二つのアカウントに結び付いています。自動では決められません。",
      en: "Certificates of one person lead to two accounts. Nothing decides that by itself.",
    },
    mend: { ja: "運営者が記録を確かめて、まとめます。", en: "The operator looks at the records and joins them." },
    easy: "とうろくを たしかめられませんでした。おといあわせ ください。",
  },
  OTHER_PERSON: {
    title: "別の方のカードです",
    cause: {
      ja: "この端末を登録した方のカードではありません。",
      en: "The card is not that of the person who registered the device.",
    },
    mend: { ja: "本人のカードを読み取ります。", en: "Read that person's own card." },
    easy: "べつの ひとの カードです。この スマホを とうろく した ひとの カードを よみとって ください。",
  },
  REQUEST_WRONG_STATE: {
    title: "依頼は別の状態です",
    cause: { ja: "すでに承認・拒否・取消などがされています。", en: "It was approved, declined, or cancelled already." },
    mend: { ja: "サービスの画面からやり直します。", en: "Begin again from the service." },
    easy: `もう おわって います。${fromService}`,
  },
  REQUEST_EXPIRED: {
    title: "依頼の有効時間が過ぎました",
    cause: { ja: "時間内に承認されませんでした。", en: "Nobody decided in time." },
    mend: { ja: "サービスの画面からやり直します。", en: "Begin again from the service." },
    easy: `じかんが すぎました。${fromService}`,
  },
  REQUEST_OF_ANOTHER_DEVICE: {
    title: "別の端末が依頼を開いています",
    cause: { ja: "先に開いた端末だけが、答えられます。", en: "Only the device that opened it first can answer." },
    mend: {
      ja: "その端末で答えるか、サービスの画面からやり直します。",
      en: "Answer on that device, or begin again from the service.",
    },
    easy: `べつの スマホで ひらいて います。${fromService}`,
  },
  REQUEST_OF_ANOTHER_PERSON: {
    title: "別の方への依頼です",
    cause: { ja: "サービスが、別の方に宛てた依頼です。", en: "The service has sent it to another person." },
    mend: {
      ja: "依頼された本人が、自分の端末で開きます。",
      en: "The person who was asked opens it on their own device.",
    },
    easy: "べつの ひとへの おねがいです。",
  },
  PROXIMITY_CODE_WRONG: {
    title: "コードが画面のものと違います",
    cause: {
      ja: "QRコードは1秒ごとに変わります。写真や、遅れて届いた画面では使えません。",
      en: "The QR code changes every second; a picture of it, or a late screen, is of no use.",
    },
    mend: { ja: "いま画面に出ているQRコードを読み取ります。", en: "Scan the code that is on the screen now." },
    easy: "QRコードが ふるいです。いま がめんに ある QRコードを よみとって ください。",
  },
  DISPLAY_MISMATCH: {
    title: "承認した内容と表示が違います",
    cause: {
      ja: "表示のあとで、内容か登録情報が変わりました。",
      en: "What was shown has changed since, or the person's data have.",
    },
    mend: { ja: "依頼を開き直します。", en: "Open the request again." },
    easy: "ないようが かわりました。もういちど ひらいて ください。",
  },
  ITEM_REQUIRED: {
    title: "必須の項目がないか、求めていない項目があります",
    cause: {
      ja: "承認に、必須の項目がないか、依頼にない項目があります。",
      en: "The approval lacks a required item, or has one that was not asked for.",
    },
    mend: {
      ja: "必須の項目を選びます。渡したくないときは、拒否できます。",
      en: "Choose the required items, or decline.",
    },
    easy: "えらばないと いけない ものが あります。わたしたく ない ときは、やめる ことが できます。",
  },
  RETURN_SECRET_WRONG: {
    title: "別のブラウザです",
    cause: { ja: "始めたときと違うブラウザで続けようとしました。", en: "It is not the browser in which it began." },
    mend: { ja: "始めたブラウザに戻ります。", en: "Go back to that browser." },
    easy: "べつの ブラウザです。はじめの ブラウザに もどって ください。",
  },
  HAND_OVER_GONE: {
    title: "封筒は受け取り済みか、期限切れです",
    cause: {
      ja: "暗号化されたマイナンバーは、一度受け取るか期限が過ぎると消えます。",
      en: "The encrypted My Number is gone once it was picked up, or after its time.",
    },
    mend: { ja: "本人に、もう一度お願いします。", en: "Ask the person again." },
    easy: "マイナンバーが とどきませんでした。サービスの がめんから もういちど やって ください。",
  },
  ENVELOPE_INVALID: {
    title: "封筒が承認したものと違います",
    cause: {
      ja: "暗号文が、承認した内容・相手・鍵に合いません。番号は送られていません。",
      en: "The envelope does not fit what was approved, for whom, or to which key. No number was sent.",
    },
    mend: {
      ja: "アプリを更新します。サービスの鍵の取り替え中なら、やり直します。",
      en: "Update the app; while the service changes its key, try again.",
    },
    easy: `マイナンバーを おくる ことが できませんでした。まだ おくって いません。${updateApp}`,
  },
  SIGNING_CERTIFICATE_UNUSABLE: {
    title: "端末の署名用証明書が使えません",
    cause: {
      ja: "xID署名用証明書が失効しているか、期限です。",
      en: "The xID signing certificate is revoked or at its end.",
    },
    mend: {
      ja: "アプリでカードを読み直すと、新しい証明書が発行されます。",
      en: "Read the card in the app: it is issued a new one.",
    },
    easy: "この スマホでは サイン できません。カードを もういちど よみとって ください。",
  },
  DOCUMENT_MALFORMED: {
    title: "PDFとして読めません",
    cause: {
      ja: "PDFでないか、厳密な読み取りに耐えません。",
      en: "It is no PDF, or not one that a strict reader takes.",
    },
    mend: { ja: "別のソフトで書き出し直します。", en: "Export it again with another program." },
    easy: tryAgain,
  },
  DOCUMENT_UNSUPPORTED: {
    title: "扱えない種類のPDFです",
    cause: {
      ja: "暗号化されているか、大きさや構造が限度を超えています。",
      en: "It is encrypted, or beyond the limits in size or structure.",
    },
    mend: { ja: "パスワードを外す、ページを分けるなどします。", en: "Take the password off, or divide it." },
    easy: tryAgain,
  },
  DOCUMENT_NOT_SIGNABLE: {
    title: "署名できない文書です",
    cause: {
      ja: "変更禁止の証明がついているか、すでにある署名が壊れています。",
      en: "It is certified against any change, or a signature in it is broken.",
    },
    mend: { ja: "作成者から、署名できる原本をもらいます。", en: "Get a copy from its author that may be signed." },
    easy: "この ぶんしょには サイン できません。サービスの ひとに きいて ください。",
  },
  DOCUMENT_SIGNED: {
    title: "すでに署名が始まっています",
    cause: {
      ja: "誰かが署名したあとは、署名者と位置を変えられません。",
      en: "Once somebody has signed, who signs and where is settled.",
    },
    mend: { ja: "変えるときは、文書を預け直します。", en: "To change it, hand in the document anew." },
    easy: tryAgain,
  },
  DOCUMENT_CHANGED: {
    title: "表示のあとに署名が加わりました",
    cause: {
      ja: "開いているあいだに、ほかの方が署名しました。",
      en: "Another person has signed it while it was open.",
    },
    mend: { ja: "開き直して、確かめてから署名します。", en: "Open it again, look, then sign." },
    easy: "ほかの ひとが さきに サイン しました。もういちど ひらいて、みて から サイン して ください。",
  },
  SEAL_MISPLACED: {
    title: "印影の位置がページの外です",
    cause: { ja: "指定したページか座標が、文書にありません。", en: "The page or the place is not in the document." },
    mend: { ja: "ページの大きさに合わせて指定します。", en: "Keep it within the page." },
    easy: tryAgain,
  },
  SIGNER_UNKNOWN: {
    title: "この署名者はいないか、署名済みです",
    cause: {
      ja: "文書にその署名者がいないか、もう署名しています。",
      en: "The document has no such signer, or that one has signed.",
    },
    mend: { ja: "文書の状態を読んで確かめます。", en: "Read the state of the document." },
    easy: "サインは もう おわって います。",
  },
  SIGNER_NOT_YET: {
    title: "まだ順番ではありません",
    cause: { ja: "先に署名する方が、まだ署名していません。", en: "Somebody else signs first and has not yet." },
    mend: { ja: "先の方の署名を待ちます。", en: "Wait for that signature." },
    easy: "さきに サイン する ひとが います。まって ください。",
  },
  SIGNER_MISMATCH: {
    title: "別の方への依頼です",
    cause: { ja: "この位置には、別の方が署名することになっています。", en: "Another person is to sign here." },
    mend: { ja: "依頼された本人が開きます。", en: "The person who was asked opens it." },
    easy: "べつの ひとが サイン する ぶんしょです。",
  },
  STORAGE_FULL: {
    title: "文書の保管の上限です",
    cause: { ja: "預けている文書が上限に達しています。", en: "The client keeps as many documents as it may." },
    mend: { ja: "受け取り済みの文書を削除します。", en: "Delete documents that you have taken." },
    easy: tryAgain,
  },
  LEVEL_UNAVAILABLE: {
    title: "この署名レベルは使えません",
    cause: { ja: "タイムスタンプの発行元が設定されていません。", en: "No time-stamping authority is configured." },
    mend: { ja: "運営者が設定するか、B-Bを求めます。", en: "The operator configures one, or ask for B-B." },
    easy: tryAgain,
  },
  TIMESTAMP_UNAVAILABLE: {
    title: "タイムスタンプを取得できません",
    cause: {
      ja: "タイムスタンプの発行元が応答しません。署名は行われていません。",
      en: "The time-stamping authority does not answer. Nothing was signed.",
    },
    mend: {
      ja: "待って、やり直します。続くときは運営者が確かめます。",
      en: "Try again later; if it goes on the operator looks at it.",
    },
    easy: `まだ サイン して いません。${tryAgain}`,
  },
  UNAVAILABLE: {
    title: "いまは処理できません",
    cause: { ja: "混み合っているか、再起動中です。", en: "It is busy, or being restarted." },
    mend: { ja: "`Retry-After` があればそれだけ、なければ少し待ちます。", en: "Wait for `Retry-After`, or a little." },
    easy: tryAgain,
  },
  INTERNAL: {
    title: "内部のエラー",
    cause: {
      ja: "プラットフォームの不具合です。詳しいことは運営者のログにだけあります。",
      en: "A fault of the platform. Only the operator's log says more.",
    },
    mend: {
      ja: "同じIdempotency-Keyで送り直せます。続くときは、時刻を添えて運営者に知らせます。",
      en: "Sending again under the same Idempotency-Key is safe. If it goes on, tell the operator, with the time.",
    },
    easy: tryAgain,
  },
} as const satisfies Record<string, ErrorPage>;
