import type { ServerResponse } from "node:http";
import type { JWTPayload } from "jose";

/** A sign-in as the provider knows it. */
export type Login = {
  clientId: string;
  redirectUri: string;
  state: string | undefined;
  nonce: string | undefined;
  /** Whether the authorization response was asked for as a JWT (JARM). */
  signedResponse: boolean;
  accessToken: string;
};

/** What the relying party was seen to use, in honest sign-ins. */
export type Observed = {
  pushedRequests: boolean;
  signedRequests: boolean;
  signedResponses: boolean;
  boundTokens: boolean;
  userInfo: boolean;
  signedUserInfo: boolean;
  encryptedIdToken: boolean;
  encryptedUserInfo: boolean;
  /** Of every request that was seen. */
  pkce: boolean;
  state: boolean;
  nonce: boolean;
};

/** With which key, and how, a JWT is signed. */
export type Signature =
  /** The key that the provider publishes. */
  | "published"
  /** One that it does not publish, under a name of its own, or under the published one's. */
  | "unpublished"
  | "unpublished under the published name"
  | "unpublished, in the header"
  /** Published for encryption. */
  | "encryption key"
  /** HMAC whose secret is the text of the public key. */
  | "public key as secret"
  | "none"
  | "broken";

/** Where a provider departs from an honest one. What is left out is honest. */
export type Plan = {
  claims?: (claims: JWTPayload, login: Login) => JWTPayload;
  signature?: Signature;
  header?: Record<string, unknown>;
  /** Members that become undefined are left out. */
  response?: (parameters: Record<string, string>, login: Login) => Record<string, string | undefined>;
  responseSignature?: Signature | "plain parameters";
  responseClaims?: (claims: JWTPayload) => JWTPayload;
  tokenAnswer?: (answer: Record<string, unknown>) => Record<string, unknown>;
  /** Answers at the token endpoint in its place. */
  tokenEndpoint?: (response: ServerResponse, answer: Record<string, unknown>, elsewhere: string) => void;
  userInfo?: (claims: JWTPayload) => JWTPayload;
  userInfoSignature?: Signature | "plain JSON";
  idTokenEncryption?: "left out";
  userInfoEncryption?: "left out";
};

export type Attack = {
  /** Stable: for `only`, and for comparing reports. */
  id: string;
  title: { ja: string; en: string };
  /** What obliges the relying party. */
  clause: string;
  plan: Plan;
  /** How the callback is brought back; to the browser that began, unless told. */
  delivery?: "to another browser" | "with the code of another sign-in" | "twice";
  /** Undefined: to every relying party. */
  appliesTo?: (observed: Observed) => boolean;
};
