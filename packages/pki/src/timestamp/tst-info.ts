import { DerReader } from "../der/reader.ts";
import { context, contextConstructed, tags } from "../der/tags.ts";
import { parseTime } from "../der/time.ts";
import { readExtensionList } from "../extensions.ts";
import { type GeneralName, readGeneralName } from "../general-name.ts";
import { PkiError } from "../pki-error.ts";
import { type MessageImprint, readMessageImprint } from "./timestamp-request.ts";

/** What a time-stamp token says (RFC 3161 2.4.2). */
export type TstInfo = {
  readonly policy: string;
  readonly imprint: MessageImprint;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Buffer;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Milliseconds by which the time may be wrong; 0 when the authority does not say. */
  readonly accuracy: number;
  readonly nonce: Buffer | undefined;
  readonly authority: GeneralName | undefined;
};

/** Throws `MALFORMED`, `WEAK_ALGORITHM`, `UNSUPPORTED` or `UNKNOWN_CRITICAL_EXTENSION`. */
export function parseTstInfo(der: Buffer): TstInfo {
  const outer = new DerReader(der);
  const info = outer.enter(tags.sequence);
  outer.finish();
  if (info.smallInteger() !== 1) throw new PkiError("UNSUPPORTED", "version of the time stamp");
  const policy = info.oid();
  const imprint = readMessageImprint(info);
  const serialNumber = info.integer();
  const time = readTime(info.content(tags.generalizedTime));
  const accuracy = info.tag === tags.sequence ? readAccuracy(info.enter(tags.sequence)) : 0;
  info.flag();
  const nonce = info.tag === tags.integer ? info.integer() : undefined;
  let authority: GeneralName | undefined;
  if (info.tag === contextConstructed(0)) {
    const explicit = info.enter(contextConstructed(0));
    authority = readGeneralName(explicit);
    explicit.finish();
  }
  if (info.tag === contextConstructed(1)) readNoCriticalExtension(info);
  info.finish();
  return { policy, imprint, serialNumber, time, accuracy, nonce, authority };
}

/** The list is implicitly tagged: read under the tag of a SEQUENCE. */
function readNoCriticalExtension(info: DerReader): void {
  const start = info.position;
  info.skip();
  const list = Buffer.from(info.bytes.subarray(start, info.position));
  list[0] = tags.sequence;
  readExtensionList(new DerReader(list), (id, critical) => {
    if (critical) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical extension ${id}`);
  });
}

/** GeneralizedTime that may have a fraction of a second, without zeros at its end (RFC 3161 2.4.2). */
function readTime(content: Buffer): number {
  const [, seconds, fraction] = /^([0-9]{14})(?:\.([0-9]{0,8}[1-9]))?Z$/.exec(content.toString("latin1")) ?? [];
  if (seconds === undefined) throw new PkiError("MALFORMED", "time of the time stamp");
  const whole = Buffer.from(`${seconds}Z`);
  return parseTime(whole, 0, whole.length, false) + Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
}

function readAccuracy(accuracy: DerReader): number {
  const seconds = accuracy.tag === tags.integer ? accuracy.smallInteger() : 0;
  const millis = accuracy.tag === context(0) ? accuracy.smallInteger(context(0)) : 0;
  const micros = accuracy.tag === context(1) ? accuracy.smallInteger(context(1)) : 0;
  accuracy.finish();
  if (millis > 999 || micros > 999) throw new PkiError("MALFORMED", "accuracy of the time stamp");
  return seconds * 1000 + millis + Math.ceil(micros / 1000);
}
