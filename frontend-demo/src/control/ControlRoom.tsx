import { useEffect, useRef } from "react";
import { Link } from "../components/Link";
import { Note } from "../components/Note";
import { ThemeChoice } from "../components/ThemeChoice";
import { usePath } from "../hooks/useRoute";
import type { WaitingQuery as Waiting } from "./gql/graphql";
import { WaitingQuery } from "./operations";
import { TokenForm } from "./parts/TokenForm";
import { LETTERS_PATH, QUARANTINE_PATH, SOURCES_PATH, viewOf, type View } from "./rules/route";
import { useLive } from "./useLive";
import { LettersView } from "./views/LettersView";
import { QuarantineView } from "./views/QuarantineView";
import { SourcesView } from "./views/SourcesView";
import { SourceView } from "./views/SourceView";

const NONE = {};

/** The control room: what waits for a person, and what came from whom. */
export function ControlRoom() {
  const path = usePath();
  const view = viewOf(path);
  const { data: waiting, refusal, retry } = useLive(WaitingQuery, NONE);
  const main = useRef<HTMLElement>(null);
  const firstPath = useRef(path);

  useEffect(() => {
    // Screen readers and the keyboard start anew on a new page, but not on the first one.
    if (firstPath.current !== path) main.current?.focus({ preventScroll: true });
    firstPath.current = path;
  }, [path]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="room-head">
        <p className="room-head__name">
          Control room <span className="room-head__of">Availability hub</span>
        </p>
        <Rail view={view} waiting={waiting} />
      </header>
      <main id="main" className="room" ref={main} tabIndex={-1}>
        {refusal?.kind === "away" && (
          <Note
            title={waiting ? "What you see is not current." : "The hub cannot be reached."}
            action={{ words: "Try again", run: retry }}
          >
            {refusal.words} This page goes on by itself as soon as it does.
          </Note>
        )}
        {refusal?.kind === "other" && <Note title={refusal.words} />}
        {refusal?.kind === "token" ? (
          <TokenForm why={refusal.words} onGiven={retry} />
        ) : (
          <Shown view={view} waiting={waiting} />
        )}
      </main>
      <footer className="footer">
        <p>
          <a href="/">Storefront</a>
        </p>
        <ThemeChoice />
      </footer>
    </>
  );
}

function Shown({ view, waiting }: { view: View; waiting: Waiting | undefined }) {
  switch (view.view) {
    case "quarantine":
      return <QuarantineView />;
    case "letters":
      return <LettersView />;
    case "source":
      return <SourceView key={view.name} name={view.name} />;
    case "sources":
      return <SourcesView waiting={waiting} />;
  }
}

function Rail({ view, waiting }: { view: View; waiting: Waiting | undefined }) {
  const places = [
    { words: "Sources", path: SOURCES_PATH, here: ["sources", "source"], list: undefined },
    {
      words: "Quarantine",
      path: QUARANTINE_PATH,
      here: ["quarantine"],
      list: waiting?.quarantine,
    },
    { words: "Dead letters", path: LETTERS_PATH, here: ["letters"], list: waiting?.deadLetters },
  ];
  return (
    <nav className="rail" aria-label="Control room">
      {places.map(({ words, path, here, list }) => (
        <Link
          key={path}
          href={path}
          className="rail__place"
          aria-current={here.includes(view.view) ? "page" : undefined}
        >
          {words}
          {list !== undefined && list.edges.length > 0 && (
            <span className="rail__count">
              {list.edges.length}
              {list.pageInfo.hasNextPage && "+"}
              <span className="visually-hidden"> waiting</span>
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
