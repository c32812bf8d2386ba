import { useState } from "react";
import { useHolds } from "../hooks/useHolds";
import { isHeld } from "../rules/holds";
import { HoldRow } from "./HoldRow";

/** The reservations of this browser, and the way to make an order of them. */
export function Cart() {
  const { holds, checkOut } = useHolds();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const held = holds.filter(isHeld).length;

  const order = async (): Promise<void> => {
    setBusy(true);
    setRefused(await checkOut());
    setBusy(false);
  };

  if (holds.length === 0) {
    return (
      <p className="cart__empty">
        Nothing is held for you yet. Reserve something, and it is kept for you while you decide.
      </p>
    );
  }
  return (
    <div className="cart">
      <ul className="cart__holds">
        {holds.map((hold) => (
          <HoldRow key={hold.reservation.id} hold={hold} />
        ))}
      </ul>
      {refused !== null && (
        <p className="refusal" role="alert">
          {refused}
        </p>
      )}
      {held > 0 && (
        <button type="button" className="button button--main" disabled={busy} onClick={order}>
          {busy ? "Ordering…" : "Check out"}
        </button>
      )}
    </div>
  );
}
