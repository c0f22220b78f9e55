import { describe, expect, test } from "vitest";
import { applications } from "./card-files.ts";
import { type CardFile, type CardState, fileOf, parseCardState, withFiles } from "./card-state.ts";
import { createCard } from "./create-card.ts";
import { poweredCard } from "./powered-card.ts";
import { testContents } from "./test-card.ts";
import { VirtualCard } from "./virtual-card.ts";

const state = createCard(testContents());

/** With one field of the authentication PIN changed. */
function withPin(changes: Record<string, unknown>): unknown {
  const pin = { ...fileOf(state, applications.jpki, "0018"), ...changes } as CardFile;
  return withFiles(state, applications.jpki, { "0018": pin });
}

function withFile(file: unknown): unknown {
  return withFiles(state, applications.jpki, { "0008": file as CardFile });
}

describe("a card's state", () => {
  test("is JSON and comes back from it", () => {
    const copy: unknown = JSON.parse(JSON.stringify(state));
    expect(parseCardState(copy)).toEqual(state);
    expect(poweredCard(parseCardState(copy)).send("00ca00f000")).toMatch(/9000$/);
  });

  test.each<[string, unknown]>([
    ["nothing", null],
    ["a list", [state]],
    ["another version", { ...state, version: 2 }],
    ["an unknown model", { ...state, model: "juki-card" }],
    ["no applications", { ...state, applications: [] }],
    ["nothing printed", { ...state, printed: undefined }],
    ["a printed name that is no text", { ...state, printed: { ...state.printed, name: 1 } }],
    ["a portrait that is no whole number", { ...state, printed: { ...state.printed, portrait: 0.5 } }],
    ["a DF name of four bytes", { ...state, applications: [{ identifier: "d392f000", files: {} }] }],
    ["more tries than there are", withPin({ tries: 4 })],
    ["tries below zero", withPin({ tries: -1 })],
    ["half a try", withPin({ tries: 1.5 })],
    ["more tries than a status word tells", withPin({ tries: 16, maximumTries: 16 })],
    ["a PIN that was never given out and has tries", withPin({ value: null })],
    ["a PIN longer than it may be", withPin({ value: "12345" })],
    ["a PIN that is no text", withPin({ value: 1234 })],
    ["a content that is no text", withFile({ kind: "transparent", content: 1, openedBy: null })],
    ["a content that is no base64", withFile({ kind: "transparent", content: "%", openedBy: null })],
    ["records that are no list", withFile({ kind: "records", records: "AAAA" })],
    ["an access condition that is no list", withFile({ kind: "transparent", content: "", openedBy: "0018" })],
    ["no access condition", withFile({ kind: "transparent", content: "" })],
    ["a key of no use", withFile({ kind: "key", use: "wonder", privateKey: null, openedBy: null })],
    ["a key that is no text", withFile({ kind: "key", use: "signature", privateKey: 1, openedBy: null })],
    ["a file of first use that will be nothing", withFile({ kind: "first-use", openedBy: null })],
    ["a file of an unknown kind", withFile({ kind: "cyclic" })],
  ])("is not %s", (_, broken) => {
    expect(() => parseCardState(broken)).toThrow(TypeError);
    expect(() => new VirtualCard(broken as CardState, { persist: () => undefined })).toThrow(TypeError);
  });
});
