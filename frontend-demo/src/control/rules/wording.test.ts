import { expect, test } from "vitest";
import {
  agoWords,
  atLeast,
  changeWords,
  configurationRows,
  countWords,
  isLetterState,
  limitPlace,
  proofWords,
  railTitle,
  railValue,
  sizeWords,
  snapshotTitle,
} from "./wording";

test.each([
  ["zeroed_share", 0.305, "30.5 %"],
  ["jump_factor", 1250, "1,250 ×"],
  ["days_out_of_order", 3.14, "3.1 days"],
  ["of_tomorrow", 7, "7"],
])("a value of %s has its unit", (rail, value, words) => {
  expect(railValue(rail, value)).toBe(words);
});

test("a guard rail that the page does not know keeps its name", () => {
  expect(railTitle("of_tomorrow")).toBe("of_tomorrow");
  expect(railTitle("zeroed_share")).not.toBe("zeroed_share");
});

test("a file is called by its name alone, anything else as its source calls it", () => {
  const name = "stock.csv 10f76dacadac57e1dbc688b44ab97496 f6acf12d06f44a8e";
  expect(snapshotTitle(name)).toBe("stock.csv");
  expect(snapshotTitle("night 7")).toBe("night 7");
});

test("the limit stands in its bar where it would have been believed", () => {
  expect(limitPlace({ limit: 0.3, actual: 0.6 })).toBe(0.5);
  expect(limitPlace({ limit: 0, actual: 1 })).toBe(0);
  expect(limitPlace({ limit: 1, actual: 0 })).toBe(1);
});

test("a change says its direction, from nothing too", () => {
  expect(changeWords(1200, 0)).toBe("−1,200");
  expect(changeWords(null, 7)).toBe("+7");
});

test.each([
  ["2026-11-22T10:00:30Z", "just now"],
  ["2026-11-22T10:01:20Z", "just now"],
  ["2026-11-22T09:58:00Z", "3 minutes ago"],
  ["2026-11-20T10:01:00Z", "2 days ago"],
])("%s is %s", (moment, words) => {
  expect(agoWords(moment, new Date("2026-11-22T10:01:00Z"))).toBe(words);
});

test("numbers are told with what they count", () => {
  expect(countWords(1, "row")).toBe("1 row");
  expect(countWords(2000, "row")).toBe("2,000 rows");
  expect(sizeWords(512)).toBe("512 B");
  expect(sizeWords(2_621_440)).toBe("2.5 MiB");
});

test("of a list that goes on nobody says that there is nothing", () => {
  expect([atLeast(0, false), atLeast(1, false)]).toEqual(["", "1"]);
  expect([atLeast(0, true), atLeast(1200, true)]).toEqual(["0+", "1,200+"]);
});

test("only states of dead letters are states", () => {
  expect(isLetterState("DEAD")).toBe(true);
  expect(isLetterState("toString")).toBe(false);
});

test("a configuration is told part by part, without what stands elsewhere", () => {
  const configuration = {
    name: "acme",
    format: "csv",
    locations: { names: { "7": "BER" }, default: "AMS" },
    missing: "zero",
    signing: { kind: "shopify", secrets: ["SHOP_SECRET"] },
  };
  expect(configurationRows(configuration)).toEqual([
    ["locations", 'names.7 = "BER"\ndefault = "AMS"'],
    ["missing", '"zero"'],
    ["signing", 'kind = "shopify"\nsecrets = ["SHOP_SECRET"]'],
  ]);
  expect(configurationRows(null)).toEqual([]);
  expect(proofWords(configuration)).toBe("shopify");
  expect(proofWords({})).toBe("access token");
});
