/** The sum behind a number, as rows that a shopper can read down. */
import type { StockDetailFragment } from "../gql/graphql";

export type Breakdown = NonNullable<StockDetailFragment["breakdown"]>;

export interface SumRow {
  label: string;
  amount: number;
  kind: "start" | "less" | "more" | "total";
}

/** On hand, what is taken off it, and the total. Rows that change nothing are left out. */
export function sumRows(breakdown: Breakdown): SumRow[] {
  const less: [string, number][] = [
    ["Damaged or set aside", breakdown.unavailable],
    ["Promised to orders", breakdown.allocated],
    ["Held in carts", breakdown.reserved],
    ["Waited for by others", breakdown.backordered],
    ["Safety stock", breakdown.safetyStock],
  ];
  const rows: SumRow[] = [{ label: "On hand", amount: breakdown.onHand, kind: "start" }];
  for (const [label, amount] of less) {
    if (amount !== 0) rows.push({ label, amount: -amount, kind: "less" });
  }
  // A location that owes more than it has counts 0, not less: what it owes is not taken off here.
  const floor = roundToThousandths(
    breakdown.availableToSell - rows.reduce((sum, row) => sum + row.amount, 0),
  );
  if (floor > 0) rows.push({ label: "Short locations count as 0", amount: floor, kind: "more" });
  const { availableToOrder: order, availableToSell: sell } = breakdown;
  // Null is no limit: there is no number for what can be ordered ahead, and the sum ends here.
  const beyond = order === null ? 0 : roundToThousandths(order - sell);
  if (beyond < 0) rows.push({ label: "Not sold any more", amount: beyond, kind: "less" });
  if (beyond > 0) rows.push({ label: "Can be ordered ahead", amount: beyond, kind: "more" });
  const label = beyond === 0 ? "Available to sell" : "Available to order";
  rows.push({ label, amount: order ?? sell, kind: "total" });
  return rows;
}

function roundToThousandths(amount: number): number {
  return Math.round(amount * 1000) / 1000;
}
