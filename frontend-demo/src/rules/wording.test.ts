import { describe, expect, test } from "vitest";
import type { StockLineFragment } from "../gql/graphql";
import { amountWords, dayWords, refusalSentence, ruleWords, stockWords, unitsWords } from "./wording";

function message(code: string, text: string): StockLineFragment["message"] {
  return { __typename: "Message", code, text };
}

const inStock: StockLineFragment = {
  __typename: "Availability",
  sku: "MUG-1",
  channel: "web",
  quantity: 128,
  band: null,
  status: "IN_STOCK",
  version: 7,
  asOf: "2025-11-21T12:00:00Z",
  nextSupplyAt: null,
  message: message("IN_STOCK", "In stock"),
};

describe("a stock line", () => {
  test("is quiet when in stock", () => {
    expect(stockWords(inStock)).toEqual({ tone: "good", words: "In stock", detail: null });
  });

  test("says first what happens next when it is out", () => {
    const out: StockLineFragment = {
      ...inStock,
      quantity: 0,
      status: "OUT_OF_STOCK",
      message: message("BACK_BY", "Back by 4 Dec"),
    };
    expect(stockWords(out)).toEqual({
      tone: "later",
      words: "Back by 4 Dec",
      detail: "Out of stock until then",
    });
    const undated = { ...out, message: message("OUT_OF_STOCK", "Out of stock") };
    expect(stockWords(undated)).toEqual({ tone: "out", words: "Out of stock", detail: null });
  });

  test("shows a band where the channel tells no numbers", () => {
    expect(amountWords({ quantity: null, band: "10+" })).toBe("10+");
    expect(amountWords({ quantity: 1_000_000, band: null })).toBe("1,000,000");
  });
});

describe("a refusal", () => {
  test("of too many says how many are left", () => {
    const lines = [{ requested: 5, available: 3, band: null }];
    expect(refusalSentence({ __typename: "InsufficientStock", lines })).toBe(
      "3 left, you asked for 5.",
    );
  });

  test("of the last one says that none is left", () => {
    const lines = [{ requested: 1, available: 0, band: null }];
    expect(refusalSentence({ __typename: "InsufficientStock", lines })).toBe(
      "None left, you asked for 1.",
    );
  });

  test("says a band where the hub tells no numbers", () => {
    const lines = [
      { requested: 9, available: null, band: "5-9" },
      { requested: 1, available: null, band: "0" },
    ];
    expect(refusalSentence({ __typename: "InsufficientStock", lines })).toBe(
      "5-9 left, you asked for 9. None left, you asked for 1.",
    );
  });

  test("that the page has no words for uses the hub's", () => {
    const refusal = { __typename: "InvalidInput", message: "quantity must be above 0" };
    expect(refusalSentence(refusal)).toBe("quantity must be above 0");
  });
});

test("a date carries its year only when it is not this one", () => {
  const now = new Date("2025-11-21T00:00:00Z");
  expect(dayWords("2025-12-04T12:00:00Z", now)).toBe("4 Dec");
  expect(dayWords("2026-01-09T12:00:00Z", now)).toBe("9 Jan 2026");
});

test("one unit is singular", () => {
  expect(unitsWords(1)).toBe("1 unit");
  expect(unitsWords(2.5)).toBe("2.5 units");
});

test("a rule is told in words", () => {
  expect(ruleWords("location:BER")).toBe("kept back by a rule of this location");
  expect(ruleWords("season:winter")).toBe("kept back by season:winter");
});
