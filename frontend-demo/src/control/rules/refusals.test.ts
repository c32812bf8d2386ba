import { CombinedGraphQLErrors } from "@apollo/client";
import { expect, test } from "vitest";
import { refusalOf } from "./refusals";

const refused = (code: string) =>
  new CombinedGraphQLErrors({ errors: [{ message: "No.", extensions: { code } }] });

test.each([
  [refused("UNAUTHENTICATED"), "token"],
  [refused("FORBIDDEN"), "token"],
  [refused("UNAVAILABLE"), "away"],
  [refused("INVALID_INPUT"), "other"],
  [new TypeError("Failed to fetch"), "away"],
])("%s is told as something to act on", (error, kind) => {
  expect(refusalOf(error).kind).toBe(kind);
  expect(refusalOf(error).words).not.toBe("");
});
