import { type ShownSigning, type SigningDocument, toHex } from "@xid/protocol";
import { useText } from "../../i18n/text.ts";
import { Facts } from "../../ui/facts.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Heading, Paragraph } from "../../ui/words.tsx";
import { LayoutView } from "./layout-view.tsx";
import { PagesView } from "./pages-view.tsx";

/** `file` is the whole PDF that the signature will be over, its seal included. */
type SigningViewProps = { signing: ShownSigning; file: Uint8Array | null };

/** What is to be signed with the device's key: its facts in a fixed layout, and which document it is. */
export function SigningView({ signing, file }: SigningViewProps) {
  const text = useText();
  const { layout, document } = signing;
  return (
    <>
      <LayoutView layout={layout} />
      {document.form === "none" ? null : <DocumentFacts document={document} file={file} />}
      <Paragraph>{text("request.sign.certificate")}</Paragraph>
    </>
  );
}

function DocumentFacts({
  document,
  file,
}: {
  document: Exclude<SigningDocument, { form: "none" }>;
  file: Uint8Array | null;
}) {
  const text = useText();
  const pdf = document.form === "pdf" ? document : undefined;
  const algorithm = document.form === "pdf" ? "sha-256" : document.algorithm;
  return (
    <Stack>
      <Heading>{text("request.sign.document")}</Heading>
      <Facts
        facts={[
          { name: text("request.sign.file"), value: document.name, testID: "request-file" },
          { name: text("request.sign.size"), value: text("request.sign.bytes", { n: document.size }) },
          ...(pdf ? [{ name: text("request.sign.pages"), value: String(pdf.pages), testID: "request-pages" }] : []),
          ...(pdf && pdf.signer.of > 1
            ? [
                {
                  name: text("request.sign.signers"),
                  value: text("request.sign.signed", { n: pdf.signedBefore, of: pdf.signer.of }),
                },
              ]
            : []),
          ...(pdf?.seal
            ? [{ name: text("request.sign.seal"), value: text("request.sign.seal.page", { n: pdf.seal.page }) }]
            : []),
        ]}
      />
      {file && pdf ? <PagesView file={file} pages={pdf.pages} /> : <Paragraph>{text("request.sign.unseen")}</Paragraph>}
      <Facts facts={[{ name: algorithm.toUpperCase(), value: toHex(document.digest), testID: "request-digest" }]} />
    </Stack>
  );
}
