import {
  type EndedSessions,
  type ItemName,
  type LinkedServices,
  parseRequestLink,
  type RequestDecision,
  type RequestDisplay,
  type WaitingRequests,
} from "@xid/protocol";
import { HeadlessWallet } from "./headless-wallet.ts";
import { createResident, findResident, type Resident } from "./resident.ts";
import { declineSignIn, signIn } from "./sign-in.ts";
import { memoryWalletStore } from "./wallet-state.ts";

export type TestWalletOptions = {
  /** Id of a resident of the sandbox. */
  person?: string;
  /** Somebody new instead, of this persona (docs/personas.md); `default` if neither is given. */
  persona?: string;
  /** http://localhost:4001 unless told. */
  platform?: string;
  /** http://localhost:4006 unless told. */
  sandbox?: string;
  /** http://localhost:4002 unless told: where links to the app lead. */
  app?: string;
};

export type Approval = {
  /** What is let go beside the required items: all unless told. */
  items?: readonly ItemName[];
  /** Takes the PDF that is signed, as the person was shown it. */
  keepDocument?: (file: Uint8Array) => Promise<void>;
};

/** A person with an enrolled xID app, who does at once what a test says. */
export type TestWallet = {
  person: Resident;
  /**
   * The authorization URL of a relying party: signs in, with the card where it has to sign, and gives the callback URL for the
   * relying party's browser to open.
   */
  approve(authorizationUrl: string, approval?: Approval): Promise<string>;
  /** The same, but the person says no: the callback holds `access_denied`. */
  decline(authorizationUrl: string): Promise<string>;
  /** What services have sent, without a browser. */
  requests(): Promise<WaitingRequests["requests"]>;
  /** Such a request, by its id, or one by its link (of a button or a QR code). */
  approveRequest(request: string, approval?: Approval): Promise<RequestDecision>;
  declineRequest(request: string): Promise<RequestDecision>;
  services(): Promise<LinkedServices["services"]>;
  /** At one service, or everywhere. */
  signOut(clientId?: string): Promise<EndedSessions>;
  unlink(clientId: string): Promise<void>;
};

/**
 * A resident of the sandbox whose card has just been read by an xID app without a screen, for the tests of a relying party. The
 * card, the wallet protocol and the platform are real; the keys are in memory and say so.
 */
export async function headlessWallet(options: TestWalletOptions = {}): Promise<TestWallet> {
  const { platform = "http://localhost:4001", sandbox = "http://localhost:4006" } = options;
  const { person: id, persona = "default", app = "http://localhost:4002" } = options;
  const person = id === undefined ? await createResident(sandbox, persona) : await findResident(sandbox, id);
  const wallet = await HeadlessWallet.openOrCreate(memoryWalletStore(), person.id, platform);
  await wallet.enrol({
    sandbox,
    pin: person.pins.signature,
    lastTryAllowed: false,
    otherDevices: "keep",
    deviceName: "@xid/sdk/testing",
  });
  const card = { sandbox, pin: async (kind: "signature" | "text") => person.pins[kind], lastTryAllowed: false };
  const meansOf = ({ keepDocument }: Approval) => ({
    card,
    latestAttributes: true,
    ...(keepDocument && { keepDocument }),
  });
  const chooserOf = ({ items }: Approval) => {
    return ({ items: asked }: RequestDisplay) =>
      asked.filter(({ name, required }) => required || (items?.includes(name) ?? true)).map(({ name }) => name);
  };
  const opened = async (request: string) => {
    if (/^[\w-]+$/.test(request)) return request;
    return (await wallet.openRequest(parseRequestLink(app, request))).requestId;
  };
  return {
    person,
    approve: (url, approval = {}) => signIn(wallet, url, chooserOf(approval), meansOf(approval)),
    decline: (url) => declineSignIn(wallet, url),
    requests: async () => (await wallet.requests()).requests,
    approveRequest: async (request, approval = {}) =>
      wallet.approve(await opened(request), chooserOf(approval), meansOf(approval)),
    declineRequest: async (request) => wallet.decline(await opened(request)),
    services: async () => (await wallet.services()).services,
    signOut: (clientId) => wallet.signOut(clientId),
    unlink: (clientId) => wallet.unlink(clientId),
  };
}
