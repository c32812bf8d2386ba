import { useEffect } from "react";
import { applyEvent } from "../api/cache";
import { cache } from "../api/client";
import { follow } from "../api/follow";
import { StockDetailsSubscription, StockLinesSubscription } from "../api/operations";
import type {
  StockDetailsSubscription as StockDetails,
  StockLinesSubscription as StockLines,
} from "../gql/graphql";

/** The hub takes at most so many items in one subscription. */
const SKUS_PER_SUBSCRIPTION = 250;

/**
 * Keeps the availability of `skus` in the cache current while mounted: what a query has read from
 * there re-renders by itself. `detail` also follows the sum behind each number.
 */
export function useLiveAvailability(
  skus: readonly string[],
  channel: string | undefined,
  detail: "line" | "detail" = "line",
): void {
  // The list as one string: a new array with the same items must not subscribe anew.
  const list = JSON.stringify(skus);
  useEffect(() => {
    const wanted = JSON.parse(list) as string[];
    if (channel === undefined || wanted.length === 0) return;
    const scope = { channel };
    const stops: (() => void)[] = [];
    for (let start = 0; start < wanted.length; start += SKUS_PER_SUBSCRIPTION) {
      const variables = { skus: wanted.slice(start, start + SKUS_PER_SUBSCRIPTION), scope };
      const apply = ({ availability }: StockDetails | StockLines): void =>
        applyEvent(cache, scope, availability.kind, availability.availability);
      stops.push(
        detail === "detail"
          ? follow(StockDetailsSubscription, variables, apply)
          : follow(StockLinesSubscription, variables, apply),
      );
    }
    return () => stops.forEach((stop) => stop());
  }, [list, channel, detail]);
}
