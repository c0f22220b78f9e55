export { itemNames, type SignatureLayout } from "@xid/protocol";
export type { CardSignature, SignatureOrder } from "./card-signature.ts";
export type { Registration } from "./client.ts";
export type { ClientStore } from "./client-store.ts";
export { fileStore } from "./file-store.ts";
export type { Claims, ItemName, ItemRequest } from "./items.ts";
export {
  createXid,
  type Started,
  type StartOptions,
  type Tokens,
  type Verified,
  type Xid,
  type XidOptions,
} from "./xid.ts";
export { XidError, type XidErrorCode } from "./xid-error.ts";
