import { Icon } from "./Icon";

interface QuantityPickerProps {
  value: string;
  onChange: (value: string) => void;
}

/** How many: typed, or stepped by one. What was typed stays as typed until it is sent. */
export function QuantityPicker({ value, onChange }: QuantityPickerProps) {
  const step = (by: number): void => onChange(String(Math.max(1, (Number(value) || 0) + by)));
  return (
    <div className="quantity" role="group" aria-label="Quantity">
      <button type="button" className="button button--icon" onClick={() => step(-1)}>
        <Icon name="minus" />
        <span className="visually-hidden">One less</span>
      </button>
      <input
        aria-label="Quantity"
        inputMode="decimal"
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="button" className="button button--icon" onClick={() => step(1)}>
        <Icon name="plus" />
        <span className="visually-hidden">One more</span>
      </button>
    </div>
  );
}
