import type { StockDetailFragment } from "../gql/graphql";
import { useConnection } from "../hooks/useConnection";
import { usePaced } from "../hooks/usePaced";
import { amountWords, stockWords, timeWords } from "../rules/wording";
import { Icon } from "./Icon";
import { LiveText } from "./LiveText";
import { TONE_ICONS } from "./StockBadge";
import { WhyThisNumber } from "./WhyThisNumber";

const SPEAK_EVERY_MS = 10_000;

/** The stock of one item, large: words first, then the number, then why it is that number. */
export function StockBlock({ line }: { line: StockDetailFragment }) {
  const connection = useConnection();
  const identity = `${line.channel}/${line.sku}`;
  const shown = usePaced(line, identity);
  const { tone, words, detail } = stockWords(shown);
  const amount = amountWords(shown);
  return (
    <section className={`stock tone-${tone}`} aria-label="Availability" data-status={shown.status}>
      <div className="stock__line">
        <Icon name={TONE_ICONS[tone]} />
        <p className="stock__words">
          <LiveText key={identity} text={words} />
          {detail !== null && <span className="stock__detail">{detail}</span>}
        </p>
        <p className="stock__amount">
          <LiveText key={identity} text={amount} /> <span className="stock__unit">available</span>
        </p>
      </div>
      {connection.kind === "stale" && (
        <p className="stock__age">
          As it was at {timeWords(connection.since)}. The page is reconnecting by itself.
        </p>
      )}
      {shown.breakdown && <WhyThisNumber line={shown} breakdown={shown.breakdown} />}
      <Spoken words={`${words}, ${amount} available.`} identity={identity} />
    </section>
  );
}

/** The same for screen readers, at a pace that one can listen to. */
function Spoken({ words, identity }: { words: string; identity: string }) {
  return (
    <p className="visually-hidden" role="status">
      {usePaced(words, identity, SPEAK_EVERY_MS)}
    </p>
  );
}
