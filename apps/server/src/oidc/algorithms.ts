/** With which clients sign what they send: FAPI 2.0 Security Profile §5.4.1. */
export const clientSignatures = ["ES256", "PS256", "EdDSA", "Ed25519"] as const;

/** What the provider signs with. RS256 for libraries that know nothing else. */
export const providerSignatures = ["ES256", "RS256"] as const;

/** How answers are encrypted to a key of the client (RFC 7518 §4 and §5). */
export const keyEncryptions = ["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"] as const;
export const contentEncryptions = ["A256GCM", "A128CBC-HS256"] as const;
