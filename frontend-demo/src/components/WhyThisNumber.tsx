import type { StockDetailFragment } from "../gql/graphql";
import { useChannels } from "../hooks/useChannel";
import { sumRows, type Breakdown } from "../rules/breakdown";
import { dayWords, limitSentence, quantityWords, ruleWords, unitsWords } from "../rules/wording";
import { Icon } from "./Icon";

interface WhyProps {
  line: StockDetailFragment;
  breakdown: Breakdown;
}

/** Opens a number up: what is on hand, what is taken off it and by which rule, place by place. */
export function WhyThisNumber({ line, breakdown }: WhyProps) {
  const { incoming, locations } = breakdown;
  const limit = limitSentence(line.limitingReason);
  return (
    <details className="why">
      <summary>
        Why this number <Icon name="chevron" />
      </summary>
      <dl className="why__sum">
        {sumRows(breakdown).map(({ label, amount, kind }) => (
          <div key={label} className={`why__row why__row--${kind}`}>
            <dt>{label}</dt>
            <dd>
              {kind === "less" && "− "}
              {kind === "more" && "+ "}
              {quantityWords(kind === "less" ? -amount : amount)}
            </dd>
          </div>
        ))}
      </dl>
      {limit !== null && <p className="why__note">{limit}</p>}
      {incoming > 0 && (
        <p className="why__note">
          {unitsWords(incoming)} on the way
          {line.nextSupplyAt !== null && `, the next by ${dayWords(line.nextSupplyAt)}`}.
        </p>
      )}
      <LocationTable locations={locations} />
    </details>
  );
}

const COLUMNS = [
  ["On hand", "onHand"],
  ["Set aside", "unavailable"],
  ["Orders", "allocated"],
  ["Carts", "reserved"],
  ["Safety", "safetyStock"],
  ["To sell", "availableToSell"],
] as const;

function LocationTable({ locations }: Pick<Breakdown, "locations">) {
  const { locationName } = useChannels();
  return (
    <table className="places">
      <caption className="visually-hidden">By location</caption>
      <thead>
        <tr>
          <th scope="col">Location</th>
          {COLUMNS.map(([title]) => (
            <th key={title} scope="col" className="places__number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {locations.map((place) => (
          <tr key={place.location}>
            <th scope="row">
              {locationName(place.location)}
              {place.safetyStock > 0 && place.safetyStockRule !== null && (
                <span className="places__rule">
                  {quantityWords(place.safetyStock)} {ruleWords(place.safetyStockRule)}
                </span>
              )}
            </th>
            {COLUMNS.map(([title, field]) => (
              <td key={title} className="places__number" data-title={title}>
                {quantityWords(place[field])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
