import { useHolds } from "../hooks/useHolds";
import { isHeld, soonest } from "../rules/holds";
import { Countdown } from "./Countdown";
import { Icon } from "./Icon";

/** Opens the cart, and shows from everywhere how long its first hold lasts. */
export function CartButton({ onOpen }: { onOpen: () => void }) {
  const { holds } = useHolds();
  const count = holds.filter(isHeld).length;
  const timeLeft = soonest(holds)?.timeLeft;
  return (
    <button type="button" className="button button--cart" onClick={onOpen} aria-haspopup="dialog">
      <Icon name="bag" />
      <span>Cart</span>
      {count > 0 && (
        <span className="cart-count">
          {count}
          <span className="visually-hidden"> held</span>
        </span>
      )}
      {timeLeft && <Countdown timeLeft={timeLeft} />}
    </button>
  );
}
