import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { jpkiPolicies, parseJpkiSignatureCertificate } from "./jpki-profile.ts";
import { verifyOcspResponse } from "./ocsp.ts";
import { buildOcspRequest } from "./ocsp-request.ts";
import { verifyPath } from "./path.ts";
import { hasOpenssl, inFolder } from "./testing/openssl.ts";
import { verifyCrl } from "./verified-crl.ts";

/** A CA and certificates in the JPKI profile, written by OpenSSL from this. */
const configuration = `
[req]
distinguished_name = dn
utf8 = yes
string_mask = utf8only
prompt = no
[dn]
C = JP
O = OPENSSL-JPKI
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
crl_extensions = crl
unique_subject = no
preserve = yes
[any]
countryName = optional
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[crl]
authorityKeyIdentifier = keyid
[leaf]
keyUsage = critical,digitalSignature,nonRepudiation
certificatePolicies = critical,@policy
subjectAltName = @names
authorityKeyIdentifier = keyid,issuer:always
subjectKeyIdentifier = hash
[policy]
policyIdentifier = ${jpkiPolicies.signature}
CPS.1 = http://localhost/cps.html
[names]
otherName.1 = 1.2.392.200149.8.5.5.1;FORMAT:UTF8,UTF8:架空　太郎
otherName.2 = 1.2.392.200149.8.5.5.4;FORMAT:UTF8,UTF8:319641010
otherName.3 = 1.2.392.200149.8.5.5.3;FORMAT:UTF8,UTF8:1
otherName.4 = 1.2.392.200149.8.5.5.5;FORMAT:UTF8,UTF8:北海道架空市１番地
otherName.5 = 1.2.392.200149.8.5.5.2;FORMAT:UTF8,UTF8:10000
otherName.6 = 1.2.392.200149.8.5.5.6;FORMAT:UTF8,UTF8:000000000
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = yes
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
`;

const files = { "openssl.cnf": configuration, "index.txt": "", serial: "2A\n", crlnumber: "07\n" };

type Openssl = (line: string) => Buffer;

function setUp(openssl: Openssl): { issuer: Buffer; leaf: Buffer } {
  const newKey = (name: string) => `-newkey rsa:2048 -nodes -keyout ${name}.key -config openssl.cnf`;
  openssl(`req -x509 ${newKey("ca")} -out ca.pem -days 60 -extensions root`);
  for (const [name, subject] of [
    ["leaf", "/C=JP/CN=0001"],
    ["responder", "/CN=responder"],
  ]) {
    openssl(`req ${newKey(name!)} -out ${name}.csr -subj ${subject}`);
    openssl(`ca -batch -config openssl.cnf -extensions ${name} -in ${name}.csr -out ${name}.pem -notext`);
  }
  const der = (name: string) => openssl(`x509 -in ${name}.pem -outform DER`);
  return { issuer: der("ca"), leaf: der("leaf") };
}

describe.skipIf(!hasOpenssl)("what OpenSSL makes is understood", () => {
  test("certificate, CRL and OCSP answers before and after revocation", () => {
    inFolder(files, (run, folder) => {
      const openssl: Openssl = (line) => run(...line.split(" "));
      const made = setUp(openssl);
      const issuer = parseCertificate(made.issuer);
      const certificate = parseCertificate(made.leaf);
      const path = { certificate, anchors: [issuer], time: new Date() };
      verifyPath({ ...path, requiredPolicies: [jpkiPolicies.signature] });
      expect(parseJpkiSignatureCertificate(certificate)).toMatchObject({
        name: "架空　太郎",
        nameSubstitutes: [0],
        birthdate: "1964-10-10",
        birthEra: "showa",
        gender: "male",
        address: "北海道架空市１番地",
      });

      const statusByCrl = () => {
        openssl("ca -gencrl -config openssl.cnf -out crl.pem");
        const der = openssl("crl -in crl.pem -outform DER");
        return verifyCrl(der, { issuer, time: new Date() }).status(certificate);
      };
      const nonce = Buffer.alloc(16, 5);
      writeFileSync(join(folder, "request.der"), buildOcspRequest({ certificate, issuer, nonce }));
      const statusByOcsp = () => {
        const files = "-index index.txt -CA ca.pem -rsigner responder.pem -rkey responder.key";
        openssl(`ocsp ${files} -reqin request.der -respout response.der -nmin 5`);
        const der = readFileSync(join(folder, "response.der"));
        return verifyOcspResponse(der, { certificate, issuer, nonce, time: new Date(), maxAge: 600 });
      };

      expect(statusByCrl().status).toBe("good");
      expect(statusByOcsp().status).toBe("good");
      openssl("ca -config openssl.cnf -revoke leaf.pem -crl_reason superseded");
      expect(statusByCrl()).toMatchObject({ status: "revoked", reason: "superseded" });
      expect(statusByOcsp()).toMatchObject({ status: "revoked", reason: "superseded" });
    });
  });
});
