import { useChannels } from "../hooks/useChannel";
import { useItems } from "../hooks/useItems";
import { useSearchText } from "../hooks/useRoute";
import { useTitle } from "../hooks/useTitle";
import { ItemCard } from "./ItemCard";
import { ListSkeleton } from "./ListSkeleton";
import { Note } from "./Note";
import { SearchBox } from "./SearchBox";

/** All items of the shop, searchable, with live stock lines. */
export function ListPage() {
  const { channel, state, retry: retryChannels } = useChannels();
  const [text, search] = useSearchText();
  useTitle(undefined);
  const list = useItems(text, channel?.id);
  const { items, total, error } = list;
  const failed = state === "failed" || (error !== undefined && items === undefined);

  return (
    <>
      <div className="list-head">
        <div>
          <h1>The collection</h1>
          <p className="list-head__count" role="status">
            {items && countWords(items.length, total, text)}
          </p>
        </div>
        <SearchBox />
      </div>

      {failed && (
        <Note
          title="The items cannot be shown right now."
          action={{ words: "Try again", run: state === "failed" ? retryChannels : list.retry }}
        >
          The hub did not answer. What is held in your cart stays yours until its time is up.
        </Note>
      )}
      {state === "empty" && (
        <Note tone="plain" title="There is no shop yet.">
          As soon as the hub has a channel and items, they appear here.
        </Note>
      )}
      {error && items && (
        <Note title="Some items are missing here." action={{ words: "Try again", run: list.retry }}>
          Those that are shown are current.
        </Note>
      )}
      {items?.length === 0 && !error && <NothingFound text={text} onShowAll={() => search("")} />}
      {!items && !failed && state !== "empty" && <ListSkeleton />}

      {items && items.length > 0 && (
        <ul className={list.searching ? "grid grid--waiting" : "grid"}>
          {items.map((item) => (
            <ItemCard key={item.sku} item={item} />
          ))}
        </ul>
      )}
      {list.hasMore && (
        <div className="more">
          <button
            type="button"
            className="button button--quiet"
            disabled={list.loadingMore}
            onClick={list.showMore}
          >
            {list.loadingMore ? "Fetching more…" : "Show more"}
          </button>
        </div>
      )}
    </>
  );
}

function NothingFound({ text, onShowAll }: { text: string; onShowAll: () => void }) {
  if (text === "") {
    return (
      <Note tone="plain" title="No items here yet.">
        Items appear here as soon as the hub knows them.
      </Note>
    );
  }
  return (
    <Note
      tone="plain"
      title={`Nothing matches “${text}”.`}
      action={{ words: "Show all items", run: onShowAll }}
    >
      Try a shorter word, or the beginning of the item number.
    </Note>
  );
}

function countWords(shown: number, total: number, text: string): string {
  const what = `${total} ${total === 1 ? "item" : "items"}`;
  const found = text ? `${what} for “${text}”` : what;
  return shown < total ? `${shown} of ${found}` : found;
}
