import type { ListedItem } from "../hooks/useItems";
import { lookOf } from "../rules/attributes";
import { itemPath } from "../rules/route";
import { priceWords } from "../rules/wording";
import { Link } from "./Link";
import { ProductPicture } from "./ProductPicture";
import { StockBadge } from "./StockBadge";

/** An item in the list: picture, name, price, and a stock line that stays current. */
export function ItemCard({ item }: { item: ListedItem }) {
  const look = lookOf(item.attributes);
  return (
    <li className="card" data-sku={item.sku}>
      <ProductPicture look={look} />
      <h2 className="card__name" title={item.name}>
        <Link href={itemPath(item.sku)}>{item.name}</Link>
      </h2>
      <p className="card__price">{look.price && priceWords(look.price)}</p>
      <StockBadge line={item.availability} />
    </li>
  );
}
