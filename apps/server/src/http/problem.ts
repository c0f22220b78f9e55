import type { Problem } from "@xid/protocol";
import type { Context } from "hono";
import { type ErrorPage, errorBook } from "./error-book.ts";

type Description = {
  status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 502 | 503;
  /** For developers; the same for every occurrence. */
  title: string;
  mendedBy: Problem["mendedBy"];
  resident: { ja: string; en: string };
};

const tryAgain = {
  ja: "問題が起きました。しばらくしてからもう一度お試しください。",
  en: "Something went wrong. Please try again in a while.",
};
const appOutdated = {
  ja: "アプリとの通信に問題がありました。アプリを最新版にして、もう一度お試しください。",
  en: "The app and the service did not understand each other. Update the app and try again.",
};
const cardRefused = {
  ja: "このマイナンバーカードの電子証明書を確認できませんでした。",
  en: "The certificate of this My Number Card could not be verified.",
};

/** Every problem that the platform tells a client of, by its stable code. */
const descriptions = {
  MALFORMED: { status: 400, title: "The message is not in its form", mendedBy: "operator", resident: appOutdated },
  REQUEST_INVALID: {
    status: 400,
    title: "The body or the query is not in its form",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: "The idempotency key was used for another call",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: "A call with this idempotency key is under way",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  TOO_MANY: {
    status: 409,
    title: "There are as many as there may be",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  UNAUTHENTICATED: {
    status: 401,
    title: "The device proof is missing or does not hold",
    mendedBy: "resident",
    resident: {
      ja: "この端末を確認できませんでした。端末の日時が正しいか確かめて、もう一度お試しください。",
      en: "This device could not be verified. Check that its date and time are right, then try again.",
    },
  },
  TOKEN_INVALID: {
    status: 401,
    title: "The access token is missing, over, revoked, or not for this",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  DPOP_PROOF_INVALID: {
    status: 401,
    title: "The DPoP proof is missing, does not hold, or was used before",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  SCOPE_INSUFFICIENT: {
    status: 403,
    title: "The access token does not reach this far",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  PROOF_REPLAYED: {
    status: 401,
    title: "The device proof was used before",
    mendedBy: "resident",
    resident: tryAgain,
  },
  DEVICE_REVOKED: {
    status: 403,
    title: "The device was revoked",
    mendedBy: "resident",
    resident: {
      ja: "この端末の登録は解除されています。マイナンバーカードでもう一度登録してください。",
      en: "This device is no longer registered. Register it again with your My Number Card.",
    },
  },
  FORBIDDEN: { status: 403, title: "Not allowed for this caller", mendedBy: "operator", resident: tryAgain },
  NOT_FOUND: {
    status: 404,
    title: "There is no such thing, or it is not this caller's",
    mendedBy: "resident",
    resident: {
      ja: "見つかりませんでした。はじめからやり直してください。",
      en: "It could not be found. Please start again.",
    },
  },
  PAYLOAD_TOO_LARGE: { status: 413, title: "The body is too large", mendedBy: "operator", resident: appOutdated },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: "The body is of another media type",
    mendedBy: "operator",
    resident: appOutdated,
  },
  RATE_LIMITED: {
    status: 429,
    title: "Too many calls",
    mendedBy: "resident",
    resident: {
      ja: "操作の回数が多すぎます。少し時間をおいてからお試しください。",
      en: "Too many attempts. Please wait a little and try again.",
    },
  },
  ENROLMENT_EXPIRED: {
    status: 410,
    title: "The enrolment's time is over",
    mendedBy: "resident",
    resident: {
      ja: "登録の有効時間が過ぎました。はじめからやり直してください。",
      en: "The time for registration is over. Please start again.",
    },
  },
  ENROLMENT_USED: {
    status: 409,
    title: "The enrolment was completed by another message",
    mendedBy: "resident",
    resident: {
      ja: "この登録はすでに完了しています。はじめからやり直してください。",
      en: "This registration is already complete. Please start again.",
    },
  },
  STATEMENT_MISMATCH: {
    status: 400,
    title: "A signed statement does not say what it must",
    mendedBy: "operator",
    resident: appOutdated,
  },
  SIGNATURE_INVALID: {
    status: 422,
    title: "A signature does not hold",
    mendedBy: "resident",
    resident: {
      ja: "署名を確認できませんでした。カードをもう一度読み取ってください。",
      en: "The signature could not be verified. Please read the card again.",
    },
  },
  CERTIFICATE_UNTRUSTED: {
    status: 422,
    title: "No trusted certificate authority stands behind the certificate",
    mendedBy: "resident",
    resident: cardRefused,
  },
  CERTIFICATE_EXPIRED: {
    status: 422,
    title: "The certificate has expired",
    mendedBy: "resident",
    resident: {
      ja: "電子証明書の有効期限が切れています。お住まいの市区町村の窓口で更新してください。",
      en: "The certificate has expired. Renew it at your municipal office.",
    },
  },
  CERTIFICATE_REVOKED: {
    status: 422,
    title: "The certificate was revoked",
    mendedBy: "resident",
    resident: {
      ja: "電子証明書は失効しています。引っ越しや氏名の変更をした場合は、市区町村の窓口で新しい電子証明書の発行を受けてください。",
      en: "The certificate was revoked. If you moved or changed your name, ask your municipal office for a new one.",
    },
  },
  CERTIFICATE_STATUS_UNKNOWN: {
    status: 503,
    title: "Nobody could say whether the certificate is valid",
    mendedBy: "operator",
    resident: {
      ja: "電子証明書の有効性をいま確認できません。しばらくしてからもう一度お試しください。",
      en: "The validity of the certificate cannot be checked right now. Please try again in a while.",
    },
  },
  JLIS_UNAVAILABLE: {
    status: 503,
    title: "J-LIS gave no usable answer",
    mendedBy: "operator",
    resident: {
      ja: "電子証明書の確認先につながりません。しばらくしてからもう一度お試しください。",
      en: "The certificate authority cannot be reached. Please try again in a while.",
    },
  },
  CARD_NOT_READ: {
    status: 409,
    title: "The card has not been read since it was asked for",
    mendedBy: "resident",
    resident: {
      ja: "マイナンバーカードがまだ読み取られていません。カードを読み取ってから、もう一度お試しください。",
      en: "The My Number Card has not been read yet. Read the card, then try again.",
    },
  },
  IDENTITY_CHANGED: {
    status: 409,
    title:
      "Something has changed since the person read their card, and the relying party takes nobody before they have",
    mendedBy: "resident",
    resident: {
      ja: "引っ越しなどで電子証明書が失効しています。アプリでマイナンバーカードを読み取ってから、サービスの画面でもう一度ログインしてください。",
      en: "Your certificate has ended, such as after a move. Read your My Number Card in the app, then sign in to the service again.",
    },
  },
  CONSENT_MISSING: {
    status: 403,
    title: "The person has not agreed to this, or not any more",
    mendedBy: "resident",
    resident: {
      ja: "変更後の情報を受け取ることへの同意がありません。必要なら、サービスにもう一度ログインして同意してください。",
      en: "There is no consent to receive later changes. If you wish, sign in to the service again and agree to it.",
    },
  },
  ACCOUNT_CONFLICT: {
    status: 409,
    title: "The certificates lead to different accounts",
    mendedBy: "operator",
    resident: {
      ja: "登録内容を自動で確認できませんでした。お問い合わせ窓口にご連絡ください。",
      en: "Your registration could not be matched automatically. Please contact support.",
    },
  },
  OTHER_PERSON: {
    status: 409,
    title: "The card is not that of the person who registered this device",
    mendedBy: "resident",
    resident: {
      ja: "この端末に登録した方のマイナンバーカードではありません。ご本人のカードを読み取ってください。",
      en: "This is not the card of the person who registered this device. Please read that person's card.",
    },
  },
  REQUEST_WRONG_STATE: {
    status: 409,
    title: "The request is not in the state for this",
    mendedBy: "resident",
    resident: {
      ja: "この依頼はすでに処理されています。サービスの画面からやり直してください。",
      en: "This request was already dealt with. Start again from the service.",
    },
  },
  REQUEST_EXPIRED: {
    status: 410,
    title: "The request's time is over",
    mendedBy: "resident",
    resident: {
      ja: "この依頼の有効時間が過ぎました。サービスの画面からやり直してください。",
      en: "The time for this request is over. Start again from the service.",
    },
  },
  REQUEST_OF_ANOTHER_DEVICE: {
    status: 409,
    title: "Another device has opened the request",
    mendedBy: "resident",
    resident: {
      ja: "この依頼は別の端末で開かれています。サービスの画面からやり直してください。",
      en: "Another device has opened this request. Start again from the service.",
    },
  },
  REQUEST_OF_ANOTHER_PERSON: {
    status: 403,
    title: "The relying party wants another person than the one who opened the request",
    mendedBy: "resident",
    resident: {
      ja: "この依頼は、サービスにログインしている別の方に宛てたものです。その方のアプリで続けるか、サービスの画面からやり直してください。",
      en: "The service wants somebody else for this request: the person who is signed in there. Go on in their app, or start again from the service.",
    },
  },
  PROXIMITY_CODE_WRONG: {
    status: 403,
    title: "The code is not the one on the screen now",
    mendedBy: "resident",
    resident: {
      ja: "QRコードが古くなっています。画面に表示されているQRコードをもう一度読み取ってください。",
      en: "That QR code is out of date. Scan the one that is on the screen now.",
    },
  },
  DISPLAY_MISMATCH: {
    status: 409,
    title: "What was approved is not what was shown",
    mendedBy: "resident",
    resident: {
      ja: "表示内容が変わりました。もう一度依頼を開いてください。",
      en: "What was shown has changed. Please open the request again.",
    },
  },
  ITEM_REQUIRED: {
    status: 422,
    title: "A required item was left out, or one was added that was not asked for",
    mendedBy: "resident",
    resident: {
      ja: "必須の項目が選ばれていません。",
      en: "A required item was not selected.",
    },
  },
  RETURN_SECRET_WRONG: {
    status: 403,
    title: "This browser did not begin the request",
    mendedBy: "resident",
    resident: {
      ja: "サービスを開いたときと別のブラウザです。はじめのブラウザに戻ってください。",
      en: "This is not the browser in which you opened the service. Go back to that one.",
    },
  },
  HAND_OVER_GONE: {
    status: 410,
    title: "The envelope was picked up already, or was not in time",
    mendedBy: "relying_party",
    resident: {
      ja: "マイナンバーがサービスに届きませんでした。サービスの画面からもう一度お手続きください。",
      en: "The My Number did not reach the service. Start again from the service.",
    },
  },
  ENVELOPE_INVALID: {
    status: 422,
    title: "The envelope is not the one approved, or not for this relying party",
    mendedBy: "operator",
    resident: {
      ja: "マイナンバーを安全に送れませんでした。番号は送られていません。アプリを最新版にして、もう一度お試しください。",
      en: "The My Number could not be sent safely, and was not sent. Update the app and try again.",
    },
  },
  SIGNING_CERTIFICATE_UNUSABLE: {
    status: 422,
    title: "The signing certificate of the device is revoked or at its end",
    mendedBy: "resident",
    resident: {
      ja: "この端末の署名用の証明書が使えません。マイナンバーカードをもう一度読み取って、登録し直してください。",
      en: "The signing certificate of this device cannot be used. Read your My Number Card again to renew it.",
    },
  },
  DOCUMENT_MALFORMED: {
    status: 422,
    title: "The file is no PDF, or not one that a strict reader takes",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  DOCUMENT_UNSUPPORTED: {
    status: 422,
    title: "The file is a PDF of a kind that is not signed here: encrypted, or beyond all measure",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  DOCUMENT_NOT_SIGNABLE: {
    status: 422,
    title: "The file is certified against any change, or a signature in it is broken",
    mendedBy: "relying_party",
    resident: {
      ja: "この文書には署名できません。依頼元のサービスにお問い合わせください。",
      en: "This document cannot be signed. Please ask the service that sent it.",
    },
  },
  DOCUMENT_SIGNED: {
    status: 409,
    title: "Somebody has signed the document, so who signs and where is settled",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  DOCUMENT_CHANGED: {
    status: 409,
    title: "Another person has signed the document since it was shown",
    mendedBy: "resident",
    resident: {
      ja: "ほかの方の署名が先に加わりました。文書をもう一度開いて、確かめてから署名してください。",
      en: "Somebody else signed first. Open the document again, look at it, and then sign.",
    },
  },
  SEAL_MISPLACED: {
    status: 422,
    title: "The seal lies on no page of the document",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  SIGNER_UNKNOWN: {
    status: 409,
    title: "The document has no such signer, or that one has signed",
    mendedBy: "relying_party",
    resident: {
      ja: "この文書への署名は済んでいます。",
      en: "The document has been signed already.",
    },
  },
  SIGNER_NOT_YET: {
    status: 409,
    title: "Somebody else signs the document first",
    mendedBy: "resident",
    resident: {
      ja: "先に署名する方の署名が、まだ済んでいません。",
      en: "Somebody who signs before you has not signed yet.",
    },
  },
  SIGNER_MISMATCH: {
    status: 403,
    title: "Another person is to sign here",
    mendedBy: "resident",
    resident: {
      ja: "この文書は、別の方に署名をお願いするものです。",
      en: "This document is for somebody else to sign.",
    },
  },
  STORAGE_FULL: {
    status: 409,
    title: "The client keeps as many documents as it may",
    mendedBy: "relying_party",
    resident: tryAgain,
  },
  LEVEL_UNAVAILABLE: {
    status: 422,
    title: "No time-stamping authority is configured, so only B-B can be had",
    mendedBy: "operator",
    resident: tryAgain,
  },
  TIMESTAMP_UNAVAILABLE: {
    status: 503,
    title: "The time-stamping authority gave no time stamp",
    mendedBy: "operator",
    resident: {
      ja: "署名の日時を証明するタイムスタンプを取得できませんでした。署名は行われていません。しばらくしてからもう一度お試しください。",
      en: "The time stamp for the signature could not be had. Nothing was signed. Please try again in a while.",
    },
  },
  UNAVAILABLE: { status: 503, title: "Not able to serve at the moment", mendedBy: "operator", resident: tryAgain },
  INTERNAL: { status: 500, title: "Internal error", mendedBy: "operator", resident: tryAgain },
} as const satisfies Record<string, Description>;

export type ApiProblemCode = keyof typeof descriptions;

export const apiProblemCodes = Object.keys(descriptions) as ApiProblemCode[];

/** Every code has its page, or this does not compile. */
const pages: Record<ApiProblemCode, ErrorPage> = errorBook;

/** What is said of a code in the reference and in the error book. */
export function problemDescription(code: ApiProblemCode): Description & { page: ErrorPage } {
  return { ...descriptions[code], page: pages[code] };
}

export type ProblemOptions = {
  detail?: string;
  retryAfter?: number;
  headers?: Record<string, string>;
  cause?: unknown;
};

/** The one error that speaks to clients of our APIs. Everything else reaches them as `INTERNAL`, without detail. */
export class ApiProblem extends Error {
  readonly code: ApiProblemCode;
  /** For developers, in the answer: no personal data, no secrets. */
  readonly detail: string | undefined;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** Further headers of the answer. */
  readonly headers: Record<string, string>;

  constructor(code: ApiProblemCode, options: ProblemOptions = {}) {
    super(descriptions[code].title, { cause: options.cause });
    this.name = "ApiProblem";
    this.code = code;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
  }

  get status(): Description["status"] {
    return descriptions[this.code].status;
  }

  /** The document (RFC 9457). `type` leads to the page of the error book (api/error-page.ts). */
  toDocument(): Problem {
    const { status, title, mendedBy, resident } = descriptions[this.code];
    return {
      type: `/v1/errors#${this.code}`,
      title,
      status,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      code: this.code,
      mendedBy,
      resident: { ...resident, jaEasy: pages[this.code].easy },
    };
  }

  toResponse(): Response {
    return new Response(JSON.stringify(this.toDocument()), { status: this.status, headers: this.allHeaders() });
  }

  /** As the answer of a call, with what was put into its headers before. */
  answer(call: Context): Response {
    return call.body(JSON.stringify(this.toDocument()), this.status, this.allHeaders());
  }

  allHeaders(): Record<string, string> {
    return {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...this.headers,
      ...(this.retryAfter === undefined ? {} : { "retry-after": String(this.retryAfter) }),
    };
  }
}

/** What a client is told of any error: itself if it is an `ApiProblem`, else `INTERNAL`. */
export function toApiProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem ? error : new ApiProblem("INTERNAL", { cause: error });
}
