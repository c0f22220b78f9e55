import { describe, expect, it } from "vitest";
import { presentAttribute } from "./present.ts";

describe("an attribute's value", () => {
  it("is written as people write it", () => {
    expect(presentAttribute("ja", "birthdate", "1990-01-02")).toBe("1990年1月2日");
    expect(presentAttribute("en", "birthdate", "1990-01-02")).toBe("2 January 1990");
    expect(presentAttribute("ja", "gender", "female")).toBe("女");
    expect(presentAttribute("en", "gender", "unknown")).toBe("Not recorded");
  });

  it("stays as it is where the register does not know a part, and for names and addresses", () => {
    expect(presentAttribute("ja", "birthdate", "1990-00-00")).toBe("1990-00-00");
    expect(presentAttribute("ja", "name", "山田　花子")).toBe("山田　花子");
    expect(presentAttribute("ja", "address", "東京都清瀬市中里５丁目")).toBe("東京都清瀬市中里５丁目");
  });
});
