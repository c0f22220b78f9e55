import { contentDigest, SignatureLayout, type SignatureLevel, SigningDocument } from "@xid/protocol";
import { z } from "zod";
import type { Platform } from "../platform.ts";
import type { AskedSigning } from "../store/database.ts";
import type { Request } from "./request.ts";
import { documentContext } from "./shown-document.ts";

type NotPdf = Exclude<SigningDocument, { form: "pdf" }>;

/** What is to be signed by the device's key. */
export type SigningOrder = { layout: SignatureLayout; level: SignatureLevel } & (
  | { format: "pdf"; document: { form: "pdf"; documentId: string; position: number } }
  | { format: "cms"; document: NotPdf }
  | { format: "jws"; document: NotPdf; detached: boolean }
);

/** Names payees, accounts and files. */
const Sealed = z.object({ layout: SignatureLayout, document: SigningDocument.optional() });

/** What is kept of it in the open, and what is sealed. */
export function splitSigning(order: SigningOrder): { asked: AskedSigning; text: string } {
  const { layout, level } = order;
  const sealed = { layout, ...(order.format === "pdf" ? {} : { document: order.document }) };
  const common = { level, digest: contentDigest(sealed) };
  const asked: AskedSigning =
    order.format === "pdf"
      ? { format: "pdf", ...common, document: order.document }
      : order.format === "cms"
        ? { format: "cms", ...common }
        : { format: "jws", ...common, detached: order.detached };
  return { asked, text: JSON.stringify(sealed) };
}

/** The whole of it. */
export function openSigning(
  { sealer }: Pick<Platform, "sealer">,
  { requestId, documentSealed }: Pick<Request, "requestId" | "documentSealed">,
  asked: AskedSigning,
): SigningOrder {
  if (!documentSealed) throw new TypeError("a request for a signature without what is to be signed");
  const text = sealer.open(documentContext(requestId), documentSealed).toString("utf8");
  const { layout, document } = Sealed.parse(JSON.parse(text));
  const { level } = asked;
  if (asked.format === "pdf") return { format: "pdf", level, layout, document: asked.document };
  if (!document || document.form === "pdf") throw new TypeError("a signature of another form");
  return asked.format === "cms"
    ? { format: "cms", level, layout, document }
    : { format: "jws", level, layout, document, detached: asked.detached };
}
