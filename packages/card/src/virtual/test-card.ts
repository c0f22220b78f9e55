import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { encodeTlv } from "../tlv.ts";
import type { CardContents, KeyPair } from "./card-contents.ts";
import { makeCardKey } from "./card-key.ts";
import type { CardModel } from "./card-state.ts";

/** A card's contents for this package's own tests; the certificates are self-signed and have no JPKI profile. */
export function testContents(changes: Partial<CardContents> = {}): CardContents {
  const { signature, authentication } = testKeyPairs();
  return {
    signature,
    authentication,
    certificateAuthorities: { signature: signature.certificate, authentication: authentication.certificate },
    pins: { signature: "ABC123", authentication: "1234", text: "5678" },
    myNumber: "123456789018",
    attributes: { name: "山田　花子", address: "東京都清瀬市中里５丁目８４２番地", birthdate: "19900102", gender: "2" },
    card: { serialNumber: "400000012719843", municipalityCode: "13221", expiry: "20350217", securityCode: "2285" },
    ...changes,
  };
}

type TestKeyPair = KeyPair & { privateKey: KeyObject };
let keyPairs: { signature: TestKeyPair; authentication: TestKeyPair } | undefined;

/** Those in `testContents`: made once, because RSA keys take long. */
export function testKeyPairs(): { signature: TestKeyPair; authentication: TestKeyPair } {
  keyPairs ??= { signature: testKeyPair("Signature"), authentication: testKeyPair("Authentication") };
  return keyPairs;
}

/** The draft's contents: P-384. */
export function draftContents(changes: Partial<CardContents> = {}): CardContents {
  const signature = testKeyPair("Signature", "next-draft");
  const authentication = testKeyPair("Authentication", "next-draft");
  return testContents({ model: "next-draft", signature, authentication, ...changes });
}

/** A new key with a certificate, X.509 v3, valid to 2049. */
export function testKeyPair(commonName: string, model: CardModel = "card"): TestKeyPair {
  const privateKey = makeCardKey(model);
  const publicKey = createPublicKey(privateKey);
  const algorithm =
    model === "next-draft"
      ? der(0x30, der(0x06, Buffer.from("2a8648ce3d040303", "hex")))
      : der(0x30, der(0x06, Buffer.from("2a864886f70d01010b", "hex")), der(0x05));
  const attribute = der(0x30, der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from(commonName)));
  const name = der(0x30, der(0x31, attribute));
  const validity = der(0x30, der(0x17, Buffer.from("250101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const subjectPublicKey = publicKey.export({ format: "der", type: "spki" });
  const version = der(0xa0, der(0x02, Uint8Array.of(2)));
  const serial = der(0x02, Uint8Array.of(0x01, 0x32, 0xc4));
  const unsigned = der(0x30, version, serial, algorithm, name, validity, name, subjectPublicKey);
  const signature = sign(model === "next-draft" ? "sha384" : "sha256", unsigned, privateKey);
  const certificate = der(0x30, unsigned, algorithm, der(0x03, Uint8Array.of(0), signature));
  return { certificate, privateKey };
}

function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  return encodeTlv(tag, Buffer.concat(parts));
}
