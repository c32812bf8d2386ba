import { useState } from "react";
import { quantityWords } from "../../rules/wording";
import { SnapshotChangesQuery } from "../operations";
import { changeWords, railTitle } from "../rules/wording";
import { SELDOM_MS, useLive } from "../useLive";
import { Bones } from "./Small";

const FEW = 10;
const MANY = 100;

interface ChangesProps {
  id: string;
  /** The guard rails it went beyond, each of which looks at some of the changes. */
  rails: readonly string[];
}

/** What a snapshot would do to stock, item by item, most units first. */
export function SnapshotChanges({ id, rails }: ChangesProps) {
  const [first, setFirst] = useState(FEW);
  const [rail, setRail] = useState<string>();
  const asked = { id, first: first + 1, rail: rail ?? null };
  const { data, refusal } = useLive(SnapshotChangesQuery, asked, SELDOM_MS);
  if (data === undefined) {
    return refusal === undefined ? <Bones /> : <p className="refusal">{refusal.words}</p>;
  }
  const changes = data.snapshotChanges.slice(0, first);
  const isCut = data.snapshotChanges.length > first;
  return (
    <>
      <label className="inline">
        What would change:
        <select
          value={rail ?? ""}
          onChange={(event) => setRail(event.target.value === "" ? undefined : event.target.value)}
        >
          <option value="">Everything, most units first</option>
          {rails.map((name) => (
            <option key={name} value={name}>
              {railTitle(name)}
            </option>
          ))}
        </select>
      </label>
      <div className="scroll" role="region" aria-label="Changes" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Location</th>
              <th scope="col" className="number">
                Now
              </th>
              <th scope="col" className="number">
                Then
              </th>
              <th scope="col" className="number">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr key={change.line}>
                <th scope="row">
                  {change.sku}
                  {!change.itemExists && <span className="quiet"> (no such item: refused)</span>}
                </th>
                <td>{change.location}</td>
                <td className="number">
                  {change.before === null ? "–" : quantityWords(change.before)}
                </td>
                <td className="number">{quantityWords(change.after)}</td>
                <td className="number">{changeWords(change.before, change.after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isCut && first === FEW && (
        <button
          type="button"
          className="button button--text"
          onClick={() => setFirst(MANY - 1)}
        >
          Show more
        </button>
      )}
      {isCut && first !== FEW && <p className="quiet">The {first} widest changes are shown.</p>}
    </>
  );
}
