import type { StockLineFragment } from "../gql/graphql";
import { usePaced } from "../hooks/usePaced";
import { amountWords, stockWords, type Tone } from "../rules/wording";
import { Icon, type IconName } from "./Icon";
import { LiveText } from "./LiveText";

export const TONE_ICONS: Record<Tone, IconName> = {
  good: "check",
  watch: "low",
  later: "later",
  out: "out",
};

/** The stock line of an item in one row: icon, words and, where it says more, the number. */
export function StockBadge({ line }: { line: StockLineFragment }) {
  const shown = usePaced(line, `${line.channel}/${line.sku}`);
  const { tone, words } = stockWords(shown);
  const amount = amountWords(shown);
  return (
    <p className={`badge tone-${tone}`} data-status={shown.status}>
      <Icon name={TONE_ICONS[tone]} />
      <span className="badge__words">
        <LiveText text={words} />
      </span>
      {tone === "good" && (
        <span className="badge__amount">
          <LiveText text={amount} />
          <span className="visually-hidden"> available</span>
        </span>
      )}
    </p>
  );
}
