import { type KeyObject, randomBytes, sign } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { objectIdentifier, sequence } from "../der/writer.ts";
import { extensionIds, keyUsage } from "../extensions.ts";
import { issueTimestamp, type TimestampIssue } from "../timestamp/issue-timestamp.ts";
import { buildTimestampRequest, parseTimestampRequest } from "../timestamp/timestamp-request.ts";
import { ecKeyPair, extension, name, type TestAuthority, usage } from "./authority.ts";

export const testTimestampPolicy = "1.3.6.1.4.1.55555.1";

/** extendedKeyUsage of these, critical or not. */
export const purposes = (critical: boolean, ...ids: string[]): Buffer =>
  extension(extensionIds.extendedKeyUsage, critical, sequence(...ids.map(objectIdentifier)));

/** A time-stamping authority below a test CA, which says what time it is told. */
export class TestTimestampAuthority {
  readonly certificate: Certificate;
  readonly key: KeyObject;

  constructor(
    authority: TestAuthority,
    extensions = [usage(keyUsage.digitalSignature), purposes(true, "1.3.6.1.5.5.7.3.8")],
    keys = ecKeyPair(),
  ) {
    this.key = keys.privateKey;
    const subject = name(["2.5.4.3", "time-stamping authority"]);
    this.certificate = authority.issue({ subject, publicKey: keys.publicKey, extensions });
  }

  readonly sign = async (bytes: Uint8Array): Promise<Uint8Array> => sign("sha256", bytes, this.key);

  token(request: Uint8Array, time: Date, changes: Partial<TimestampIssue> = {}): Promise<Uint8Array> {
    return issueTimestamp(parseTimestampRequest(request), {
      certificate: this.certificate.der,
      algorithm: this.key.asymmetricKeyType === "rsa" ? "RS256" : "ES256",
      sign: this.sign,
      policy: testTimestampPolicy,
      serialNumber: randomBytes(8),
      time,
      accuracy: 1,
      ...changes,
    });
  }

  /** A source of time stamps at one time. */
  at(time: Date): (digest: Uint8Array) => Promise<Uint8Array> {
    return (digest) => this.token(buildTimestampRequest({ digest }), time);
  }
}
