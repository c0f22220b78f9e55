import type { Attack } from "./attack.ts";

const core = (section: string) => `OpenID Connect Core ${section}`;
const now = () => Math.floor(Date.now() / 1000);
const hour = 3600;

/** Neither a page nor a log line may hold it as it is. */
export const htmlMarker = "<img src=x onerror=xid_robot()>";

/** A member of 32 MiB: no honest answer has a thousandth of it. */
const padding = 32 * 1024 * 1024;

const idToken: Attack[] = [
  {
    id: "nonce-wrong",
    title: { ja: "別のnonceのIDトークン", en: "an ID token with another nonce" },
    clause: core("3.1.3.7 (11)"),
    plan: { claims: (claims) => ({ ...claims, nonce: "another" }) },
  },
  {
    id: "nonce-missing",
    title: { ja: "nonceのないIDトークン", en: "an ID token without the nonce" },
    clause: core("3.1.3.7 (11)"),
    plan: { claims: ({ nonce: _, ...claims }) => claims },
  },
  {
    id: "issuer-wrong",
    title: { ja: "別の発行者のIDトークン", en: "an ID token of another issuer" },
    clause: core("3.1.3.7 (2)"),
    plan: { claims: (claims) => ({ ...claims, iss: "https://other.example" }) },
  },
  {
    id: "audience-wrong",
    title: { ja: "別のサービス宛てのIDトークン", en: "an ID token for another client" },
    clause: core("3.1.3.7 (3)"),
    plan: { claims: (claims) => ({ ...claims, aud: "another-client" }) },
  },
  {
    id: "azp-wrong",
    title: { ja: "azpが別のサービスのIDトークン", en: "an ID token for several, authorized to another (azp)" },
    clause: core("3.1.3.7 (5)"),
    plan: { claims: (claims) => ({ ...claims, aud: [String(claims.aud), "another-client"], azp: "another-client" }) },
  },
  {
    id: "expired",
    title: { ja: "期限切れのIDトークン", en: "an expired ID token" },
    clause: core("3.1.3.7 (9)"),
    plan: { claims: (claims) => ({ ...claims, iat: now() - 2 * hour, exp: now() - hour }) },
  },
  {
    id: "exp-missing",
    title: { ja: "期限のないIDトークン", en: "an ID token that never ends" },
    clause: core("2"),
    plan: { claims: ({ exp: _, ...claims }) => claims },
  },
  {
    id: "not-yet",
    title: { ja: "まだ有効でないIDトークン", en: "an ID token of the future" },
    clause: "RFC 7519 4.1.5",
    plan: { claims: (claims) => ({ ...claims, iat: now() + hour, nbf: now() + hour, exp: now() + 2 * hour }) },
  },
  {
    id: "subject-missing",
    title: { ja: "利用者のないIDトークン", en: "an ID token about nobody" },
    clause: core("2"),
    plan: { claims: ({ sub: _, ...claims }) => claims },
  },
  {
    id: "at-hash-wrong",
    title: {
      ja: "アクセストークンと合わないIDトークン（at_hash）",
      en: "an ID token for another access token (at_hash)",
    },
    clause: core("3.1.3.8"),
    plan: { claims: (claims) => ({ ...claims, at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }) },
  },
  {
    id: "signature-broken",
    title: { ja: "署名の壊れたIDトークン", en: "an ID token with a broken signature" },
    clause: core("3.1.3.7 (6)"),
    plan: { signature: "broken" },
  },
  {
    id: "unsigned",
    title: { ja: "署名のないIDトークン（alg: none）", en: "an ID token without a signature (alg: none)" },
    clause: core("3.1.3.7 (7)"),
    plan: { signature: "none" },
  },
  {
    id: "key-confusion",
    title: { ja: "公開鍵を共通鍵とするHS256の署名", en: "HS256 with the public key as its secret" },
    clause: "RFC 8725 3.1",
    plan: { signature: "public key as secret" },
  },
  {
    id: "key-unknown",
    title: { ja: "公開されていない（または公開を終えた）鍵の署名", en: "a key that is not, or no longer, published" },
    clause: core("10.1"),
    plan: { signature: "unpublished" },
  },
  {
    id: "key-of-that-name",
    title: { ja: "公開鍵と同じ名前の別の鍵の署名", en: "another key under the published name" },
    clause: core("10.1"),
    plan: { signature: "unpublished under the published name" },
  },
  {
    id: "key-in-header",
    title: { ja: "ヘッダーに入れた鍵の署名", en: "a key that the token brings itself" },
    clause: "RFC 8725 3.10",
    plan: { signature: "unpublished, in the header" },
  },
  {
    id: "key-for-encryption",
    title: { ja: "暗号用の鍵の署名", en: "a key that is published for encryption" },
    clause: "RFC 7517 4.2",
    plan: { signature: "encryption key" },
  },
  {
    id: "critical-header",
    title: { ja: "理解できない必須ヘッダー（crit）", en: "a critical header that nobody understands" },
    clause: "RFC 7515 4.1.11",
    plan: { header: { crit: ["urn:xid:robot"], "urn:xid:robot": true } },
  },
  {
    id: "not-encrypted",
    title: { ja: "暗号化を求めたのに平文のIDトークン", en: "an ID token in the clear that was to be encrypted" },
    clause: "OpenID Connect Registration 2",
    plan: { idTokenEncryption: "left out" },
    appliesTo: ({ encryptedIdToken }) => encryptedIdToken,
  },
];

const authorizationResponse: Attack[] = [
  {
    id: "state-wrong",
    title: { ja: "別のstateの応答", en: "a response with another state" },
    clause: "RFC 6749 10.12",
    plan: { response: (parameters) => ({ ...parameters, state: "another" }) },
  },
  {
    id: "state-missing",
    title: { ja: "stateのない応答", en: "a response without the state" },
    clause: "RFC 6749 10.12",
    plan: { response: (parameters) => ({ ...parameters, state: undefined }) },
  },
  {
    id: "state-swapped",
    title: { ja: "他人のブラウザーで始めた応答", en: "a response that belongs to another browser" },
    clause: "RFC 9700 4.7",
    plan: {},
    delivery: "to another browser",
  },
  {
    id: "code-injected",
    title: { ja: "別のログインのコード", en: "the code of another sign-in" },
    clause: "RFC 9700 4.5",
    plan: {},
    delivery: "with the code of another sign-in",
  },
  {
    id: "code-replayed",
    title: { ja: "使用済みコードの再送", en: "a code that was used before" },
    clause: "RFC 6749 4.1.2",
    plan: {},
    delivery: "twice",
  },
  {
    id: "iss-wrong",
    title: { ja: "別の発行者からの応答（iss）", en: "a response of another issuer (mix-up)" },
    clause: "RFC 9207 2.4",
    plan: { response: (parameters) => ({ ...parameters, iss: "https://other.example" }) },
  },
  {
    id: "iss-missing",
    title: { ja: "発行者を名乗らない応答", en: "a response without the issuer that was promised" },
    clause: "RFC 9207 2.4",
    plan: { response: (parameters) => ({ ...parameters, iss: undefined }) },
  },
  {
    id: "error-with-code",
    title: { ja: "拒否なのにコードのある応答", en: "a refusal with a code beside it" },
    clause: "RFC 6749 4.1.2.1",
    plan: { response: (parameters) => ({ ...parameters, error: "access_denied" }) },
  },
  {
    id: "error-with-html",
    title: { ja: "HTMLの入ったエラー応答", en: "a refusal with HTML in its words" },
    clause: "RFC 9700 4.18",
    plan: {
      response: ({ code: _, ...parameters }) => ({
        ...parameters,
        error: "access_denied",
        error_description: htmlMarker,
      }),
    },
  },
  {
    id: "response-not-signed",
    title: { ja: "署名を求めたのに署名のない応答", en: "a plain response that was to be signed" },
    clause: "JARM 2.4",
    plan: { responseSignature: "plain parameters" },
    appliesTo: ({ signedResponses }) => signedResponses,
  },
  {
    id: "response-signature-broken",
    title: { ja: "署名の壊れた応答", en: "a response with a broken signature" },
    clause: "JARM 2.4",
    plan: { responseSignature: "broken" },
    appliesTo: ({ signedResponses }) => signedResponses,
  },
  {
    id: "response-audience-wrong",
    title: { ja: "別のサービス宛ての応答", en: "a signed response for another client" },
    clause: "JARM 2.4",
    plan: { responseClaims: (claims) => ({ ...claims, aud: "another-client" }) },
    appliesTo: ({ signedResponses }) => signedResponses,
  },
  {
    id: "response-expired",
    title: { ja: "期限切れの応答", en: "a signed response that has expired" },
    clause: "JARM 2.4",
    plan: { responseClaims: (claims) => ({ ...claims, exp: now() - hour }) },
    appliesTo: ({ signedResponses }) => signedResponses,
  },
];

const answers: Attack[] = [
  {
    id: "id-token-missing",
    title: { ja: "IDトークンのない応答", en: "an answer without an ID token" },
    clause: core("3.1.3.3"),
    plan: { tokenAnswer: ({ id_token: _, ...answer }) => answer },
  },
  {
    id: "token-not-bound",
    title: { ja: "鍵に結び付かないアクセストークン", en: "an access token that is not bound to the key" },
    clause: "RFC 9449 5",
    plan: { tokenAnswer: (answer) => ({ ...answer, token_type: "Bearer" }) },
    appliesTo: ({ boundTokens }) => boundTokens,
  },
  {
    id: "token-error-html",
    title: { ja: "トークンの代わりにHTMLのエラーページ", en: "an error page in HTML in place of tokens" },
    clause: "RFC 6749 5.2",
    plan: {
      tokenEndpoint: (response) => {
        response.writeHead(500, { "content-type": "text/html" }).end(`<h1>Error</h1>${htmlMarker}`);
      },
    },
  },
  {
    id: "token-redirect",
    title: { ja: "コードを別のサーバーへ送らせる転送", en: "a redirect that takes the code elsewhere" },
    clause: "RFC 9700 4.12",
    plan: {
      tokenEndpoint: (response, _answer, elsewhere) => {
        response.writeHead(307, { location: elsewhere }).end();
      },
    },
  },
  {
    id: "token-oversized",
    title: { ja: "巨大な応答", en: "an answer of 32 MiB" },
    clause: "CWE-400",
    plan: { tokenAnswer: (answer) => ({ ...answer, padding: "x".repeat(padding) }) },
  },
  {
    id: "token-slow",
    title: { ja: "終わらない応答", en: "an answer that never ends" },
    clause: "CWE-400",
    plan: {
      tokenEndpoint: (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const timer = setInterval(() => response.write(" "), 100);
        response.on("close", () => clearInterval(timer));
      },
    },
  },
  {
    id: "userinfo-subject-wrong",
    title: { ja: "別人のUserInfo", en: "UserInfo about somebody else" },
    clause: core("5.3.2"),
    plan: { userInfo: (claims) => ({ ...claims, sub: "somebody-else" }) },
    appliesTo: ({ userInfo }) => userInfo,
  },
  {
    id: "userinfo-not-signed",
    title: { ja: "署名を求めたのに署名のないUserInfo", en: "plain UserInfo that was to be signed" },
    clause: core("5.3.2"),
    plan: { userInfoSignature: "plain JSON" },
    appliesTo: ({ signedUserInfo }) => signedUserInfo,
  },
  {
    id: "userinfo-signature-broken",
    title: { ja: "署名の壊れたUserInfo", en: "UserInfo with a broken signature" },
    clause: core("5.3.2"),
    plan: { userInfoSignature: "broken" },
    appliesTo: ({ signedUserInfo }) => signedUserInfo,
  },
  {
    id: "userinfo-not-encrypted",
    title: { ja: "暗号化を求めたのに平文のUserInfo", en: "UserInfo in the clear that was to be encrypted" },
    clause: "OpenID Connect Registration 2",
    plan: { userInfoEncryption: "left out" },
    appliesTo: ({ encryptedUserInfo }) => encryptedUserInfo,
  },
];

/** Everything that the robot plays, each in one sign-in that is honest otherwise. */
export const attacks: readonly Attack[] = [...idToken, ...authorizationResponse, ...answers];
