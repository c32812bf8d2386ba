import { useChannels } from "../hooks/useChannel";
import { useHolds } from "../hooks/useHolds";
import { useItem, type FamilyItem } from "../hooks/useItem";
import { useTitle } from "../hooks/useTitle";
import { lookOf } from "../rules/attributes";
import { canBeReserved, priceWords } from "../rules/wording";
import { Cart } from "./Cart";
import { Icon } from "./Icon";
import { ItemSkeleton } from "./ItemSkeleton";
import { Link } from "./Link";
import { Note } from "./Note";
import { ProductPicture } from "./ProductPicture";
import { ReserveForm } from "./ReserveForm";
import { StockBlock } from "./StockBlock";
import { Variants } from "./Variants";

/** One item with its family: live stock, why it is so, and a hold on it. */
export function ItemPage({ sku }: { sku: string }) {
  const { channel, state, retry: retryChannels } = useChannels();
  const { item, family, unknown, error, retry } = useItem(sku, channel?.id);
  useTitle(item?.name);
  const failed = state === "failed" || error !== undefined;
  return (
    <>
      <p className="back">
        <Link href="/">
          <Icon name="back" /> All items
        </Link>
      </p>
      {item && channel && <ItemView key={sku} item={item} family={family} />}
      {!item && failed && (
        <Note
          title="This item cannot be shown right now."
          action={{ words: "Try again", run: state === "failed" ? retryChannels : retry }}
        >
          The hub did not answer. What is held in your cart stays yours until its time is up.
        </Note>
      )}
      {(unknown || state === "empty") && (
        <Note tone="plain" title={`There is no item “${sku}”.`}>
          It may have been renamed. All items are one step back.
        </Note>
      )}
      {!item && !failed && !unknown && state !== "empty" && <ItemSkeleton />}
    </>
  );
}

function ItemView({ item, family }: { item: FamilyItem; family: FamilyItem[] }) {
  const { channel } = useChannels();
  const { holds } = useHolds();
  const look = lookOf(item.attributes);
  const others = family.filter((member) => member.sku !== item.sku);
  return (
    <article className="item">
      <ProductPicture look={look} className="picture--large" />
      <div className="item__facts">
        <header className="item__head">
          <h1>{item.name}</h1>
          {look.price && <p className="item__price">{priceWords(look.price)}</p>}
          {look.blurb && <p className="item__blurb">{look.blurb}</p>}
        </header>
        <Variants family={family} sku={item.sku} />
        <StockBlock line={item.availability} />
        {channel && (
          <ReserveForm
            item={item}
            channel={channel.id}
            alternatives={others.filter((one) => canBeReserved(one.availability.status)).length}
          />
        )}
        {holds.length > 0 && (
          <section className="item__cart" aria-labelledby="cart-title">
            <h2 id="cart-title">Your cart</h2>
            <Cart />
          </section>
        )}
      </div>
    </article>
  );
}
