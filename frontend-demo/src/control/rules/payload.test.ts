import { expect, test } from "vitest";
import { editedOf, textOf } from "./payload";

test("an edited event goes out as it was typed", () => {
  const event = { id: "e-1", data: { sku: "A" } };
  expect(editedOf(textOf(event), "e-1")).toEqual({ payload: event });
});

test.each([
  ['{"id": "e-1"', /not JSON/],
  ['["e-1"]', /JSON object/],
  ["null", /JSON object/],
  ['{"id": "e-2"}', /must stay "e-1"/],
])("%s is refused before it is sent", (text, problem) => {
  expect(editedOf(text, "e-1")).toEqual({ problem: expect.stringMatching(problem) });
});
