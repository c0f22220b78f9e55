import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { type Crl, parseCrl } from "./crl.ts";
import { anyPolicy } from "./extensions.ts";
import { type VerifiedPath, verifyPath } from "./path.ts";
import { verifyPathNotRevoked } from "./path-revocation.ts";
import { PkiError } from "./pki-error.ts";

type Case = {
  name: string;
  num: string;
  certs: string[];
  crls: string[];
  ok: boolean;
  initial?: string;
  user?: string;
  explicit: boolean;
  inhibitMap: boolean;
  inhibitAny: boolean;
};

const folder = new URL("../../../vectors/pkits/", import.meta.url);
const read = (path: string): Buffer => readFileSync(new URL(path, folder));
const cases: Case[] = JSON.parse(read("cases.json").toString());
const refused: { case: string; code: string }[] = JSON.parse(read("refused.json").toString());
const time = new Date("2020-01-01T00:00:00Z");

const title = ({ num, name }: Case): string => `${num} ${name.replace(/^Section[0-9]{1,2}?(?=[A-Z])/, "")}`;

function policies(names: string): string[] {
  return names
    .split(",")
    .filter((name) => name !== "")
    .map((name) =>
      name === "anyPolicy" ? anyPolicy : `2.16.840.1.101.3.2.1.48.${name.replace("NIST-test-policy-", "")}`,
    );
}

/** A CRL that cannot be read is none. */
function crlsOf({ crls }: Case): Crl[] {
  return crls.flatMap((name) => {
    try {
      return [parseCrl(read(`crls/${name}.crl`))];
    } catch (error) {
      if (error instanceof PkiError) return [];
      throw error;
    }
  });
}

function validate(given: Case): VerifiedPath {
  const certificates = given.certs.map((name) => parseCertificate(read(`certs/${name}.crt`)));
  const path = verifyPath({
    certificate: certificates.at(-1)!,
    intermediates: certificates.slice(1, -1),
    anchors: [certificates[0]!],
    time,
    initial: {
      policies: given.initial === undefined ? [anyPolicy] : policies(given.initial),
      explicitPolicy: given.explicit,
      inhibitPolicyMapping: given.inhibitMap,
      inhibitAnyPolicy: given.inhibitAny,
    },
  });
  verifyPathNotRevoked({ path, crls: crlsOf(given), certificates, time });
  return path;
}

function codeOf(given: Case): string | undefined {
  try {
    validate(given);
    return undefined;
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

test("PKITS: no invalid path is accepted", () => {
  const invalid = cases.filter(({ ok }) => !ok);
  expect(invalid).toHaveLength(135);
  expect(invalid.filter((given) => codeOf(given) === undefined).map(title)).toEqual([]);
});

test("PKITS: exactly the listed valid paths are refused", () => {
  const found = cases
    .filter(({ ok }) => ok)
    .map((given) => ({ case: title(given), code: codeOf(given) }))
    .filter(({ code }) => code !== undefined);
  expect(found).toEqual(refused.map(({ case: name, code }) => ({ case: name, code })));
});

test("PKITS: valid paths are valid for the policies the suite names", () => {
  const listed = new Set(refused.map((entry) => entry.case));
  for (const given of cases.filter((each) => each.ok && !listed.has(title(each)))) {
    expect([...validate(given).policies].sort(), title(given)).toEqual(
      policies(given.user ?? "NIST-test-policy-1").sort(),
    );
  }
});
