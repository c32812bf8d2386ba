import { useEffect, useState } from "react";
import type { LettersSought } from "../rules/route";
import { LETTER_STATES } from "../rules/wording";
import { SourcesQuery, WaitingQuery } from "../operations";
import { useQuery } from "@apollo/client/react";

const TYPED_MS = 300;

interface FilterProps {
  sought: LettersSought;
  onSeek: (sought: LettersSought) => void;
}

/** Which dead letters: of which source, and in which state. */
export function LettersFilter({ sought, onSeek }: FilterProps) {
  const [source, setSource] = useState(sought.source);
  const names = useSourceNames();

  useEffect(() => setSource(sought.source), [sought.source]);
  useEffect(() => {
    if (source === sought.source) return;
    const timer = setTimeout(() => onSeek({ ...sought, source }), TYPED_MS);
    return () => clearTimeout(timer);
  });

  return (
    <form className="filter" role="search" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        Source
        <input
          type="search"
          list="source-names"
          placeholder="All"
          maxLength={64}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <datalist id="source-names">
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <label className="field">
        State
        <select
          value={sought.state}
          onChange={(event) => onSeek({ ...sought, state: event.target.value })}
        >
          {Object.entries(LETTER_STATES).map(([state, { words }]) => (
            <option key={state} value={state}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

/** Names to choose from, as far as they are known already: any other can be typed. */
function useSourceNames(): string[] {
  const { data: all } = useQuery(SourcesQuery, { fetchPolicy: "cache-first" });
  const { data: waiting } = useQuery(WaitingQuery, { fetchPolicy: "cache-only" });
  const names = new Set([
    ...(all?.sources.map((source) => source.name) ?? []),
    ...(waiting?.deadLetters.edges.map((edge) => edge.node.source) ?? []),
  ]);
  return [...names].sort();
}
