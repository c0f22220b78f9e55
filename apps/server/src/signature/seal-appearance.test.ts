import { expect, it } from "vitest";
import { sealAppearance } from "./seal-appearance.ts";

const seal = { page: 2, rectangle: [100, 200, 310, 250] as [number, number, number, number], reason: "承諾" };
const who = { name: "山田　花子", at: new Date("2026-11-25T15:30:00Z") };
const drawn = (changes: Partial<typeof who> = {}, place = seal) =>
  Buffer.from(sealAppearance(place, { ...who, ...changes }).content).toString("latin1");

it("is the same octets each time, on the page that was named, and another for another name, time or reason", () => {
  expect(drawn()).toBe(drawn());
  expect(sealAppearance(seal, who).page).toBe(1);
  const others = [
    drawn({ name: "山田　太郎" }),
    drawn({ at: new Date("2026-11-25T15:31:00Z") }),
    drawn({}, { ...seal, reason: "確認" }),
  ];
  expect(new Set([drawn(), ...others]).size).toBe(4);
});

it("stays inside its rectangle, however long a name is and whatever the font does not have", () => {
  for (const name of ["花".repeat(64), "\u{e0100}\ue000\u{2ffff}", ""]) {
    const points = [...drawn({ name }).matchAll(/(-?[\d.]+) (-?[\d.]+) (?=m|l|c)/g)];
    expect(points.length).toBeGreaterThan(100);
    for (const [, x, y] of points) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(210);
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeLessThanOrEqual(50);
    }
  }
});

it("draws 〓 for a character that the font does not have", () => {
  expect(drawn({ name: "\u{2ffff}" })).toBe(drawn({ name: "〓" }));
});
