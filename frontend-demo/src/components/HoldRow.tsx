import { useState } from "react";
import { useHolds } from "../hooks/useHolds";
import { lookOf } from "../rules/attributes";
import { endSentence, heldLines, type Hold } from "../rules/holds";
import { itemPath } from "../rules/route";
import { priceWords, quantityWords, unitsWords } from "../rules/wording";
import { Countdown } from "./Countdown";
import { Link } from "./Link";
import { ProductPicture } from "./ProductPicture";

/** One reservation in the cart: what it holds, for how long, and what can be done with it. */
export function HoldRow({ hold }: { hold: Hold }) {
  const { extend, release, reserve, dismiss } = useHolds();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const { reservation, timeLeft } = hold;
  const { id, channel, state } = reservation;
  const lines = heldLines(reservation);
  const ended = endSentence(reservation);

  const act = async (doIt: () => Promise<string | null>): Promise<void> => {
    setBusy(true);
    setRefused(await doIt());
    setBusy(false);
  };

  const reserveAgain = async (): Promise<string | null> => {
    const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const sentence = await reserve(wanted, channel);
    if (sentence === null) dismiss(id);
    return sentence;
  };

  return (
    <li className={`hold hold--${state.toLowerCase()}`} aria-busy={busy}>
      {lines.map(({ sku, quantity, item }) => {
        const look = lookOf(item?.attributes);
        return (
          <div className="hold__line" key={sku}>
            <ProductPicture look={look} className="picture--small" />
            <div className="hold__what">
              <Link href={itemPath(sku)} className="hold__name">
                {item?.name ?? sku}
              </Link>
              <p className="hold__quantity">
                {look.price
                  ? `${quantityWords(quantity)} × ${priceWords(look.price)}`
                  : unitsWords(quantity)}
              </p>
            </div>
            {timeLeft && (
              <p className="hold__time">
                <span className="hold__for">held for</span>
                <Countdown timeLeft={timeLeft} />
              </p>
            )}
          </div>
        );
      })}
      {ended !== null && <p className="hold__end">{ended}</p>}
      {refused !== null && (
        <p className="refusal" role="alert">
          {refused}
        </p>
      )}
      <div className="hold__actions">
        {ended === null ? (
          <>
            <button type="button" className="button button--text" onClick={() => act(() => extend(id))}>
              Extend
            </button>
            <button type="button" className="button button--text" onClick={() => act(() => release(id))}>
              Release
            </button>
          </>
        ) : (
          <>
            {state !== "COMMITTED" && state !== "FULFILLED" && (
              <button type="button" className="button button--text" onClick={() => act(reserveAgain)}>
                Reserve again
              </button>
            )}
            <button type="button" className="button button--text" onClick={() => dismiss(id)}>
              Dismiss
            </button>
          </>
        )}
      </div>
    </li>
  );
}
