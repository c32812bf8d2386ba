import { describe, expect, test } from "vitest";
import { compareLooks, lookOf, variantLabel } from "./attributes";

describe("free-form attributes", () => {
  test("give a look", () => {
    const look = lookOf({ colour: "Moss", colourHex: "#6b7a4b", price: "24.00", currency: "EUR" });
    expect(look.colourHex).toBe("#6b7a4b");
    expect(look.price).toEqual({ amount: 24, currency: "EUR" });
    expect(variantLabel(look, "MUG-1")).toBe("Moss");
  });

  test("of any shape break nothing", () => {
    for (const odd of [null, undefined, 7, "text", [], { colourHex: "red;}", price: {} }]) {
      const look = lookOf(odd);
      expect(look.colourHex).toMatch(/^#[0-9a-f]{6}$/);
      expect(look.price).toBeNull();
    }
    expect(lookOf({ price: "1.00", currency: "EURO" }).price).toBeNull();
    expect(variantLabel(lookOf(null), "MUG-1")).toBe("MUG-1");
  });
});

test("variants stand from small to large", () => {
  const looks = ["L", "S", "M"].map((size) => lookOf({ colour: "Ink", size }));
  expect(looks.sort(compareLooks).map((look) => look.size)).toEqual(["S", "M", "L"]);
});
