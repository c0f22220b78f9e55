import { Problem } from "@xid/protocol";
import { describe, expect, it } from "vitest";
import { errorBook } from "./error-book.ts";
import { ApiProblem, apiProblemCodes, problemDescription } from "./problem.ts";

it("the error book has a page for every problem, and for no other", () => {
  expect(Object.keys(errorBook).sort()).toEqual(apiProblemCodes.toSorted());
});

describe.each(apiProblemCodes)("%s", (code) => {
  const { resident, page, title } = problemDescription(code);

  it("says in both languages what it is, why, and what to do", () => {
    for (const text of [page.title, page.cause.ja, page.mend.ja, resident.ja])
      expect(text).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    for (const text of [title, page.cause.en, page.mend.en, resident.en]) expect(text).toMatch(/^[\x20-\x7e]+$/);
  });

  it("has plain Japanese: spaces between words, short sentences, no characters that a child has not learnt", () => {
    expect(page.easy).toMatch(/ /);
    expect(page.easy).not.toMatch(/[一-龠]/);
    for (const sentence of page.easy.split("。")) expect(sentence.trim().length).toBeLessThanOrEqual(50);
  });

  it("is a problem document whose type leads to its page", () => {
    const document = Problem.parse(new ApiProblem(code).toDocument());
    expect(new URL(document.type, "https://id.example/v1/requests/x").href).toBe(
      `https://id.example/v1/errors#${code}`,
    );
    expect(document.resident.jaEasy).toBe(page.easy);
  });
});
