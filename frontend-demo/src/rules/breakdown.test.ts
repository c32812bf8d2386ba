import { expect, test } from "vitest";
import { sumRows, type Breakdown } from "./breakdown";

function available(units: number) {
  return { availableToSell: units, availableToOrder: units };
}

const breakdown: Breakdown = {
  __typename: "Breakdown",
  onHand: 100,
  unavailable: 2,
  allocated: 20,
  reserved: 5,
  backordered: 0,
  safetyStock: 4,
  ...available(69),
  incoming: 0,
  shortfall: 0,
  locations: [],
};

test("the rows add up to what can be sold", () => {
  const rows = sumRows(breakdown);
  expect(rows.map((row) => row.amount)).toEqual([100, -2, -20, -5, -4, 69]);
});

test("units that others wait for are taken off", () => {
  const rows = sumRows({ ...breakdown, backordered: 9, ...available(60) });
  expect(rows.at(-3)).toEqual({ label: "Waited for by others", amount: -9, kind: "less" });
  expect(rows.at(-1)?.amount).toBe(60);
});

test("rows that change nothing are left out", () => {
  const rows = sumRows({ ...breakdown, unavailable: 0, reserved: 0, ...available(76) });
  expect(rows.map((row) => row.label)).toEqual([
    "On hand",
    "Promised to orders",
    "Safety stock",
    "Available to sell",
  ]);
});

test("a location that is short does not hide why the sum is higher", () => {
  const rows = sumRows({ ...breakdown, ...available(72) });
  expect(rows.at(-2)).toEqual({ label: "Short locations count as 0", amount: 3, kind: "more" });
});

test("what is not sold any more is taken off, what can be ordered ahead is added", () => {
  expect(sumRows({ ...breakdown, availableToOrder: 0 }).slice(-2)).toEqual([
    { label: "Not sold any more", amount: -69, kind: "less" },
    { label: "Available to order", amount: 0, kind: "total" },
  ]);
  expect(sumRows({ ...breakdown, availableToOrder: 79 }).slice(-2)).toEqual([
    { label: "Can be ordered ahead", amount: 10, kind: "more" },
    { label: "Available to order", amount: 79, kind: "total" },
  ]);
});

test("what can be ordered ahead without limit has no number", () => {
  expect(sumRows({ ...breakdown, availableToOrder: null }).at(-1)).toEqual({
    label: "Available to sell",
    amount: 69,
    kind: "total",
  });
});
