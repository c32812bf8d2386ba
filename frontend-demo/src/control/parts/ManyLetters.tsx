import { useEffect, useRef, useState } from "react";
import type { DeadLetterFilter } from "../gql/graphql";
import {
  DiscardManyMutation,
  DiscardMutation,
  RequeueManyMutation,
  RequeueMutation,
} from "../operations";
import { countWords } from "../rules/wording";
import { useAct } from "../useAct";
import { Ask } from "./Ask";
import type { Letter } from "./LetterRow";

interface ManyProps {
  letters: readonly Letter[];
  selected: readonly Letter[];
  filter: DeadLetterFilter;
  /** Whether there are more like them than are shown. */
  hasMore: boolean;
  onSelect: (ids: string[]) => void;
  onDone: (told: string) => void;
}

/** As many as the hub does in one go; where there are more, they are still in the list. */
const AT_ONCE = 10_000;

/** Puts back or discards several dead letters at once: those selected, or all that are like them. */
export function ManyLetters({ letters, selected, filter, hasMore, onSelect, onDone }: ManyProps) {
  const [doing, setDoing] = useState<"requeue" | "discard">();
  const [everyOne, setEveryOne] = useState(false);
  const act = useAct();
  const box = useRef<HTMLInputElement>(null);
  const areAll = selected.length === letters.length;
  const isEveryOne = everyOne && areAll && hasMore;
  const what = isEveryOne ? "all that are like them" : countWords(selected.length, "event");

  useEffect(() => {
    if (box.current) box.current.indeterminate = selected.length > 0 && !areAll;
  }, [selected.length, areAll]);

  const oneByOne = async (reason: string) => {
    let count = 0;
    for (const { id } of selected) {
      const { problem } = await (doing === "discard"
        ? act(DiscardMutation, { id, reason })
        : act(RequeueMutation, { id }));
      if (problem !== undefined) return { count, problem };
      count += 1;
    }
    return { count };
  };
  const atOnce = async (reason: string) => {
    const { done, problem } = await (doing === "discard"
      ? act(DiscardManyMutation, { filter, reason, most: AT_ONCE })
      : act(RequeueManyMutation, { filter, most: AT_ONCE }));
    const answer = Object.values(done ?? {})[0];
    return { count: answer !== undefined && "count" in answer ? answer.count : 0, problem };
  };
  const run = async (reason: string): Promise<string | undefined> => {
    const { count, problem } = await (isEveryOne ? atOnce(reason) : oneByOne(reason));
    if (problem !== undefined) {
      return count === 0 ? problem : `${countWords(count, "event")} done, then: ${problem}`;
    }
    // What is chosen next is chosen anew.
    setEveryOne(false);
    onDone(`${countWords(count, "event")} ${doing === "discard" ? "discarded" : "put back"}.`);
    return undefined;
  };

  return (
    <div className="many">
      <label className="check">
        <input
          ref={box}
          type="checkbox"
          checked={areAll}
          onChange={(event) =>
            onSelect(event.target.checked ? letters.map((letter) => letter.id) : [])
          }
        />
        {selected.length === 0 ? "Select all" : `${selected.length} selected`}
      </label>
      {areAll && hasMore && (
        <label className="check">
          <input
            type="checkbox"
            checked={everyOne}
            onChange={(event) => setEveryOne(event.target.checked)}
          />
          and all others like them
        </label>
      )}
      {selected.length > 0 && (
        <span className="actions">
          <button
            type="button"
            className="button button--quiet"
            onClick={() => setDoing("requeue")}
          >
            Requeue selected…
          </button>
          <button
            type="button"
            className="button button--quiet"
            onClick={() => setDoing("discard")}
          >
            Discard selected…
          </button>
        </span>
      )}
      {doing === "requeue" && (
        <Ask
          title={`Requeue ${what}?`}
          words="Requeue"
          onDo={run}
          onClose={() => setDoing(undefined)}
        >
          <p>They are worked again as they are. What takes effect then cannot be undone.</p>
        </Ask>
      )}
      {doing === "discard" && (
        <Ask
          title={`Discard ${what}?`}
          words="Discard"
          reasonLabel="Why, for those who look at it later"
          onDo={run}
          onClose={() => setDoing(undefined)}
        >
          <p>They are never worked. Requeueing undoes that, for as long as they are kept.</p>
        </Ask>
      )}
    </div>
  );
}
