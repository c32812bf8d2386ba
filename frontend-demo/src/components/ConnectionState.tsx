import { useConnection } from "../hooks/useConnection";
import { timeWords } from "../rules/wording";

/** One dot with words: whether what the page shows is current. */
export function ConnectionState() {
  const state = useConnection();
  const words = {
    connecting: "Connecting",
    live: "Live",
    catchingUp: "Catching up",
    outdated: "Out of date",
    stale: state.kind === "stale" ? `Not current since ${timeWords(state.since)}` : "",
  }[state.kind];
  return (
    <p className={`connection connection--${state.kind}`} role="status">
      <span className="connection__dot" aria-hidden="true" />
      {words}
    </p>
  );
}
