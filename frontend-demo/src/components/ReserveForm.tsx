import { useState } from "react";
import type { FamilyItem } from "../hooks/useItem";
import { useHolds } from "../hooks/useHolds";
import { canBeReserved } from "../rules/wording";
import { QuantityPicker } from "./QuantityPicker";

interface ReserveFormProps {
  item: FamilyItem;
  channel: string;
  /** Other variants of the family that can be had now. */
  alternatives: number;
}

/** Quantity and the button. What the hub refuses is said in a sentence right below. */
export function ReserveForm({ item, channel, alternatives }: ReserveFormProps) {
  const { reserve } = useHolds();
  const [typed, setTyped] = useState("1");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);

  if (!canBeReserved(item.availability.status)) {
    return (
      <p className="reserve__none">
        It cannot be reserved right now.
        {alternatives === 1 && " One other variant is in stock."}
        {alternatives > 1 && ` ${alternatives} other variants are in stock.`}
      </p>
    );
  }

  const send = async (): Promise<void> => {
    const quantity = Number(typed.trim().replace(",", "."));
    if (!(quantity > 0)) {
      setRefused("Please say how many, as a number above 0.");
      return;
    }
    setBusy(true);
    setRefused(await reserve([{ sku: item.sku, quantity }], channel));
    setBusy(false);
  };

  return (
    <form
      className="reserve"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="reserve__row">
        <QuantityPicker
          value={typed}
          onChange={(next) => {
            setTyped(next);
            setRefused(null);
          }}
        />
        <button type="submit" className="button button--main" disabled={busy}>
          {busy ? "Reserving…" : "Reserve"}
        </button>
      </div>
      <p className="refusal" role="alert">
        {refused}
      </p>
    </form>
  );
}
