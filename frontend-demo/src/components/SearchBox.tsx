import { useEffect, useRef, useState } from "react";
import { useSearchText } from "../hooks/useRoute";
import { Icon } from "./Icon";

const PAUSE_MS = 250;

/** Searches as one types, a pause after the last key. The text is kept in the address. */
export function SearchBox() {
  const [text, search] = useSearchText();
  const [typed, setTyped] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (next: string): void => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(next.trim()), PAUSE_MS);
  };

  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        clearTimeout(timer.current);
        search(typed.trim());
      }}
    >
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search items"
        placeholder="Search"
        value={typed}
        onChange={(event) => change(event.target.value)}
      />
    </form>
  );
}
