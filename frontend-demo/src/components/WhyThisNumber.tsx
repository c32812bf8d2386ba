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
  const isKit = line.components.length > 0;
  return (
    <details className="why">
      <summary>
        Why this number <Icon name="chevron" />
      </summary>
      {isKit ? <ComponentTable components={line.components} /> : <Sum breakdown={breakdown} />}
      {limit !== null && <p className="why__note">{limit}</p>}
      {incoming > 0 && (
        <p className="why__note">
          {unitsWords(incoming)} on the way
          {line.nextSupplyAt !== null && `, the next by ${dayWords(line.nextSupplyAt)}`}.
        </p>
      )}
      {!isKit && <LocationTable locations={locations} />}
    </details>
  );
}

function Sum({ breakdown }: Pick<WhyProps, "breakdown">) {
  return (
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
  );
}

/** A kit, to shoppers a set, has no stock of its own: it can be had as often as its scarcest part. */
function ComponentTable({ components }: Pick<StockDetailFragment, "components">) {
  return (
    <table className="places">
      <caption className="visually-hidden">By part of the set</caption>
      <thead>
        <tr>
          <th scope="col">Part</th>
          <th scope="col" className="places__number">
            In a set
          </th>
          <th scope="col" className="places__number">
            To order
          </th>
        </tr>
      </thead>
      <tbody>
        {components.map(({ sku, perKit, availableToOrder }) => (
          <tr key={sku}>
            <th scope="row">{sku}</th>
            <td className="places__number" data-title="In a set">
              {quantityWords(perKit)}
            </td>
            <td className="places__number" data-title="To order">
              {availableToOrder === null ? "no limit" : quantityWords(availableToOrder)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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
