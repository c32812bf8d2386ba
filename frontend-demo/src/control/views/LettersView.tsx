import { useState } from "react";
import { Note } from "../../components/Note";
import { navigate, useSearch } from "../../hooks/useRoute";
import { LettersQuery } from "../operations";
import { Awaited } from "../parts/Awaited";
import { ManyLetters } from "../parts/ManyLetters";
import { LetterRow, type Letter } from "../parts/LetterRow";
import { LettersFilter } from "../parts/LettersFilter";
import { searchOf, soughtOf } from "../rules/route";
import { isLetterState } from "../rules/wording";
import { useLive } from "../useLive";

const FEW = 25;
const MANY = 100;

/** Events that could not be worked: looked at, mended, put back, or ended with a reason. */
export function LettersView() {
  const sought = soughtOf(useSearch());
  const [first, setFirst] = useState(FEW);
  const [open, setOpen] = useState<string>();
  const [told, setTold] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const filter = sought.source === "" ? {} : { source: sought.source };
  const state = isLetterState(sought.state) ? [sought.state] : null;
  const { data, refusal, retry } = useLive(LettersQuery, { first, filter, state });
  const letters = data?.deadLetters.edges.map((edge) => edge.node);
  const hasMore = data?.deadLetters.pageInfo.hasNextPage ?? false;
  // What is no longer on the page is not acted upon.
  const selected = letters?.filter((letter) => chosen.has(letter.id)) ?? [];

  const choose = (id: string, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };

  return (
    <>
      <h1>Dead letters</h1>
      <p className="lead">Events that could not be worked. They hold up nothing.</p>
      <LettersFilter
        sought={sought}
        onSeek={(next) => {
          setChosen(new Set());
          setOpen(undefined);
          navigate(searchOf(next), "replace");
        }}
      />
      <p className="told" role="status">
        {told}
      </p>
      {letters === undefined && (
        <Awaited refusal={refusal} title="The dead letters cannot be shown." retry={retry} />
      )}
      {letters?.length === 0 && <NoLetters isFiltered={sought.source !== ""} state={sought.state} />}
      {letters !== undefined && letters.length > 0 && state?.[0] === "DEAD" && (
        <ManyLetters
          key={sought.source}
          letters={letters}
          selected={selected}
          filter={filter}
          hasMore={hasMore}
          onSelect={(ids) => setChosen(new Set(ids))}
          onDone={(words) => {
            setChosen(new Set());
            setTold(words);
          }}
        />
      )}
      <ul className="rows">
        {letters?.map((letter: Letter) => (
          <LetterRow
            key={letter.id}
            letter={letter}
            isOpen={open === letter.id}
            isChosen={chosen.has(letter.id)}
            onChoose={state?.[0] === "DEAD" ? (on) => choose(letter.id, on) : undefined}
            onOpen={(isOpen) => setOpen(isOpen ? letter.id : undefined)}
            onDone={setTold}
          />
        ))}
      </ul>
      {hasMore && first === FEW && (
        <button type="button" className="button button--quiet" onClick={() => setFirst(MANY)}>
          Show more
        </button>
      )}
      {hasMore && first === MANY && (
        <p className="quiet">The {MANY} newest are shown. Choose a source to see others.</p>
      )}
    </>
  );
}

function NoLetters({ isFiltered, state }: { isFiltered: boolean; state: string }) {
  const of = isFiltered ? " of this source" : "";
  return state === "DEAD" ? (
    <Note tone="plain" title={`No event${of} waits.`}>
      All that came in was worked, put back or discarded.
    </Note>
  ) : (
    <Note tone="plain" title={`There are none${of}.`}>
      Those that were dead letters once are found here for as long as the inbox keeps them.
    </Note>
  );
}
